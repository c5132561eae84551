"""The Link header that mirrors a resource's links, read back by a parser of RFC 8288's own grammar."""

import re
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import unquote

import pytest
from hypothesis import given

from representations import Link, Rel, Resource, Value, link_header
from tests.unit.example import BASE, BOOK_OF_TEA, rel, shape
from tests.unit.strategies import BOUNDED, FEW, bases, resources, texts

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[\t !#-\[\]-~]|\\[\t -~])*"'
_PARAMETER = rf";({_TOKEN})=({_TOKEN}|{_QUOTED})"
_ENTRY = rf"<([^<>\s]*)>((?:{_PARAMETER})*)"
_EXTENDED = re.compile(r"UTF-8''((?:[!#$&+.^_`|~0-9A-Za-z-]|%[0-9A-F]{2})*)")


@dataclass(frozen=True)
class Entry:
    """One link of the header."""

    href: str
    rel: str
    title: str | None
    type: str | None


def parsed(header: str) -> list[Entry]:
    """The header's links; it must be well formed from its first character to its last."""
    assert re.fullmatch(rf"(?:{_ENTRY}(?:, {_ENTRY})*)?", header), header
    return [_entry(match[1], match[2]) for match in re.finditer(_ENTRY, header)]


def _entry(href: str, parameters: str) -> Entry:
    found = dict(re.findall(_PARAMETER, parameters))
    unquoted = {name: value.strip('"') for name, value in found.items()}
    title = unquoted.get("title")
    if "title*" in found:
        encoded = _EXTENDED.fullmatch(found["title*"])
        assert encoded, found["title*"]
        title = unquote(encoded[1], errors="strict")
    return Entry(href, unquoted["rel"], title, unquoted.get("type"))


def header_of(*links: Link, **values: Any) -> str:
    """The header of a resource of no kind, of which there is nothing else to say."""
    plain = replace(shape(*values, links=links), kind=None)
    return link_header(Resource(plain, tuple(values.values())), BASE)


def own(header: str) -> list[Entry]:
    """The header's links but for those to what describes the resource."""
    return [each for each in parsed(header) if each.rel != "profile"]


def test_the_links_of_the_example_are_all_there() -> None:
    assert own(link_header(BOOK_OF_TEA, BASE)) == [
        Entry(f"{BASE}/books/7", "self", "This Book", None),
        Entry(f"{BASE}/books/7/notes", f"{BASE}/rels/notes", 'Notes on "this" <Book>', None),
        Entry(f"{BASE}/shops/66?book=7&view=all", f"{BASE}/rels/shop", None, None),
        Entry("https://books.example/7.pdf", "alternate", "As a file", "application/pdf"),
        Entry("https://books.example/7.epub", "alternate", None, "application/epub+zip"),
    ]


@BOUNDED
@given(resources(depth=0), bases)
def test_the_header_says_what_the_links_say(resource: Resource, base: str) -> None:
    def whole(href: str) -> str:
        return base + href if href.startswith("/") else href

    assert own(link_header(resource, base)) == [
        Entry(whole(link.href), whole(link.rel.uri), cast("str | None", link.title), link.type)
        for link in resource.links
        if not link.templated
    ]


@FEW
@given(resources(depth=0), bases)
def test_the_header_is_visible_ascii_so_that_no_line_can_be_broken(resource: Resource, base: str) -> None:
    assert re.fullmatch(r"[ -~]*", link_header(resource, base))


@BOUNDED
@given(texts)
def test_no_title_breaks_the_line(title: str) -> None:
    declared, filled = (
        header_of(Link(Rel("self"), "/", title)),
        header_of(Link(Rel("self"), "/", Value("name")), name=title),
    )

    assert declared == filled
    assert re.fullmatch(r"[ -~]*", declared)
    assert parsed(declared) == [Entry(f"{BASE}/", "self", title, None)]


def test_a_relation_of_ours_is_written_in_full() -> None:
    """LH4: no curies in headers."""
    assert header_of(Link(rel("store"), "/stores/1")) == f'<{BASE}/stores/1>;rel="{BASE}/rels/store"'


def test_a_plain_title_is_quoted() -> None:
    assert header_of(Link(Rel("self"), "/", "This, too; <it>")) == (
        f'<{BASE}/>;rel="self";title="This, too; <it>"'
    )


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Größe", "Gr%C3%B6%C3%9Fe"),
        ('a "b"', "a%20%22b%22"),
        ("a\\b", "a%5Cb"),
        ("a\r\nSet-Cookie: x", "a%0D%0ASet-Cookie%3A%20x"),
        ("\x00", "%00"),
        ("\U0001d4b3", "%F0%9D%92%B3"),
        ("é*'%", "%C3%A9%2A%27%25"),
    ],
)
def test_a_title_that_quotes_cannot_hold_is_encoded(title: str, written: str) -> None:
    """LH2; RFC 8187 §3.2."""
    assert header_of(Link(Rel("self"), "/", title)) == f"<{BASE}/>;rel=\"self\";title*=UTF-8''{written}"


def test_a_type_is_quoted() -> None:
    link = Link(Rel("alternate"), "/x", type="application/pdf")

    assert header_of(link) == f'<{BASE}/x>;rel="alternate";type="application/pdf"'


def test_templates_are_left_out() -> None:
    """LH3: the target of a header's link is an address."""
    template = Link(Rel("search"), "/find{?q}", templated=True)

    assert header_of(template) == ""
    assert parsed(header_of(template, Link(Rel("self"), "/"))) == [Entry(f"{BASE}/", "self", None, None)]


def test_without_links_the_header_is_empty() -> None:
    assert header_of() == ""


def test_a_percent_sign_stays_what_it_is() -> None:
    link = Link(Rel("self"), "/100%25/%s/{id}", "100% {id} %s")

    assert header_of(link, id="a%20b") == f'<{BASE}/100%25/%s/a%20b>;rel="self";title="100% {{id}} %s"'


def test_what_is_embedded_stays_out_of_the_header() -> None:
    assert "/notes/1" not in link_header(BOOK_OF_TEA, BASE)


def test_what_describes_the_resource_stands_behind_its_links_and_what_describes_the_api_last() -> None:
    """PR2 to PR4. The kind's page is the profile where nothing else is said of it."""
    service = shape(links=(Link(Rel("service-doc"), "/rels", type="text/html"),))
    schema = Link(Rel("describedby"), "/schemas/book", type="application/schema+json")
    profile = Link(Rel("profile"), "/rels/books")
    itself = Link(Rel("self"), "/")

    def rels(about: tuple[Link, ...]) -> list[tuple[str, str, str | None]]:
        described = Resource(replace(shape(links=(itself,), kind="book"), about=about), ())
        entries = parsed(link_header(described, BASE, service))
        return [(each.rel, each.href, each.type) for each in entries]

    first, last = ("self", f"{BASE}/", None), ("service-doc", f"{BASE}/rels", "text/html")
    assert rels(()) == [first, ("profile", f"{BASE}/rels/book", None), last]
    assert rels((profile, schema)) == [
        first,
        ("profile", f"{BASE}/rels/books", None),
        ("describedby", f"{BASE}/schemas/book", "application/schema+json"),
        last,
    ]
