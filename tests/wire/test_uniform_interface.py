"""Every address takes the methods that it declares and no others, as documented."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.hypermedia import READ
from app.portal.portals import OWN_PATH
from tests.site import BASE, FORMATS, HAL, HAL_FORMS, SIREN, Site, hash_cheaply, open_site
from tests.wire.addresses import ADDRESSES, Address, add_trade
from tests.wire.documents import document, flat, read
from tests.wire.test_store_walls import EXPLORER, OAUTH, ODATA
from tests.wire.valid import least

ON_ONE_ENGINE = True

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

each_address = pytest.mark.parametrize("address", ADDRESSES, ids=lambda it: it.rule)


def that_take(*methods: str, addresses: Sequence[Address] = ADDRESSES) -> pytest.MarkDecorator:
    """A test for each of the addresses and each of these methods that it takes, in each format."""
    taken = [(each, method) for each in addresses for method in methods if method in each.methods]
    ids = [f"{method} {each.rule}" for each, method in taken]
    return pytest.mark.parametrize(("address", "method"), taken, ids=ids)


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with rows of every type, which this module may change."""
    with open_site(engine_name, tmp_path_factory.mktemp("uniform")) as opened:
        hash_cheaply(opened)
        add_trade(opened, 120)
        yield opened


def test_the_addresses_are_those_that_are_declared(site: Site) -> None:
    served = {rule.rule: set(rule.methods or ()) for rule in site.app.url_map.iter_rules()}
    declared = {each.rule: set(each.methods) for each in ADDRESSES}
    served = {
        rule: methods
        for rule, methods in served.items()
        if OWN_PATH not in rule and rule not in ODATA | EXPLORER
    }
    public = {rule for rule in served if "<owner_id>" not in rule} - declared.keys() - OAUTH

    assert {rule: methods for rule, methods in served.items() if rule not in public | OAUTH} == declared
    assert all(served[rule] == set(READ) for rule in public)


@that_take("GET")
def test_what_can_be_read_is_read_in_every_format(site: Site, address: Address, method: str) -> None:
    path = address.make(site)
    for media_type in FORMATS:
        got, head = site.ask(path, media_type), site.ask(path, media_type, method="HEAD")

        assert (got.status_code, got.headers["Content-Type"]) == (200, media_type)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == got.headers["ETag"]


@each_address
def test_other_methods_are_refused_naming_those_that_are_taken(site: Site, address: Address) -> None:
    path, allow = address.make(site), ", ".join(each for each in METHODS if each in address.methods)
    for method in {*METHODS, "TRACE"} - set(address.methods):
        for media_type in FORMATS:
            answer = site.send(method, path, {}, accept=media_type)

            assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
            assert answer.headers["Content-Type"] == media_type
            if method != "HEAD":
                assert f"Method Not Allowed (Allow: {allow})" in answer.text


@pytest.mark.parametrize("media_type", FORMATS)
@that_take("POST", addresses=[each for each in ADDRESSES if not each.taken])
def test_post_creates_and_says_where(site: Site, address: Address, method: str, media_type: str) -> None:
    answer = site.send("POST", address.make(site), address.body(), media_type, media_type)

    assert (answer.status_code, answer.headers["Content-Type"]) == (201, media_type), answer.text
    assert address.target
    location = answer.headers["Location"]
    number = location.rpartition("/")[2]
    assert location.startswith(f"{BASE}/")
    assert answer.headers["Content-Location"] == location
    assert answer.headers["ETag"].startswith('"1-')
    created = document(media_type, answer.data)
    assert created.properties["message"] == f"{address.target.rel} {number} created successfully."
    for name in ("message", "client_secret", "token"):
        if name in created.properties:
            created.drop(name)
    assert created.properties == read(site, location, media_type).properties


@pytest.mark.parametrize("media_type", FORMATS)
@that_take("PUT", "PATCH")
def test_put_and_patch_answer_with_what_stands_there_now(
    site: Site, address: Address, method: str, media_type: str
) -> None:
    path = address.make(site)
    body = address.body()
    answer = site.send(method, path, [body] if address.many else body, media_type, media_type)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type), answer.text
    now = site.ask(path, media_type)
    assert answer.data == now.data
    for name in ("ETag", "Content-Location", "Last-Modified", "Link", "Vary", "Cache-Control"):
        assert answer.headers.get(name) == now.headers.get(name)
    again = site.send(method, path, [body] if address.many else body, media_type, media_type)
    assert again.status_code == 200
    if "password" not in body:
        assert (again.data, again.headers["ETag"]) == (answer.data, answer.headers["ETag"])


@pytest.mark.parametrize("media_type", FORMATS)
@that_take("DELETE")
def test_delete_says_so_and_leaves_nothing(
    site: Site, address: Address, method: str, media_type: str
) -> None:
    path = address.make(site)
    if address.relation:
        assert site.send("PUT", path, address.body()).status_code == 200
    answer = site.ask(path, media_type, method="DELETE")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type), answer.text
    number = path.split("/")[2]
    message = document(media_type, answer.data).properties["message"]
    named = f"{address.rel} of {address.owner.rel}" if address.relation else address.rel
    assert message == f"{named} {number} deleted successfully."
    assert "ETag" not in answer.headers
    gone = site.ask(path, media_type)
    assert gone.headers["ETag"].startswith('"0-') if address.relation else gone.status_code == 404


# What is said of all this is said alike everywhere, and is true.


@each_address
def test_options_allow_siren_and_the_page_of_the_relation_agree(site: Site, address: Address) -> None:
    path = address.make(site)
    answers = {media_type: site.ask(path, media_type, method="OPTIONS") for media_type in FORMATS}
    told = json.loads(answers[HAL].data)

    assert {answer.headers["Allow"] for answer in answers.values()} == {", ".join(address.methods)}
    assert told["allow"] == list(address.methods)
    assert list(site.hal(f"/rels/{address.rel}")["methods"]) == list(address.methods)
    acting = [each["method"] for each in told["actions"].values()]
    assert sorted(acting) == sorted([*address.writing, *(["GET"] if address.many else [])])
    for media_type in FORMATS:
        assert flat(document(media_type, answers[media_type].data).properties) == flat(
            document(HAL, answers[HAL].data).properties
        )
    offered = json.loads(answers[SIREN].data).get("actions", [])
    assert {each["name"]: as_told(each) for each in offered} == told["actions"]
    templates = json.loads(site.ask(path, HAL_FORMS, method="OPTIONS").data).get("_templates", {})
    told = [(each["method"], each["target"]) for each in templates.values()]
    assert told == [(each["method"], each["href"]) for each in offered]
    if "GET" in address.methods:
        shown = site.siren(path).get("actions", [])
        elsewhere = [each for each in shown if each["href"] != BASE + path]
        assert all(each in offered for each in shown if each not in elsewhere)
        missing = {each["method"] for each in offered} - {each["method"] for each in shown}
        assert missing <= {"DELETE"}, "only what is blank cannot be deleted"


@that_take("POST", "PUT", "PATCH")
def test_an_affordance_filled_in_is_accepted(site: Site, address: Address, method: str) -> None:
    path, fields = address.make(site), fields_of(site, address, method)
    body = {name: value for name, value in address.body().items() if name in fields}
    answer = site.send(method, path, body)

    assert set(body) == set(fields), "the table of valid bodies names every field"
    assert answer.status_code == (201 if method == "POST" and address.target else 200), answer.text


@that_take("POST", "PUT", "PATCH")
def test_each_limit_of_an_affordance_is_held_all_faults_at_once(
    site: Site, address: Address, method: str
) -> None:
    path, fields = address.make(site), fields_of(site, address, method)
    too_long = {name: "x" * (each["maxLength"] + 1) for name, each in fields.items() if "maxLength" in each}
    unlisted = {name: "x" for name, each in fields.items() if "options" in each}
    mistyped = {name: "x" for name, each in fields.items() if each["type"] in ("checkbox", "number")}
    wrong = {**too_long, **unlisted, **mistyped}
    entries = faults(site.send(method, path, wrong), address, method) if wrong else {}

    for name in set(too_long) - set(unlisted):
        most = fields[name]["maxLength"]
        assert f"{name} is too long (maximum is {most} characters)" in entries[name]["message"]
    for name in unlisted:
        assert f"{name} is not included in the list" in entries[name]["message"]
    for name in mistyped:
        kind = "true or false" if fields[name]["type"] == "checkbox" else "a number"
        assert entries[name]["message"] == f"{name} is not {kind}"
    assert set(entries) >= {*too_long, *unlisted, *mistyped}

    for limit, beyond, words in (("min", -1, "greater"), ("max", 1, "less")):
        outside = {name: each[limit] + beyond for name, each in fields.items() if limit in each}
        if outside:
            entries = faults(site.send(method, path, address.body() | outside), address, method)
            assert {name: each["message"] for name, each in entries.items()} == {
                name: f"{name} must be {words} than or equal to {fields[name][limit]}" for name in outside
            }


@that_take("POST", "PUT")
def test_what_an_affordance_requires_and_nothing_else_cannot_be_left_out(
    site: Site, address: Address, method: str
) -> None:
    fields = fields_of(site, address, method)
    required = {name for name, each in fields.items() if each.get("required")}
    others = {name: value for name, value in address.body().items() if name not in required}
    instead = set(least(address.target)) if address.target and method == "POST" else required
    for body, missing in (({}, instead), (others, required)):
        path = address.make(site)
        answer = site.send(method, path, [body] if address.many and method == "PUT" else body)
        if not missing:
            assert answer.status_code == (201 if address.target and method == "POST" else 200)
            continue
        entries = faults(answer, address, method)
        assert set(entries) == missing
        for name in required:
            text = f"{name} can't be blank"
            text += f", {name} is too short (minimum is 1 characters)" if is_text(fields[name]) else ""
            assert (entries[name]["message"], entries[name]["code"]) == (text, "blank")


def is_text(field: dict[str, Any]) -> bool:
    """Whether a field takes a text as people type it."""
    return field["type"] in ("text", "email", "password")


def fields_of(site: Site, address: Address, method: str) -> dict[str, Any]:
    """The fields that OPTIONS says a method takes."""
    told = json.loads(site.ask(address.make(site), HAL, method="OPTIONS").data)
    (action,) = [each for each in told["actions"].values() if each["method"] == method]
    fields: dict[str, Any] = action["fields"]
    return fields


def faults(answer: TestResponse, address: Address, method: str) -> dict[str, Any]:
    """The entries of a refusal by the property that they are about, which each has one of."""
    assert answer.status_code == 400, answer.text
    entries = answer.json["_embedded"]["fx:errors"]
    prefix = "[0]." if address.many and method != "POST" else ""
    assert all(each["property"].startswith(prefix) for each in entries)
    named = {each["property"].removeprefix(prefix): each for each in entries}
    assert len(named) == len(entries) == answer.json["total"]
    return named


def as_told(action: dict[str, Any]) -> dict[str, Any]:
    """An action of Siren's as OPTIONS tells of it in its properties."""
    fields = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in action["fields"]}
    return {name: action[name] for name in ("method", "title", "type")} | {"fields": fields}
