"""The OpenAPI document is valid, whole and true: what it says is what is served."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.openapi import OpenApi
from app.portal.portals import OWN_PATH
from tests.site import BASE, HAL, HAL_FORMS, SIREN, Site
from tests.wire.addresses import ADDRESSES, Address
from tests.wire.documents import document as parsed
from tests.wire.test_descriptions import MADE
from tests.wire.test_store_walls import EXPLORER, OAUTH, ODATA
from tests.wire.valid import REGISTRY, valid

ON_ONE_ENGINE = True

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"


@pytest.fixture(scope="module")
def openapi(site: Site) -> dict[str, Any]:
    answer = site.ask("/openapi.json", OPENAPI, token=None)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, OPENAPI)
    found: dict[str, Any] = json.loads(answer.data)
    return found


def whole(openapi: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """A part of the document, or what it refers to."""
    if "$ref" not in said:
        return said
    found: Any = openapi
    for each in said["$ref"].removeprefix("#/").split("/"):
        found = found[each]
    return whole(openapi, found)


def answers(openapi: dict[str, Any], operation: dict[str, Any], status: int) -> dict[str, Any]:
    """What an operation answers with a status, by media type."""
    content: dict[str, Any] = whole(openapi, operation["responses"][str(status)])["content"]
    return content


def validate(openapi: dict[str, Any], said: dict[str, Any], value: Any) -> None:
    """Holds a value to a schema that stands in the document."""
    known = Registry().with_resource(BASE, Resource.from_contents(openapi, DRAFT202012))
    absolute = json.loads(json.dumps(said).replace('"#/', f'"{BASE}#/'))
    Draft202012Validator(absolute, registry=known).validate(value)


def as_path(rule: str) -> str:
    return rule.replace("<owner_id>", "{id}").replace("<name>", "{name}")


@pytest.mark.parametrize("sandbox", [True, False])
def test_it_is_valid(sandbox: bool) -> None:
    """As it does not depend on what is stored, once is enough."""
    assert list(OpenAPIV31SpecValidator(OpenApi(REGISTRY, sandbox=sandbox).at(BASE)).iter_errors()) == []


def test_every_address_and_method_that_is_served_is_in_it_and_nothing_else(
    site: Site, openapi: dict[str, Any]
) -> None:
    elsewhere = OAUTH | ODATA | EXPLORER
    rules = [each for each in site.app.url_map.iter_rules() if OWN_PATH not in each.rule]
    served = {as_path(each.rule): set(each.methods or ()) for each in rules if each.rule not in elsewhere}

    assert served == {
        path: {name.upper() for name in item if name != "parameters"}
        for path, item in openapi["paths"].items()
    }


def test_its_schemas_are_those_that_stand_alone(openapi: dict[str, Any]) -> None:
    text = json.dumps(openapi["components"]["schemas"]).replace("#/components/schemas/", "")
    found = json.loads(text)

    assert {name: found[name] for name in MADE} == MADE


def test_operations_have_names_of_their_own_and_say_what_they_are_for(openapi: dict[str, Any]) -> None:
    operations = [
        each for item in openapi["paths"].values() for name, each in item.items() if name != "parameters"
    ]
    names = [each["operationId"] for each in operations]

    assert len(names) == len(set(names))
    assert all(each["summary"] for each in operations)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda it: it.rule)
def test_an_operation_takes_and_offers_what_options_says(
    shared_site: Site, openapi: dict[str, Any], address: Address
) -> None:
    item = openapi["paths"][as_path(address.rule)]
    options = shared_site.ask(address.make(shared_site), method="OPTIONS")
    said = json.loads(options.data).get("actions", {})

    for header, method in (("Accept-Patch", "patch"), ("Accept-Post", "post")):
        if method in item:
            taken = list(whole(openapi, item[method]["requestBody"])["content"])
            assert taken == options.headers[header].split(", ")
    for action in said.values():
        operation = item[action["method"].lower()]
        if action["method"] == "GET":
            named = {whole(openapi, each)["name"] for each in operation["parameters"]}
            assert set(action["fields"]) <= named
        elif action["fields"]:
            body = whole(openapi, operation["requestBody"])["content"]["application/json"]["schema"]
            schema = whole(openapi, whole(openapi, body.get("anyOf", [body.get("items", body)])[0]))
            assert set(action["fields"]) <= set(schema["properties"])


SAMPLES = {
    "/": "/",
    "/rels/{name}": "/rels/customer",
    "/property_helpers/{name}": "/property_helpers/countries",
    "/stores/{id}": "/stores/66",
    "/stores/{id}/customers": "/stores/66/customers?limit=3&zoom=default_billing_address",
    "/customers/{id}": "/customers/115?zoom=customer_addresses",
    "/customers/{id}/attributes": "/customers/115/attributes",
    "/customers/{id}/default_payment_method": "/customers/146/default_payment_method",
    "/subscriptions/{id}": "/subscriptions/1?zoom=transaction_template",
    "/users/{id}/stores": "/users/1/stores",
    "/schemas/{name}": "/schemas/customer",
    "/openapi.json": "/openapi.json",
}


@pytest.mark.parametrize("path", SAMPLES)
def test_what_is_read_is_as_it_says(site: Site, openapi: dict[str, Any], path: str) -> None:
    content = answers(openapi, openapi["paths"][path]["get"], 200)
    for accept, said in content.items():
        answer = site.ask(SAMPLES[path], accept)
        assert answer.headers["Content-Type"].partition("; charset")[0] == accept
        if "json" in accept:
            validate(openapi, said["schema"], json.loads(answer.data))


def test_what_is_written_and_refused_is_as_it_says(own_site: Site, openapi: dict[str, Any]) -> None:
    operation = openapi["paths"]["/stores/{id}/customers"]["post"]
    body = valid(REGISTRY.types["customer"])
    for accept in (HAL, SIREN, HAL_FORMS):
        body["email"], body["external_id"] = f"{len(accept)}@example.com", None
        taken = whole(openapi, operation["requestBody"])["content"]
        validate(openapi, taken["application/json"]["schema"], body)
        answer = own_site.send("POST", "/stores/66/customers", body, accept=accept)
        assert answer.status_code == 201, answer.text
        said = answers(openapi, operation, 201)[accept]["schema"]
        validate(openapi, said, json.loads(answer.data))
        assert parsed(SIREN if accept == SIREN else HAL, answer.data).properties["message"]

    refusals = {
        400: own_site.send("POST", "/stores/66/customers", {"email": "no address"}),
        401: own_site.send("POST", "/stores/66/customers", body, token=None),
        404: own_site.send("POST", "/stores/67/customers", body),
        409: own_site.send("POST", "/stores/66/customers", body),
        415: own_site.send("POST", "/stores/66/customers", b"x", "text/csv"),
    }
    for status, answer in refusals.items():
        assert answer.status_code == status
        said = answers(openapi, operation, status)[answer.headers["Content-Type"]]
        validate(openapi, said["schema"], json.loads(answer.data))


def test_it_says_where_this_server_stands_and_where_tokens_come_from(openapi: dict[str, Any]) -> None:
    assert openapi["servers"] == [{"url": BASE}]
    flows = openapi["components"]["securitySchemes"]["oauth2"]["flows"]
    assert flows["authorizationCode"]["authorizationUrl"] == f"{BASE}/authorize"
    assert "store_full_access" in flows["clientCredentials"]["scopes"]
    assert "$metadata" in openapi["info"]["description"]


def test_it_is_answered_as_everything_is(site: Site) -> None:
    answer = site.ask("/openapi.json", "application/json", token=None)
    tag = answer.headers["ETag"]

    assert answer.headers["Content-Type"] == "application/json"
    assert site.ask("/openapi.json", None, token=None).headers["Content-Type"] == OPENAPI
    assert site.ask("/openapi.json", None, token=None, headers={"If-None-Match": tag}).status_code == 304
    assert site.ask("/openapi.json", HAL, token=None).status_code == 406
    head = site.ask("/openapi.json", OPENAPI, method="HEAD", token=None)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
