"""OpenAPI and the documentation of link relations say the same of each address and method, and it is so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app import create_app
from app.config import Config
from tests.site import BASE, HAL, Site
from tests.wire.documentation import names, page
from tests.wire.test_openapi import whole
from tests.wire.valid import REGISTRY, least

ON_ONE_ENGINE = True

ELSEWHERE = {"Authorization", "Accept", "Content-Type"}
"""Headers that OpenAPI has no parameters for: it says them by its security and its media types."""
DESCRIPTIONS = {"/schemas/{name}", "/openapi.json"}
"""Addresses that no link relation of Patron's own leads to."""
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""Neither says anything that an engine could change."""

FOUNDINGS = {"/clients": "create_client", "/users": "create_user"}


@dataclass(frozen=True)
class Said:
    """What a server says of itself, in both ways."""

    site: Site
    openapi: dict[str, Any]
    pages: dict[str, dict[str, Any]]

    def whole(self, part: dict[str, Any]) -> dict[str, Any]:
        return whole(self.openapi, part)

    def twice(self) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
        """Each address and method: its operation in OpenAPI, and a page that it stands on."""
        for told in self.pages.values():
            for href in told["addresses"]:
                for method in self.methods(href):
                    yield href, method, self.operation(href, method), told

    def methods(self, href: str) -> list[str]:
        return [name.upper() for name in self.openapi["paths"].get(href, {}) if name != "parameters"]

    def operation(self, href: str, method: str) -> dict[str, Any]:
        found: dict[str, Any] = self.openapi["paths"][href][method.lower()]
        return found

    def refusals(self, operation: dict[str, Any]) -> set[int]:
        return {int(status) for status in operation["responses"] if status >= "400"}


def said_by(site: Site) -> Said:
    pages = {rel: page(site, rel, None) for rel in names(site)}
    for told in pages.values():
        told["addresses"] = {general(href): title for href, title in told["addresses"].items()}
    openapi = json.loads(site.ask("/openapi.json", "application/json", token=None).data)
    return Said(site, openapi, pages)


def general(href: str) -> str:
    """An address as OpenAPI has it: one for all lists of values."""
    return "/property_helpers/{name}" if href.startswith("/property_helpers/") else href


@pytest.fixture(scope="module", params=["sandbox", "production"])
def said(request: pytest.FixtureRequest, site: Site) -> Iterator[Said]:
    config: Config = site.app.extensions["patron"].config
    sandbox = request.param == "sandbox"
    app = create_app(replace(config, sandbox=sandbox, base_url=BASE))
    yield said_by(replace(site, app=app))
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


def is_sandbox(said: Said) -> bool:
    config: Config = said.site.app.extensions["patron"].config
    return config.sandbox


def test_every_address_in_openapi_stands_on_a_page_and_the_other_way_round(said: Said) -> None:
    documented = {href for told in said.pages.values() for href in told["addresses"]}

    assert documented - {"/token"} == set(said.openapi["paths"]) - DESCRIPTIONS


def test_a_page_offers_the_methods_that_its_addresses_have_in_openapi(said: Said) -> None:
    for rel, told in said.pages.items():
        if "/token" not in told["addresses"]:
            assert {each for href in told["addresses"] for each in said.methods(href)} == set(
                told["methods"]
            ), rel


def test_both_name_the_same_headers_and_say_the_same_of_them(said: Said) -> None:
    for href, method, operation, told in said.twice():
        known = [said.whole(each) for each in operation["parameters"]]
        found = {each["name"]: each["description"] for each in known if each["in"] == "header"}
        listed = told["methods"][method]["headers"]
        assert found == {name: listed[name] for name in listed if name not in ELSEWHERE}, (href, method)
        assert ("Authorization" in listed) == (operation["security"] != [{}]), (href, method)
        assert ("Content-Type" in listed) == ("requestBody" in operation), (href, method)


def test_both_name_the_same_scopes(said: Said) -> None:
    for href, method, operation, told in said.twice():
        scopes = [each["oauth2"] for each in operation["security"] if "oauth2" in each]
        assert scopes == [[scope] for scope in told["methods"][method]["scopes"]], (href, method)


def test_both_name_the_same_refusals(said: Said) -> None:
    for rel, told in said.pages.items():
        hrefs = set(told["addresses"]) - {"/token"}
        operations = [said.operation(href, method) for href in hrefs for method in said.methods(href)]
        if operations:
            found = {status for each in operations for status in said.refusals(each)}
            listed = {each["status"] for each in told["errors"]} - {405}
            allowed = {400, 404} if rel in HELPERS else set()
            assert listed <= found, rel
            assert found - listed <= allowed, rel


HELPERS = {"countries", "regions", "customer_password_hash_types"}
"""Lists of values: an address of OpenAPI's is about whichever, and one of these is there."""


def test_openapi_explains_each_code_that_a_page_lists(said: Said) -> None:
    for rel, told in said.pages.items():
        for each in told["errors"] if "/token" not in told["addresses"] else ():
            if each["status"] != 405:
                answer = said.openapi["components"]["responses"][f"refused_{each['status']}"]
                assert f"- `{each['code']}`: " in answer["description"], (rel, each)


def test_strangers_may_make_clients_and_users_in_a_sandbox_alone_and_both_say_so(said: Said) -> None:
    for href, rel in FOUNDINGS.items():
        for method, told in said.pages[rel]["methods"].items():
            needs_none = {} in said.operation(href, method)["security"]
            refused = {each["code"] for each in said.pages[rel]["errors"]}
            answer = said.site.ask(href, HAL, method="OPTIONS", token=None)
            assert needs_none == is_sandbox(said) == (answer.status_code == 200)
            assert needs_none == ("missing_token" not in refused)
            assert needs_none == told["headers"]["Authorization"].endswith(
                "in this sandbox it may be left out."
            )
            assert needs_none == ("Authorization: Bearer" not in told["curl"])
    strangers = {
        href
        for href, _, operation, _ in said.twice()
        if {} in operation["security"] and len(operation["security"]) > 1
    }
    assert strangers == (set(FOUNDINGS) if is_sandbox(said) else set())


def test_no_key_and_no_tag_is_asked_for_where_something_is_founded(said: Said) -> None:
    for href in (*FOUNDINGS, "/users/{id}/stores"):
        operation = said.operation(href, "POST")
        known = {said.whole(each)["name"] for each in operation["parameters"]}
        assert not known & {"Idempotency-Key", "If-Match"}
        assert 422 not in said.refusals(operation)
    created = [href for href in said.openapi["paths"] if "post" in said.openapi["paths"][href]
               and "201" in said.operation(href, "POST")["responses"]]  # fmt: skip
    assert len(created) > 10
    for href in created:
        known = {said.whole(each)["name"] for each in said.operation(href, "POST")["parameters"]}
        assert "If-Match" not in known, href


def test_what_both_say_of_reading_is_so(site: Site) -> None:
    for path in ("/", "/rels", "/customers/115", "/stores/66/customers?limit=1", "/openapi.json"):
        seen = site.ask(path, None)
        for method in ("GET", "HEAD"):
            again = site.ask(path, None, method=method, headers={"If-None-Match": seen.headers["ETag"]})
            assert again.status_code == 304, (path, method)
            stale = site.ask(path, None, method=method, headers={"If-Match": '"7777-x"'})
            assert stale.status_code == 412, (path, method)
        assert site.ask(path, None, token="nonsense").status_code == 401
        assert site.ask(f"{path.partition('?')[0]}?{'x' * 9000}", None).status_code == 414


def test_a_value_that_is_taken_is_refused_with_the_code_that_the_page_lists(own_site: Site) -> None:
    body = least(REGISTRY.types["customer"])
    assert own_site.send("POST", "/stores/66/customers", body).status_code == 201
    answer = own_site.send("POST", "/stores/66/customers", body)

    (entry,) = answer.json["_embedded"]["fx:errors"]
    listed = {(each["status"], each["code"]) for each in page(own_site, "customers", None)["errors"]}
    assert (answer.status_code, entry["code"]) == (409, "taken")
    assert (409, "taken") in listed
