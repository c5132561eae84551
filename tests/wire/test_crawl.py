"""A client that starts at / and follows every link finds everything, in the format it speaks."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from app.odata.exchange import ROOT
from tests.site import BASE, HAL, HAL_FORMS, JSON, SIREN, XML, Site

ON_ONE_ENGINE = True

Read = Callable[[bytes], "Links"]
Links = Iterator[tuple[str, str]]
"""Pairs of a link relation in full and an href."""


def outside_examples(read: Read) -> Read:
    """Reads what is not in an example of documentation: strangers see those, and need a token to go there."""

    def outside(body: bytes) -> Links:
        return read(without_example(body))

    return outside


def without_example(body: bytes) -> bytes:
    """A page of documentation without its example; other documents as they are."""
    if body.startswith(b"<"):
        root = etree.fromstring(body)
        for each in root.findall("resource"):
            if each.get("rel") == EXAMPLE:
                root.remove(each)
        return etree.tostring(root)
    document = json.loads(body)
    document.get("_embedded", {}).pop("fx:example", None)
    document["entities"] = [each for each in document.get("entities", ()) if each["rel"] != [EXAMPLE]]
    return json.dumps(document).encode()


EXAMPLE = f"{BASE}/rels/example"


def expanded(template: str) -> str:
    """A URI template (RFC 6570) with none of its variables set."""
    return re.sub(r"\{[?&][^}]*\}", "", template)


def hal_links(body: bytes) -> Links:
    yield from _hal_links(json.loads(body))


def _hal_links(document: dict) -> Links:
    curies = {each["name"]: each["href"] for each in document["_links"].get("curies", ())}
    for name, link in document["_links"].items():
        if name != "curies":
            prefix, _, rest = name.partition(":")
            href = expanded(link["href"]) if link.get("templated") else link["href"]
            yield curies[prefix].replace("{rel}", rest) if prefix in curies else name, href
    for name, embedded in document.get("_embedded", {}).items():
        prefix, _, rest = name.partition(":")
        yield "embedded", curies[prefix].replace("{rel}", rest)
        for each in embedded if isinstance(embedded, list) else [embedded]:
            yield from _hal_links(each)


def xml_links(body: bytes) -> Links:
    for element in etree.fromstring(body).iter("resource", "link"):
        if element.tag == "link":
            href = element.get("href")
            yield element.get("rel"), expanded(href) if element.get("templated") else href
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


def forms_links(body: bytes) -> Links:
    document = json.loads(body)
    yield from _hal_links(document)
    for template in document.get("_templates", {}).values():
        if template["method"] == "GET":
            yield "template", template["target"]


def crawl(
    site: Site, media_type: str, read: Callable[[bytes], Links], token: str = "", beyond: str = "nowhere"
) -> dict[str, set[str]]:
    """All addresses found, each with the link relations that led there.

    :param beyond: how addresses begin for which a token with another scope is needed.
    """
    found: dict[str, set[str]] = {f"{BASE}/": {"start"}}
    waiting = deque(found)
    while waiting:
        href = waiting.popleft()
        if href.startswith(f"{BASE}{ROOT}"):
            require_alternate(site, href, token)
            continue
        response = site.ask(href, media_type, token=token)
        if href.startswith(f"{BASE}{beyond}"):
            assert response.status_code == 403, href
            continue
        if href == f"{BASE}/token":  # whose answers are flat JSON, as OAuth has them and the link says
            require_token_endpoint(site)
            continue
        if response.status_code == 405:
            response = site.ask(href, media_type, method="OPTIONS", token=token)
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


def require_alternate(site: Site, href: str, token: str) -> None:
    """Where a customer stands in OData, in the JSON that the link says."""
    answer = site.ask(href, JSON, token=token)
    assert answer.status_code == 200, (href, answer.text)
    assert answer.headers["Content-Type"].startswith(JSON)


def require_token_endpoint(site: Site) -> None:
    assert site.ask("/token").status_code == 405
    options = site.ask("/token", method="OPTIONS")
    assert (options.status_code, options.headers["Content-Type"]) == (200, "application/json")
    assert "POST" in options.headers["Allow"]


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
    assert {"/transactions/1", "/transactions/6/items", "/items/1"} <= addresses
    assert sum(address.startswith("/customers/") and address.count("/") == 2 for address in addresses) == 32


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
    formats = ((HAL, hal_links), (XML, xml_links), (SIREN, siren_links), (HAL_FORMS, forms_links))
    found = [set(crawl(site, *each)) for each in formats]

    assert found[0] == found[1]
    assert found[0] <= found[2] == found[3]


@in_each_format
@pytest.mark.parametrize(
    ("noun", "rest"),
    [("clients", {"/users", "/clients"}), ("users", {"/users/1/stores"}), ("", {"/clients"})],
)
def test_clients_users_and_strangers_find_what_is_theirs_and_nothing_else(
    site: Site, noun: str, rest: set[str], media_type: str, read: Callable[[bytes], Links]
) -> None:
    token = site.tokens[f"/{noun}"] if noun else None
    found = crawl(site, media_type, read if noun else outside_examples(read), token, beyond="/store")

    addresses = {href.removeprefix(BASE).partition("?")[0] for href in found}
    public = {each for each in addresses if each.startswith(("/rels", "/property_helpers"))}
    own = {f"/{noun}/1"} if noun else set()
    embedded = {each for each in addresses if each.startswith("/store")}
    assert addresses - public - embedded == {"/", "/token", *rest, *own}
    assert bool(embedded) == (noun == "users")
    assert b"Nordlys" not in b"".join(site.ask(each, media_type, token=token).data for each in found)
