"""A client that starts at / and follows every link finds everything, in the format it speaks."""

import json
from collections import deque
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from tests.site import BASE, HAL, SIREN, XML, Site

Links = Iterator[tuple[str, str]]
"""Pairs of a link relation in full and an href."""


def hal_links(body: bytes) -> Links:
    yield from _hal_links(json.loads(body))


def _hal_links(document: dict) -> Links:
    curies = {each["name"]: each["href"] for each in document["_links"].get("curies", ())}
    for name, link in document["_links"].items():
        if name != "curies":
            prefix, _, rest = name.partition(":")
            yield curies[prefix].replace("{rel}", rest) if prefix in curies else name, link["href"]
    for name, embedded in document.get("_embedded", {}).items():
        prefix, _, rest = name.partition(":")
        yield "embedded", curies[prefix].replace("{rel}", rest)
        for each in embedded if isinstance(embedded, list) else [embedded]:
            yield from _hal_links(each)


def xml_links(body: bytes) -> Links:
    for element in etree.fromstring(body).iter("resource", "link"):
        if element.tag == "link":
            yield element.get("rel"), element.get("href")
        elif element.get("rel"):
            yield "embedded", element.get("rel")


def siren_links(body: bytes) -> Links:
    yield from _siren_links(json.loads(body))


def _siren_links(entity: dict) -> Links:
    for link in entity["links"]:
        yield link["rel"][0], link["href"]
    for action in entity.get("actions", ()):
        if action["method"] == "GET":
            yield "action", action["href"]
    for each in entity.get("entities", ()):
        yield "embedded", each["rel"][0]
        yield from _siren_links(each)


def crawl(site: Site, media_type: str, read: Callable[[bytes], Links]) -> dict[str, set[str]]:
    """All addresses found, each with the link relations that led there."""
    found: dict[str, set[str]] = {f"{BASE}/": {"start"}}
    waiting = deque(found)
    while waiting:
        href = waiting.popleft()
        response = site.ask(href, media_type)
        if response.status_code == 405:
            response = site.ask(href, media_type, method="OPTIONS")
            assert "GET" not in response.headers["Allow"]
        assert response.status_code == 200, (href, response.status_code, response.text)
        assert response.headers["Content-Type"] == media_type, href
        for rel, target in read(response.data):
            assert target.startswith(f"{BASE}/"), (href, rel, target)
            address = target if rel == "embedded" or not rel.startswith(BASE) else rel
            for each in {target, address} - set(found):
                waiting.append(each)
            found.setdefault(target, set()).add(rel)
            found.setdefault(address, set()).add("documentation" if address == rel else rel)
    return found


in_each_format = pytest.mark.parametrize(
    ("media_type", "read"),
    [(HAL, hal_links), (XML, xml_links), (SIREN, siren_links)],
    ids=["hal", "xml", "siren"],
)


@in_each_format
def test_every_link_from_the_home_answers_in_the_clients_own_format(
    site: Site, media_type: str, read: Callable[[bytes], Links]
) -> None:
    found = crawl(site, media_type, read)

    addresses = {href.removeprefix(BASE).partition("?")[0] for href in found}
    assert "/customers/115" in addresses
    assert "/customers/115/send_webhooks" in addresses
    assert "/customers/145/attributes" in addresses
    assert "/rels/default_payment_method" in addresses
    assert sum(address.startswith("/customers/") and address.count("/") == 2 for address in addresses) == 31


@in_each_format
def test_nothing_of_another_store_is_found(
    site: Site, media_type: str, read: Callable[[bytes], Links]
) -> None:
    found = crawl(site, media_type, read)

    stores = {href for href in found if href.startswith(f"{BASE}/stores/")}
    assert stores
    assert all(href.startswith(f"{BASE}/stores/66") for href in stores)
    assert f"{BASE}/customers/201" not in found
    bodies = b"".join(site.ask(href, media_type).data for href in found)
    assert b"Nordlys" not in bodies
    assert b"astrid.haugen@example.no" not in bodies


def test_the_same_addresses_are_found_in_every_format(site: Site) -> None:
    found = [set(crawl(site, *each)) for each in ((HAL, hal_links), (XML, xml_links), (SIREN, siren_links))]

    assert found[0] == found[1]
    assert found[0] <= found[2]
