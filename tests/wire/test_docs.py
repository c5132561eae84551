"""The page of each link relation: whole, true to the API, with a live example that holds no secret."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from app import create_app
from app.config import Config
from app.resources import TYPES
from app.schema import declared, secrets
from app.transitions import Affordance
from tests.db.test_plans import plans
from tests.site import BASE, FORMATS, HAL, SIREN, XML, Site, counted_statements
from tests.wire.addresses import ADDRESSES, Address, add_deliveries
from tests.wire.valid import REGISTRY, new

HTML = "text/html"
SECRET_NAMES = frozenset(name for each in TYPES for name in secrets(each.schema))

in_each_format = pytest.mark.parametrize("media_type", [*FORMATS, HTML])
each_address = pytest.mark.parametrize("address", ADDRESSES, ids=lambda each: each.href)


def names(site: Site) -> list[str]:
    """The link relations that have a page."""
    return [each["rel"] for each in site.hal("/rels", token=None)["_embedded"]["fx:rels"]]


def page(site: Site, rel: str, token: str | None) -> dict[str, Any]:
    return site.hal(f"/rels/{rel}", token=token)


def example(site: Site, rel: str, token: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = page(site, rel, token).get("_embedded", {}).get("fx:example")
    return found


def callers(site: Site) -> dict[str, str | None]:
    """Who may ask: nobody in particular, two stores, a client and a user."""
    return {
        "stranger": None,
        "store": site.token,
        "another": site.other_store_token,
        "client": site.client_token,
        "user": site.user_token,
    }


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """All members of a document, however deep."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield name, each
            yield from members(each)
    elif isinstance(value, list):
        for each in value:
            yield from members(each)


def test_every_page_says_what_all_on_it_means(site: Site) -> None:
    for rel in names(site):
        said = page(site, rel, None)
        assert len(said["description"]) > 10, rel
        for part in ("methods", "addresses", "parameters", "filters"):
            for name, each in said[part].items():
                assert each["title"] if part == "methods" else each, (rel, part, name)
        for name, each in (*said["properties"].items(), *said["page"].get("properties", {}).items()):
            assert each["type"], (rel, name)
            assert each["description"], (rel, name)
        for name, link in (*said["links"].items(), *said["page"].get("links", {}).items()):
            assert link["meaning"], (rel, name)
        for path, zoom in said["zoom"].items():
            assert zoom["meaning"], (rel, path)
        assert all(each["when"].endswith(".") for each in said["errors"]), rel


@each_address
def test_a_page_names_each_address_and_what_it_takes(site: Site, address: Address) -> None:
    said = page(site, address.rel, None)

    assert address.href in said["addresses"]
    assert set(address.methods) <= set(said["methods"])
    reach = "client" if address.href in ("/clients", "/users") else address.owner.reach
    for name in address.methods:
        scopes = said["methods"][name]["scopes"]
        assert f"{reach}_full_access" in scopes
        reads = reach == "store" and name in ("GET", "HEAD", "OPTIONS")
        assert (f"{reach}_read_access" in scopes) == reads
    if address.target and not address.many:
        assert set(said["properties"]) == set(declared(address.target.schema))


def test_what_zoom_may_name_can_be_named(site: Site) -> None:
    for rel, place in (
        ("customer", "/customers/115"),
        ("transactions", "/stores/66/transactions"),
        ("subscription", "/subscriptions/1"),
    ):
        offered = list(page(site, rel, None)["zoom"])
        assert site.ask(f"{place}?zoom={','.join(offered)}").status_code == 200
    assert "transaction_template:items" in offered


def test_what_is_documented_to_be_refused_is_refused(site: Site) -> None:
    for address in ADDRESSES:
        listed = {(each["status"], each["code"]) for each in page(site, address.rel, None)["errors"]}
        for status, code in refusals_of(site, address):
            assert (status, code) in listed, (address.href, status, code)


def refusals_of(site: Site, address: Address) -> Iterator[tuple[int, str]]:
    """What an address answers to requests that nothing is done for."""
    owner = {"store": "66", "client": "1", "user": "1"}.get(address.owner.reach, "")
    ids = {"customer": "115", "subscription": "1", "transaction": "1"}
    path = address.href.replace("{id}", ids.get(address.owner.name, owner if owner == "1" else "66"))
    absent = address.href.replace("{id}", "999999999")
    reading = "GET" if "GET" in address.methods else "OPTIONS"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        (path, reading, {"token": None, "headers": {"Authorization": "Bearer unknown"}}),
        (path, "TRACE", {}),
        (path, reading, {"accept": "image/png"}),
        (f"{path}?colour=red", reading, {}),
        (absent, reading, {}),
    ]
    for name in address.writing if address.target else ():
        asked.append((path, name, {"headers": {"Content-Type": "image/png"}, "data": b"x"}))
        if name != "DELETE":
            asked.append((path, name, {"headers": {"Content-Type": "application/json"}, "data": b"{"}))
            body = b'[{"colour": 1}]' if address.many and name != "POST" else b'{"colour": 1}'
            asked.append((path, name, {"headers": {"Content-Type": "application/json"}, "data": body}))
    for each, name, options in asked:
        answer = site.ask(each, **{"accept": HAL, "method": name, **options})
        if answer.status_code >= 400:
            for entry in answer.json["_embedded"]["fx:errors"]:
                yield answer.status_code, entry["code"]


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


def test_each_property_that_is_required_has_an_example_that_it_takes() -> None:
    schemas = [each.schema for each in TYPES]
    schemas += [each.schema for kind in TYPES for each in kind.relations if isinstance(each, Affordance)]
    for schema in schemas:
        for name, field in declared(schema).items():
            shown = field.metadata.get("example")
            assert shown is not None or not field.required, (schema, name)
            if shown is not None:
                field.deserialize(shown)


def test_pages_can_be_searched_by_name_title_meaning_and_property(site: Site) -> None:
    def found(words: str) -> list[str]:
        listed = site.hal(f"/rels?q={words}", token=None)["_embedded"]["fx:rels"]
        return [each["rel"] for each in listed]

    assert found("customer_address") == ["customer_address", "customer_addresses"]
    assert found("address1")[0] in {"customer_address", "customer_addresses"}
    assert set(found("past_due_amount")) == {"subscription", "subscriptions"}
    assert found("BILLING%20address")[0] == "default_billing_address"
    assert "cancel" in found("Ends%20a%20subscription")
    assert found("nothing-is-called-so") == []
    assert found("") == names(site)


def test_a_search_says_what_it_found_and_refuses_what_it_does_not_know(site: Site) -> None:
    said = site.hal("/rels?q=webhook", token=None)
    assert said["message"].endswith("link relations have webhook in them.")
    assert said["_links"]["self"]["href"] == f"{BASE}/rels?q=webhook"

    status, (entry,) = site.refused("/rels?name=webhook", token=None)
    assert (status, entry["code"], entry["property"]) == (400, "unknown_parameter", "name")
    assert site.refused("/rels?q=a&q=b", token=None)[0] == 400
    assert site.refused("/rels/customer?q=a", token=None)[0] == 400


def test_each_format_tells_how_to_search(site: Site) -> None:
    link = site.hal("/rels", token=None)["_links"]["search"]
    assert (link["href"], link["templated"]) == (f"{BASE}/rels{{?q}}", True)
    element = site.xml("/rels", token=None).find("link[@rel='search']")
    assert element is not None
    assert (element.get("href"), element.get("templated")) == (f"{BASE}/rels{{?q}}", "true")
    (action,) = json.loads(site.ask("/rels", SIREN, token=None).data)["actions"]
    assert (action["name"], action["method"], action["href"]) == ("search", "GET", f"{BASE}/rels")
    assert [(each["name"], each["type"]) for each in action["fields"]] == [("q", "search")]
    text = site.ask("/rels?q=%22%3E%3Cb%3E", HTML, token=None).text
    assert '<form class="search" role="search" method="get"' in text
    assert 'name="q" value="&#34;&gt;&lt;b&gt;"' in text


def test_pages_for_people_have_an_anchor_for_each_property_and_the_example_in_each_format(site: Site) -> None:
    for rel in names(site):
        text = site.ask(f"/rels/{rel}", HTML, token=site.token).text
        said = page(site, rel, site.token)
        assert all(f'<a id="{name}" href="#{name}">' in text for name in said["properties"]), rel
        assert all(f'href="{BASE}/rels/{name[3:]}"' in text for name in said["links"] if name[:3] == "fx:"), (
            rel
        )
        anchors = re.findall(r' id="([^"]+)"', text)
        assert len(anchors) == len(set(anchors)), rel
        if "_embedded" in said:
            assert all(f'<pre data-type="{each}"' in text for each in (HAL, XML, SIREN)), rel
