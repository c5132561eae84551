"""The live example on a documentation page: the caller's own, without a secret, and at little cost."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from app import create_app
from app.config import Config
from app.resources import TYPES
from app.schema import secrets
from tests.db.test_plans import plans
from tests.site import BASE, FORMATS, HAL, Site, counted_statements
from tests.wire.addresses import add_deliveries
from tests.wire.documentation import HTML, callers, example, names, page
from tests.wire.valid import REGISTRY, new

SECRET_NAMES = frozenset(name for each in TYPES for name in secrets(each.schema))

in_each_format = pytest.mark.parametrize("media_type", [*FORMATS, HTML])


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """All members of a document, however deep."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield name, each
            yield from members(each)
    elif isinstance(value, list):
        for each in value:
            yield from members(each)


@in_each_format
def test_no_example_holds_a_secret_whoever_asks_for_it(site: Site, media_type: str) -> None:
    hashed = site.hal("/customers/115")["password_hash"]
    for rel in names(site):
        for token in callers(site).values():
            answer = site.ask(f"/rels/{rel}", media_type, token=token)
            assert answer.status_code == 200, (rel, answer.text)
            assert hashed not in answer.text, rel
            assert "the sandbox signs its customers' tokens with this secret" not in answer.text
            if media_type == HAL:
                shown = json.loads(answer.data).get("_embedded", {}).get("fx:example", {})
                shown.pop("actions", None)  # what OPTIONS says of properties, not of their values
                assert not SECRET_NAMES.intersection(name for name, _ in members(shown)), rel


def test_an_example_is_what_its_address_answers_but_for_secrets(site: Site) -> None:
    compared = 0
    for rel in names(site):
        shown = example(site, rel, site.token)
        if shown is None or "actions" in shown or rel.endswith(("countries", "regions", "types")):
            continue
        asked = site.hal(shown["_links"]["self"]["href"])
        assert shown == without_secrets(asked) or rel == "rel", rel
        compared += 1
    assert compared > 20


def without_secrets(document: Any) -> Any:
    if isinstance(document, dict):
        kept = {name: each for name, each in document.items() if name not in SECRET_NAMES}
        return {name: without_secrets(each) for name, each in kept.items()}
    return [without_secrets(each) for each in document] if isinstance(document, list) else document


def test_each_caller_sees_an_example_of_their_own(site: Site) -> None:
    def at(rel: str, caller: str) -> str:
        shown = example(site, rel, callers(site)[caller])
        return shown["_links"]["self"]["href"].removeprefix(BASE) if shown else ""

    assert at("store", "stranger") == at("store", "store") == "/stores/66"
    assert at("store", "another") == "/stores/67"
    assert at("customers", "another") == "/stores/67/customers?limit=2"
    assert (at("client", "client"), at("user", "user")) == ("/clients/1", "/users/1")
    assert at("stores", "user") == "/users/1/stores?limit=2"
    assert [at(rel, "client") for rel in ("store", "customer", "user")] == ["", "", ""]
    assert [at(rel, "stranger") for rel in ("client", "user", "stores")] == ["", "", ""]
    assert at("default_payment_method", "store") == "/customers/115/default_payment_method"
    assert at("cancel", "stranger") == "/subscriptions/1/cancel"
    assert at("home", "stranger") == "/"


@in_each_format
def test_nothing_of_another_store_is_in_an_example(site: Site, media_type: str) -> None:
    for caller, other in (("stranger", "Nordlys"), ("store", "Nordlys"), ("another", "Foxglove")):
        for rel in names(site):
            text = site.ask(f"/rels/{rel}", media_type, token=callers(site)[caller]).text
            assert other not in text, (caller, rel)
            assert "/stores/67" not in text or caller == "another"
            assert "/stores/66" not in text or caller != "another"


def test_a_page_says_how_to_get_an_example_where_there_is_none(site: Site) -> None:
    assert page(site, "store", site.client_token)["message"].startswith(
        "Send a token of the scope store_full_access or store_read_access"
    )
    assert page(site, "webhook", site.token)["message"].startswith("There is none yet")


def test_a_strangers_page_costs_nothing_in_production(site: Site) -> None:
    config: Config = site.app.extensions["patron"].config
    app = create_app(replace(config, sandbox=False, base_url=BASE))
    there = replace(site, app=app)
    try:
        with counted_statements() as statements:
            for rel in names(there):
                assert (
                    example(there, rel, None) is None
                    or not page(there, rel, None)["addresses"]
                    or public(rel)
                )
        assert statements == []
        said = page(there, "customer", None)
        assert said["message"].startswith("Send a token")
        assert said["methods"]["GET"]["curl"].endswith(f"'{BASE}/customers/{{id}}'")
    finally:
        app.extensions["patron"].reader.close()
        app.extensions["patron"].engine.dispose()


def public(rel: str) -> bool:
    """Whether what a link relation leads to needs no token."""
    helpers = ("property_helpers", "countries", "regions", "customer_password_hash_types")
    return rel in ("home", "rels", "rel", *helpers)


MOST = 8
"""How many statements an example takes at most, the token's own among them."""


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_example_takes_few_statements_and_each_has_its_index(site: Site) -> None:
    for rel in names(site):
        for token in (None, site.token):
            with counted_statements() as statements:
                page(site, rel, token)
            assert len(statements) <= MOST, (rel, statements)
            for statement, plan in plans(str(site.engine.url.database), statements):
                for step in plan:
                    is_of_few = step == "SCAN first" or "subquery" in step
                    assert is_of_few or not step.startswith("SCAN"), (rel, statement, step)


def test_a_store_with_nothing_in_it_has_its_pages_too(own_site: Site) -> None:
    path = new(own_site, REGISTRY.types["user"])
    body = {"store_name": "Empty", "store_domain": "empty.example", "store_email": "me@empty.example"}
    answer = own_site.send("POST", f"{path}/stores", body)
    assert answer.status_code == 201, answer.text
    token = answer.json["token"]["access_token"]

    for rel in names(own_site):
        said = page(own_site, rel, token)
        shown = said.get("_embedded", {}).get("fx:example")
        assert shown or said["message"] is None or said["message"], rel
        assert "/66" not in json.dumps(shown), rel
    assert page(own_site, "customer", token)["message"].startswith("There is none yet")


def test_what_was_delivered_is_an_example_as_soon_as_it_is_there(own_site: Site) -> None:
    assert example(own_site, "logs", own_site.token) is None

    add_deliveries(own_site)

    for rel in ("webhook", "statuses", "webhook_status", "logs", "webhook_log"):
        assert example(own_site, rel, own_site.token), rel
