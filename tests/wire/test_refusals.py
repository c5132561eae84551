"""Bad requests get a clear error in the client's own format that names the offender; never a 500."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.site import HAL, SIREN, XML, Site

ON_ONE_ENGINE = True

CUSTOMERS = "/stores/66/customers"

BAD_REQUESTS = [
    (f"{CUSTOMERS}?limit=-1", 400, "limit", "-1"),
    (f"{CUSTOMERS}?limit=abc", 400, "limit", "abc"),
    (f"{CUSTOMERS}?limit=", 400, "limit", "whole number"),
    (f"{CUSTOMERS}?limit=1.5", 400, "limit", "1.5"),
    (f"{CUSTOMERS}?limit=%D9%A1%D9%A2", 400, "limit", "١٢"),
    (f"{CUSTOMERS}?limit=1&limit=2", 400, "limit", "more than once"),
    (f"{CUSTOMERS}?offset=1e99", 400, "offset", "1e99"),
    (f"{CUSTOMERS}?offset=99999999999999999999", 400, "offset", "2147483647"),
    (f"{CUSTOMERS}?offset=2147483648", 400, "offset", "2147483648"),
    (f"{CUSTOMERS}?cursor=x", 400, "cursor", "x"),
    (f"{CUSTOMERS}?is_anonymous=maybe", 400, "is_anonymous", "maybe"),
    (f"{CUSTOMERS}?nonsense=1", 400, "nonsense", "zoom, fields, limit"),
    (f"{CUSTOMERS}?email:like=x", 400, "email:like", "not, in, lessthan"),
    (f"{CUSTOMERS}?password_hash=x", 400, "password_hash", "not a known parameter"),
    (f"{CUSTOMERS}?fields=email,nonsense", 400, "fields", "nonsense"),
    (f"{CUSTOMERS}?fields=password", 400, "fields", "password"),
    (f"{CUSTOMERS}?zoom=nonsense", 400, "zoom", "nonsense"),
    ("/stores/66/transactions?customer_id=x", 400, "customer_id", "x"),
    ("/stores/66/transactions?email=x", 400, "email", "customer_id"),
    ("/customers/115?limit=3", 400, "limit", "zoom, fields"),
    ("/customers/115?%00=1", 400, "\ufffd", "not a known parameter"),
    ("/?zoom=customer", 400, "zoom", "takes none"),
    ("/rels?limit=1", 400, "limit", "offers q"),
    ("/customers/115?zoom=%FF%FE", 400, None, "UTF-8"),
    ("/customers/115?" + "x" * 100_000, 414, None, "8192"),
    ("/customers/115?zoom=fx", 400, "zoom", "'fx'"),
    ("/customers/115?zoom=:", 400, "zoom", "''"),
    ("/customers/115?zoom=fx:fx:attributes", 400, "zoom", "'fx'"),
    ("/property_helpers/countries?active=true&active=false", 400, "active", "more than once"),
    ("/customers/abc", 404, "id", "abc"),
    ("/customers/0", 404, "id", "0"),
    ("/customers/-1", 404, "id", "-1"),
    ("/customers/0115", 404, "id", "0115"),
    ("/customers/115.0", 404, "id", "115.0"),
    ("/customers/1e2", 404, "id", "1e2"),
    ("/customers/2147483648", 404, "id", "2147483648"),
    ("/customers/99999999999999999999999", 404, "id", "99999999999999999999999"),
    ("/customers/%D9%A1%D9%A2", 404, "id", "١٢"),
    ("/customers/999", 404, None, "customer 999"),
    ("/customers/999/attributes", 404, None, "customer 999"),
    ("/customers/999/default_billing_address", 404, None, "customer 999"),
    ("/customers/999/default_payment_method", 404, None, "customer 999"),
    ("/stores/65/customers", 404, None, "store 65"),
    ("/customer_attributes/999999", 404, None, "attribute 999999"),
    ("/nowhere", 404, None, 'No route found for "GET /nowhere"'),
    ("/customers", 404, None, 'No route found for "GET /customers"'),
    ("/customers/115/", 404, None, "No route found"),
    ("/rels/nonsense", 404, None, "nonsense"),
    ("/property_helpers/nonsense", 404, None, "nonsense"),
    ("/property_helpers/regions?country_code=XX", 400, "country_code", "XX"),
    ("/property_helpers/regions?country_code=", 400, "country_code", "alpha-2"),
    ("/property_helpers/countries?include_regions=perhaps", 400, "include_regions", "perhaps"),
    ("/%FF%FE", 404, None, "No route found"),
    ("/" + "x" * 20_000, 404, None, "No route found"),
]


def read_hal(body: bytes) -> list[dict[str, Any]]:
    document = json.loads(body)
    errors: list[dict[str, Any]] = document["_embedded"]["fx:errors"]
    assert document["total"] == len(errors)
    return errors


def read_xml(body: bytes) -> list[dict[str, Any]]:
    root = etree.fromstring(body)
    return [
        {child.tag: child.text or None for child in each if child.tag != "link"}
        for each in root.findall("resource")
    ]


def read_siren(body: bytes) -> list[dict[str, Any]]:
    document = json.loads(body)
    assert document["class"] == ["errors"]
    return [each["properties"] for each in document["entities"]]


READERS = {HAL: read_hal, XML: read_xml, SIREN: read_siren}


@pytest.mark.parametrize("media_type", READERS)
@pytest.mark.parametrize(
    ("path", "status", "name", "said"), BAD_REQUESTS, ids=[path[:60] for path, *_ in BAD_REQUESTS]
)
def test_a_bad_request_is_refused_in_the_clients_own_format(
    site: Site, path: str, status: int, name: str | None, said: str, media_type: str
) -> None:
    answer = site.ask(path, media_type)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, media_type)
    (error, *_) = READERS[media_type](answer.data)
    assert error["property"] == name
    assert said in error["message"]
    assert error["code"]
    assert error["logref"].startswith("id-")


ALLOWED = {
    "/": "GET, HEAD, OPTIONS",
    "/rels": "GET, HEAD, OPTIONS",
    "/customers/115": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    CUSTOMERS: "GET, HEAD, POST, OPTIONS",
    "/customers/115/attributes": "GET, HEAD, POST, PUT, PATCH, OPTIONS",
    "/customers/115/default_payment_method": "GET, HEAD, PUT, PATCH, OPTIONS",
    "/customers/115/send_webhooks": "POST, OPTIONS",
}
NOT_OFFERED = [
    (path, method)
    for path, allow in ALLOWED.items()
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
    if method not in allow
]


@pytest.mark.parametrize(("path", "method"), NOT_OFFERED)
def test_a_method_that_is_not_offered_is_405_with_those_that_are(site: Site, path: str, method: str) -> None:
    answer = site.ask(path, method=method)
    allow = ALLOWED[path]

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    (error,) = read_hal(answer.data)
    assert error["message"] == f'No route found for "{method} {path}": Method Not Allowed (Allow: {allow})'


@pytest.mark.parametrize(
    "accept", ["text/csv", "application/hal+json;q=0", "image/*", "application/problem+json"]
)
def test_an_accept_that_nothing_satisfies_is_406_listing_what_is_offered(site: Site, accept: str) -> None:
    answer = site.ask("/customers/115", accept)

    assert answer.status_code == 406
    for media_type in (HAL, XML, SIREN):
        assert media_type in answer.text


def test_problem_details_answer_errors_to_who_asks_for_them_by_name(site: Site) -> None:
    answer = site.ask(f"{CUSTOMERS}?limit=x", "application/problem+json, application/hal+json")

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    problem = json.loads(answer.data)
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    assert problem["errors"][0]["pointer"] == "#/limit"
    success = site.ask("/customers/115", "application/problem+json, application/hal+json")
    assert success.headers["Content-Type"] == HAL


def test_every_unknown_parameter_has_an_entry_of_its_own(site: Site) -> None:
    _, errors = site.refused(f"{CUSTOMERS}?one=1&two=2")

    assert [each["property"] for each in errors] == ["one", "two"]


def test_aliases_are_answered_by_the_name_that_was_asked_for(site: Site) -> None:
    assert site.ask("/customers/115", "application/json").headers["Content-Type"] == "application/json"
    assert site.ask("/customers/115", "application/xml").headers["Content-Type"] == "application/xml"
    assert site.ask("/customers/115", None).headers["Content-Type"] == HAL
    assert site.ask("/customers/115", "*/*").headers["Content-Type"] == HAL


def test_a_browser_gets_a_page(site: Site) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

    for path, status in (("/", 200), ("/rels/customer", 200), ("/customers/115", 200), ("/nowhere", 404)):
        answer = site.ask(path, browser)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["a b", "evil/path", "x'y", "<b>", "a@b", "host:port", "host:99999", ""])
def test_a_host_that_is_none_is_refused(site: Site, host: str) -> None:
    answer = site.ask("/customers/115", headers={"Host": host})

    assert answer.status_code == 400
    if host:
        assert host.encode() not in answer.data.replace(b"http://", b"")


def test_forwarding_headers_do_not_steer_links(site: Site) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Forwarded-Proto": "https",
    }

    assert b"evil" not in site.ask("/customers/115", headers=forged).data


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.sampled_from(["zoom", "fields", "limit", "offset", "cursor", "is_anonymous", "x", ""])
paths = st.sampled_from(
    [
        "/",
        CUSTOMERS,
        "/customers/{}",
        "/customers/115/{}",
        "/rels/{}",
        "/stores/66/{}",
        "/property_helpers/{}",
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=paths, inner=text, query=st.lists(st.tuples(names, text), max_size=4), accept=text)
def test_no_path_query_or_accept_makes_the_server_fail(
    site: Site, path: str, inner: str, query: list[tuple[str, str]], accept: str
) -> None:
    asked = "&".join(f"{quote(name)}={quote(value)}" for name, value in query)
    accept = "".join(each for each in accept if each.isprintable() and ord(each) < 256)

    answer = site.ask(f"{path.format(quote(inner))}?{asked}", accept)
    assert answer.status_code in {200, 304, 400, 404, 405, 406}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(raw=st.binary(max_size=60))
def test_no_bytes_in_a_query_make_the_server_fail(site: Site, raw: bytes) -> None:
    environ = {"QUERY_STRING": raw.decode("latin-1"), "HTTP_AUTHORIZATION": f"Bearer {site.token}"}
    with site.app.test_client() as client:
        answer = client.get("/customers/115", environ_overrides=environ)

    assert answer.status_code in {200, 400}
