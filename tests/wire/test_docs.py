"""The page of each link relation: whole, true to the API, and found by its words."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.resources import TYPES
from app.schema import declared
from app.transitions import Affordance
from tests.site import BASE, HAL, SIREN, XML, Site
from tests.wire.addresses import ADDRESSES, Address
from tests.wire.documentation import HTML, names, page

ON_ONE_ENGINE = True

each_address = pytest.mark.parametrize("address", ADDRESSES, ids=lambda each: each.href)


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
    for name in set(address.writing) - {"DELETE"} if address.target else ():  # whose body is not looked at
        asked.append((path, name, {"headers": {"Content-Type": "image/png"}, "data": b"x"}))
        asked.append((path, name, {"headers": {"Content-Type": "application/json"}, "data": b"{"}))
        body = b'[{"colour": 1}]' if address.many and name != "POST" else b'{"colour": 1}'
        asked.append((path, name, {"headers": {"Content-Type": "application/json"}, "data": body}))
    for each, name, options in asked:
        answer = site.ask(each, **{"accept": HAL, "method": name, **options})
        if answer.status_code >= 400:
            for entry in answer.json["_embedded"]["fx:errors"]:
                yield answer.status_code, entry["code"]


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
