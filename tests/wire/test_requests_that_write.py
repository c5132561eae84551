"""What every write understands beside its body: overrides, preferences, and the media types of the body."""

import json
from typing import Any

import pytest

from app import bodies
from tests.site import FORMATS, HAL, HAL_FORMS, SIREN, XML, Site
from tests.wire.documents import document, read, refusals
from tests.wire.encodings import MULTIPART, WRITERS
from tests.wire.test_round_trips import as_seen
from tests.wire.valid import REGISTRY, WRITABLE, Writable, new, valid

CUSTOMER = REGISTRY.types["customer"]
CUSTOMERS = "/stores/66/customers"


@pytest.fixture
def customer(shared_site: Site) -> str:
    """The path of a customer."""
    return new(shared_site, CUSTOMER)


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE", "patch", " Put "])
def test_a_post_may_stand_for_another_method(shared_site: Site, customer: str, method: str) -> None:
    body = shared_site.hal(customer) | {"first_name": "Ada"}
    answer = shared_site.send("POST", customer, body, X_HTTP_Method_Override=method)

    assert answer.status_code == 200
    now = shared_site.ask(customer)
    assert now.status_code == 404 if method == "DELETE" else now.data == answer.data
    assert method == "DELETE" or answer.json["first_name"] == "Ada"


@pytest.mark.parametrize("method", ["GET", "BREW", "", "PATCH, PUT", "OPTIONS"])
def test_no_post_stands_for_a_method_that_it_cannot(shared_site: Site, method: str) -> None:
    body = {"email": valid(CUSTOMER)["email"]}

    said = refusals(shared_site.send("POST", CUSTOMERS, body, X_HTTP_Method_Override=method))
    text = "X-HTTP-Method-Override must be one of DELETE, PATCH, PUT"
    assert said == {"X-HTTP-Method-Override": text}
    assert shared_site.send("POST", CUSTOMERS, body, X_HTTP_Method_Override="post").status_code == 201


def test_only_a_post_is_overridden(shared_site: Site, customer: str) -> None:
    for method in ("GET", "PUT", "PATCH", "OPTIONS"):
        answer = shared_site.send(
            method, customer, shared_site.hal(customer), X_HTTP_Method_Override="DELETE"
        )
        assert answer.status_code == 200
    assert shared_site.ask(customer).status_code == 200
    assert shared_site.send("POST", customer, {}, X_HTTP_Method_Override="POST").status_code == 405


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_minimal_answer_is_an_address_and_a_message(shared_site: Site, media_type: str) -> None:
    body = {"email": valid(CUSTOMER)["email"]}
    created = shared_site.send("POST", CUSTOMERS, body, media_type, media_type, Prefer="return=minimal")
    path = created.headers["Location"]
    number = path.rpartition("/")[2]
    updated = shared_site.send(
        "PATCH", path, {"first_name": "Ada"}, media_type, media_type, Prefer='foo; bar=1, return="minimal"'
    )

    for answer, done in ((created, "created"), (updated, "updated")):
        assert answer.headers["Preference-Applied"] == "return=minimal"
        assert "Prefer" in answer.headers["Vary"]
        said = document(media_type, answer.data).properties
        assert said == {"message": f"customer {number} {done} successfully."}
        assert links(media_type, answer.data) == [path]
    tag = updated.headers["ETag"]
    assert shared_site.send("PATCH", path, {}, If_Match=tag).status_code == 200, "it has the version"
    assert len(updated.data) < 400


def links(media_type: str, body: bytes) -> list[str]:
    if media_type == XML:
        return [each.partition('"')[0] for each in body.decode().split('<link rel="self" href="')[1:]]
    document = json.loads(body)
    if media_type == HAL:
        return [link["href"] for rel, link in document["_links"].items() if rel != "curies"]
    assert "actions" not in document
    return [link["href"] for link in document["links"]]


def test_a_representation_is_what_is_answered_otherwise(shared_site: Site, customer: str) -> None:
    for prefer in (
        "",
        "return=representation",
        "return=maximal",
        "x" * 5000,
        "return=representation, return=minimal",
    ):
        answer = shared_site.send("PATCH", customer, {}, Prefer=prefer)
        assert answer.json == shared_site.hal(customer)
        assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize("kind", WRITABLE, ids=lambda it: it.name)
def test_handling_leniently_passes_over_what_is_unknown(shared_site: Site, kind: Writable) -> None:
    path = kind.make(shared_site)
    before = as_seen(shared_site, path)
    for media_type in FORMATS:
        edited = read(shared_site, path, media_type)
        edited.set("nonsense", "x")
        refused = shared_site.send("PUT", path, edited.body, media_type)
        assert refusals(refused).keys() == {"nonsense"}
        answer = shared_site.send("PUT", path, edited.body, media_type, Prefer="handling=lenient")
        assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "handling=lenient")
        assert "Prefer" in answer.headers["Vary"]
    assert as_seen(shared_site, path) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "GET"])
@pytest.mark.parametrize(
    "named", ["customer_addresses", '"fx:customer_addresses"', '"http://localhost/rels/customer_addresses"']
)
def test_what_is_to_be_transcluded_is_embedded(
    shared_site: Site, customer: str, method: str, named: str
) -> None:
    path = CUSTOMERS if method == "POST" else customer
    body = {"email": valid(CUSTOMER)["email"]}
    answer = shared_site.send(method, path, body, Prefer=f"transclude={named}")

    assert answer.json["_embedded"].keys() == {"fx:attributes", "fx:customer_addresses"}
    assert answer.headers["Preference-Applied"] == 'transclude="customer_addresses"'
    assert answer.headers["Vary"] == "Accept, Authorization, Prefer"
    both = shared_site.send(
        method,
        path,
        {**body, "email": valid(CUSTOMER)["email"]},
        Prefer=f"transclude={named}, return=minimal",
    )
    if method != "GET":
        assert both.headers["Preference-Applied"] == "return=minimal", (
            "nothing is embedded in no more than a message"
        )


def test_a_json_body_may_call_itself_text(shared_site: Site) -> None:
    for media_type in ("text/plain;charset=UTF-8", "TEXT/PLAIN"):
        body = json.dumps({"email": valid(CUSTOMER)["email"], "tax_exempt": True}).encode()
        answer = shared_site.send("POST", CUSTOMERS, body, media_type, None)
        assert (answer.status_code, answer.json["tax_exempt"]) == (201, True), answer.text
    assert shared_site.send("POST", CUSTOMERS, b"hello", "text/plain").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_every_media_type_that_is_offered_is_taken(shared_site: Site, customer: str, method: str) -> None:
    path = CUSTOMERS if method == "POST" else customer
    headers = shared_site.ask(path, method="OPTIONS").headers
    offered = headers.get({"POST": "Accept-Post"}.get(method, "Accept-Patch"), "").split(", ")
    offered = [each for each in offered if method == "PATCH" or "patch" not in each]
    assert offered == list(bodies.offered(method))

    for media_type in offered:
        alike = {"multipart/form-data": MULTIPART, "text/xml": XML, HAL_FORMS: HAL}
        written = alike.get(media_type, media_type)
        sent = valid(CUSTOMER) | {"first_name": media_type[:50]}
        body = WRITERS[written](sent)
        content_type = MULTIPART if media_type == "multipart/form-data" else media_type
        answer = shared_site.send(method, path, body, content_type)
        assert answer.status_code == (201 if method == "POST" else 200), answer.text
        assert answer.json["first_name"] == media_type[:50]


@pytest.mark.parametrize(
    "media_type", ["", "text/csv", "application/jsonp", "application/json; charset=latin-1", "nonsense"]
)
def test_other_media_types_are_refused_naming_those_that_are_offered(
    shared_site: Site, customer: str, media_type: str
) -> None:
    for method, path, header in (("PATCH", customer, "Accept-Patch"), ("POST", CUSTOMERS, "Accept-Post")):
        answer = shared_site.send(method, path, b"{}", media_type)
        assert answer.status_code == 415
        assert answer.headers[header] == ", ".join(bodies.offered(method))
    for patch in ("application/merge-patch+json", "application/json-patch+json"):
        assert shared_site.send("PUT", customer, b"{}", patch).status_code == 415


@pytest.mark.parametrize("media_type", [HAL, SIREN, XML])
def test_what_is_malformed_is_refused_in_the_clients_own_format(
    shared_site: Site, customer: str, media_type: str
) -> None:
    answer = shared_site.send("PATCH", customer, b"{<nonsense", media_type, media_type)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, media_type)
    assert "malformed_body" in answer.text


def test_a_json_patch_applies_as_a_whole_or_not_at_all(shared_site: Site, customer: str) -> None:
    def patch(*operations: dict[str, Any]) -> Any:
        body = json.dumps(operations).encode()
        return shared_site.send("PATCH", customer, body, "application/json-patch+json")

    before = shared_site.hal(customer)
    name = {"op": "add", "path": "/first_name", "value": "Ada"}
    assert patch(name, {"op": "test", "path": "/tax_exempt", "value": True}).status_code == 409
    assert patch(name, {"op": "replace", "path": "/nonsense", "value": 1}).status_code == 409
    assert patch(name, {"op": "add", "path": "/nonsense", "value": 1}).status_code == 400
    assert refusals(patch(name, {"op": "remove", "path": "/email"})).keys() == {"email"}
    assert shared_site.hal(customer) == before

    copied = patch(name, {"op": "copy", "from": "/first_name", "path": "/last_name"}).json
    assert (copied["first_name"], copied["last_name"]) == ("Ada", "Ada")
    assert patch({"op": "remove", "path": "/first_name"}).json["first_name"] is None
