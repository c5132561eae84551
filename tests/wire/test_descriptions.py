"""What describes the API to machines is true: JSON Schemas hold for what is shown, and for what is taken."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from werkzeug.test import TestResponse

from app.json_schema import schemas
from app.schema import declared, shown
from tests.site import BASE, FORMATS, HAL, HAL_FORMS, XML, Site
from tests.wire.test_crawl import crawl, hal_links
from tests.wire.valid import REGISTRY, new, valid

ON_ONE_ENGINE = True

Validator = Callable[[str], Draft202012Validator]
SCHEMA = "application/schema+json"
TYPES = list(REGISTRY.types.values())
MADE = schemas(REGISTRY, lambda name: name)

each_type = pytest.mark.parametrize("kind", TYPES, ids=lambda it: it.name)


def links(answer: TestResponse) -> dict[str, str]:
    """The links of a header by their relations."""
    return {rel: href for href, rel in re.findall(r'<([^>]*)>;rel="([^"]*)"', answer.headers["Link"])}


@pytest.fixture(scope="module")
def validator(site: Site) -> Validator:
    """What holds documents to the schema at an address; all of them are fetched over the wire, once."""
    resources = []
    for name in MADE:
        uri = f"{BASE}/schemas/{name}"
        answer = site.ask(uri, SCHEMA, token=None)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, SCHEMA)
        found = json.loads(answer.data)
        Draft202012Validator.check_schema(found)
        assert found["$id"] == uri
        resources.append((uri, Resource.from_contents(found)))
    known: Registry[Any] = Registry().with_resources(resources).crawl()
    return cache(lambda uri: Draft202012Validator(known.contents(uri), registry=known))


def documents(site: Site) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """All that a crawl in HAL finds: where, the address of its schema, and the document."""
    for href in crawl(site, HAL, hal_links):
        answer = site.ask(href)
        if answer.status_code == 200 and "Link" in answer.headers:
            yield href, links(answer).get("describedby"), json.loads(answer.data)


def test_every_resource_is_as_its_schema_says(site: Site, validator: Validator) -> None:
    seen = set()
    for href, schema, document in documents(site):
        if schema is None:
            assert href.startswith((f"{BASE}/rels", f"{BASE}/property_helpers")) or href == f"{BASE}/", href
            continue
        faults = [(each.json_path, each.message) for each in validator(schema).iter_errors(document)]
        assert faults == [], href
        seen.add(schema.removeprefix(f"{BASE}/schemas/"))

    written = {
        "webhook",
        "webhook_statuses",
        "webhook_logs",
        "transaction_attribute",
        "subscription_attribute",
    }
    of_others = {"client", "user", "stores"}
    sent = {"webhook_status", "webhook_log"}
    assert {each for each in MADE if not each.startswith("new_")} - seen == written | of_others | sent | {
        "link"
    }


@pytest.mark.parametrize("name", ["webhook", "transaction_attribute", "subscription_attribute"])
def test_so_are_those_that_the_sandbox_has_none_of(
    shared_site: Site, validator: Validator, name: str
) -> None:
    answer = shared_site.ask(new(shared_site, REGISTRY.types[name]))
    document = json.loads(answer.data)

    validator(links(answer)["describedby"]).validate(document)
    for rel in ("fx:statuses", "fx:logs"):
        if rel in document["_links"]:
            page = shared_site.ask(document["_links"][rel]["href"])
            validator(links(page)["describedby"]).validate(json.loads(page.data))


@pytest.mark.parametrize("path", ["/clients/1", "/users/1", "/users/1/stores"])
def test_so_are_those_that_other_tokens_reach(site: Site, validator: Validator, path: str) -> None:
    answer = site.ask(path)

    validator(links(answer)["describedby"]).validate(json.loads(answer.data))


@pytest.mark.parametrize(
    "query",
    ["?fields=id,email", "?zoom=customer_addresses,default_billing_address,default_payment_method"],
)
def test_so_are_a_part_of_one_what_is_embedded_and_what_has_templates(
    site: Site, validator: Validator, query: str
) -> None:
    for accept in (HAL, HAL_FORMS):
        answer = site.ask(f"/customers/146{query}", accept)
        validator(links(answer)["describedby"]).validate(json.loads(answer.data))


def test_a_document_that_deviates_is_none_of_its_schema(site: Site, validator: Validator) -> None:
    for path in ("/customers/115", "/stores/66", "/customer_attributes/3", "/subscriptions/1"):
        answer = site.ask(path)
        document, schema = json.loads(answer.data), links(answer)["describedby"]
        properties = MADE[schema.rpartition("/")[2]]["properties"]
        validate = validator(schema)
        assert validate.is_valid(document)

        assert not validate.is_valid(document | {"nonsense": 1})
        assert not validate.is_valid(document | {"_links": {"nonsense": {"href": BASE}}})
        for name, said in properties.items():
            assert not validate.is_valid(document | {name: 1 if said.get("type") == "object" else {}}), name
            if most := said.get("maxLength"):
                assert not validate.is_valid(document | {name: "x" * (most + 1)}), name
        embedded = document["_embedded"]["fx:attributes"] if "_embedded" in document else []
        for each in embedded[:1]:
            each["value"] = 7
            assert not validate.is_valid(document)


@each_type
def test_a_schema_says_of_each_property_what_is_declared(kind: Any) -> None:
    properties = dict(MADE[kind.name]["properties"])
    hal = [properties.pop(name) for name in ("_links", "_embedded", "_templates", "message")]
    known = declared(kind.schema)

    assert list(properties) == list(known)
    assert set(shown(kind.schema)) == {name for name, said in properties.items() if not said.get("writeOnly")}
    assert set(hal[1]["properties"]) == {f"fx:{name}" for name in kind.embeddable}
    for name, said in properties.items():
        field = known[name]
        assert said["description"] == field.metadata["description"]
        assert said.get("readOnly", False) == field.dump_only
        assert said.get("maxLength") == field.metadata.get("most")
        assert {*said.get("enum", ())} - {None} == set(field.metadata.get("choices") or ())
        assert said.get("default") == (None if field.dump_only else field.metadata.get("default"))


CREATABLE = [each for each in TYPES if f"new_{each.name}" in MADE]
"""The types of which a POST makes one."""


def test_there_is_a_schema_of_a_new_one_of_each_type_that_a_post_makes_and_of_no_other() -> None:
    made_by_others = {"payment_method", "customer_portal_settings", "transaction_template", "item"}
    sent = {"webhook_status", "webhook_log"}

    assert {each.name for each in TYPES} - {each.name for each in CREATABLE} == made_by_others | sent


@pytest.mark.parametrize("kind", CREATABLE, ids=lambda it: it.name)
def test_what_a_post_takes_is_valid_and_needs_what_it_asks_for(
    site: Site, validator: Validator, kind: Any
) -> None:
    body = valid(kind)
    validate = validator(f"{BASE}/schemas/new_{kind.name}")

    validate.validate(body)
    for name, field in declared(kind.schema).items():
        without = {each: value for each, value in body.items() if each != name}
        assert validate.is_valid(without) == (not field.required), name


def test_a_schema_is_answered_as_everything_is(site: Site) -> None:
    path = "/schemas/customer"
    answer = site.ask(path, SCHEMA, token=None)
    tag = answer.headers["ETag"]

    for accept, media_type in ((None, SCHEMA), ("*/*", SCHEMA), ("application/json", "application/json")):
        again = site.ask(path, accept, token=None)
        assert (again.headers["Content-Type"], again.data, again.headers["ETag"]) == (
            media_type,
            answer.data,
            tag,
        )
    head = site.ask(path, SCHEMA, method="HEAD", token=None)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    known = site.ask(path, SCHEMA, token=None, headers={"If-None-Match": tag})
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag)
    assert site.ask(path, SCHEMA, headers={"If-Match": '"0-x"'}).status_code == 412
    for described in (path, "/openapi.json"):
        assert site.ask(described, None).status_code == 200
        assert site.ask(described, None, token="nonsense").status_code == 401
    options = site.ask(path, SCHEMA, method="OPTIONS", token=None)
    assert (options.status_code, options.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("accept", FORMATS)
def test_what_is_wrong_with_a_request_for_a_schema_is_said_in_the_format_asked_for(
    site: Site, accept: str
) -> None:
    expected = {"/schemas/nonsense": 404, "/schemas/customer": 406, "/schemas/customer?zoom=x": 400}
    for path, status in expected.items():
        answer = site.ask(path, accept, token=None)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, accept)
    assert site.ask("/schemas/customer", accept, method="POST", token=None).status_code == 405
    assert "these do: link, store" in site.ask("/schemas/nonsense", SCHEMA, token=None).text


@pytest.mark.parametrize("accept", [HAL, XML])
def test_every_resource_leads_to_what_describes_it(site: Site, accept: str) -> None:
    expected = {
        "/": ("home", None),
        "/customers/115": ("customer", "customer"),
        "/customers/115?fields=id": ("customer", "customer"),
        "/customers/146/default_billing_address": ("customer_address", "customer_address"),
        "/customer_attributes/3": ("attribute", "customer_attribute"),
        "/stores/66/customers?limit=1": ("customers", "customers"),
        "/customers/115/addresses": ("customer_addresses", "customer_addresses"),
        "/property_helpers/countries": ("countries", None),
        "/rels": ("rels", None),
        "/rels/customer": ("rel", None),
    }
    for path, (profile, schema) in expected.items():
        answer = site.ask(path, accept)
        found = links(answer)
        assert found["profile"] == f"{BASE}/rels/{profile}"
        assert found.get("describedby") == (schema and f"{BASE}/schemas/{schema}")
        assert (found["service-desc"], found["service-doc"]) == (f"{BASE}/openapi.json", f"{BASE}/rels")
        assert site.ask(found["profile"], token=None).status_code == 200
        assert b"describedby" not in answer.data
