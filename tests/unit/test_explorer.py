"""The page for people: whatever a value says, it is text, and the only markup is ours."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given

from representations import Embedded, Link, Rel, Resource, Value, explorer
from tests.databases import absent
from tests.unit.example import BASE, BOOK_OF_TEA, LOANS, NOTE, NOTES, refusal, rel, shape
from tests.unit.strategies import BOUNDED, FEW, resources, texts

SCRIPT = "<script>alert('x')</script>"


class Page(HTMLParser):
    """A page as a browser would see it: its tags and attributes, and of its main part addresses and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.hrefs: list[str] = []
        self.text = ""
        self.main = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.main = self.main or tag == "main"
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if self.main:
            self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self.main = self.main and tag != "main"

    def handle_data(self, data: str) -> None:
        if self.main:
            self.text += data


def page_of(resource: Resource) -> Page:
    return Page(explorer.render(resource, BASE).decode())


def everywhere(text: str) -> Resource:
    """A resource that says this text wherever one that is not declared can stand."""
    own = Link(Rel("self"), "/", Value("text"))
    talkative = shape("text", "map", "list", links=(own,))
    values = (text, {text: text, "innermost": {text: [text]}}, [text, {text: text}])
    inner = Resource(talkative, values)
    return Resource(talkative, values, [(NOTES, [inner, inner]), (LOANS, [])])


HARMLESS = page_of(everywhere("harmless")).tags


def test_the_media_type_is_htmls() -> None:
    assert (explorer.MEDIA_TYPE, explorer.ALIASES) == ("text/html", ())


@BOUNDED
@given(texts)
def test_no_text_of_a_value_changes_the_markup(text: str) -> None:
    assert page_of(everywhere(text)).tags == HARMLESS


@pytest.mark.parametrize(
    "resource",
    [
        everywhere(SCRIPT),
        Resource(shape(SCRIPT), (1,)),
        Resource(shape("a", links=(Link(Rel("self"), "/", SCRIPT),)), (1,)),
        Resource(shape("a", links=(Link(Rel(SCRIPT), "/", "A"),)), (1,)),
        Resource(shape("a", kind=SCRIPT), (1,)),
        Resource(shape("a"), (1,), [(Embedded(rel(SCRIPT), rel(SCRIPT), many=True), [])]),
        refusal(400, (SCRIPT, SCRIPT, SCRIPT)),
    ],
    ids=["values", "property", "title", "relation", "kind", "embedded", "error"],
)
def test_a_script_is_shown_and_not_run(resource: Resource) -> None:
    page = explorer.render(resource, BASE).decode()

    assert page.count("<script") == 1  # our own
    assert SCRIPT in Page(page).text


def test_an_href_cannot_break_out_of_its_attribute() -> None:
    page = page_of(Resource(shape("a", links=(Link(Rel("self"), '/"><script>x</script>'),)), (1,)))

    assert [tag for tag, _ in page.tags].count("script") == 1  # our own


@FEW
@given(resources(depth=1))
def test_every_address_in_the_page_is_declared_and_in_full(resource: Resource) -> None:
    """Names that IANA registered are no addresses: a link to `self` would lead nowhere."""
    page = page_of(resource)
    own = [href for href in page.hrefs if href.startswith("#")]

    assert all(href.startswith("https://") for href in page.hrefs if href not in own), page.hrefs
    assert {href[1:] for href in own} <= {value for _, name, value in page.attributes if name == "id"}


def test_the_page_links_to_what_the_resource_links_to() -> None:
    hrefs = page_of(BOOK_OF_TEA).hrefs

    for href in ("/books/7", "/books/7/notes", "/shops/66?book=7&view=all", "/notes/1", "/shelves/a%20b"):
        assert f"{BASE}{href}" in hrefs
    assert "https://books.example/7.pdf" in hrefs


def test_relations_of_ours_link_to_their_documentation() -> None:
    hrefs = page_of(BOOK_OF_TEA).hrefs

    assert {f"{BASE}/rels/notes", f"{BASE}/rels/shelf", f"{BASE}/rels/shop"} <= set(hrefs)


def test_a_value_that_looks_like_an_address_is_no_link() -> None:
    page = page_of(Resource(shape("a"), ("javascript:alert(1)",)))

    assert page.hrefs == [f"{BASE}/rels/thing", f"{BASE}/rels/thing#a"]
    assert "javascript:alert(1)" in page.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (12.5, "12.5"),
        ("a & b", "a & b"),
        ([1, "two"], "1, two"),
        ([True, None], "true, null"),
        ([[1, 2], [3]], "1, 2, 3"),
        ([], ""),
    ],
)
def test_every_kind_of_value_is_shown_as_people_write_it(value: Any, shown: str) -> None:
    text = page_of(Resource(shape("property", kind="thing"), (value,))).text

    assert " ".join(text.split()).partition("Properties ")[2] == f"property{shown}"


@pytest.mark.parametrize(
    "value",
    [
        {"outer": {"inner": ["leaf", 1]}},
        {"outer": {"inner": "leaf"}, "other": {"inner": 1}},
        {"outer": {"inner": "leaf"}, "other": 1},
        {"outer": [{"inner": "leaf"}, 1]},
        [{"outer": {"inner": "leaf"}}, 1],
    ],
)
def test_all_of_a_nested_value_is_shown(value: Any) -> None:
    text = page_of(Resource(shape("property"), (value,))).text

    assert all(text.count(word) == 1 for word in ("property", "outer", "inner", "leaf", "1"))
    assert not set("{}[]'") & set(text)


def test_embedded_resources_are_shown_with_their_values_and_their_relation() -> None:
    text = page_of(BOOK_OF_TEA).text

    assert "fx:notes" in text
    assert "über 20 cm" in text


def test_a_relation_that_embeds_nothing_says_so() -> None:
    assert "None." in page_of(Resource(shape(), (), [(LOANS, [])])).text


def titles(resource: Resource) -> tuple[str, str]:
    """The page's title in the browser, and on the page."""
    page = explorer.render(resource, BASE).decode()
    (outside,), (inside,) = re.findall("<title>(.*)</title>", page), re.findall("<h1[^>]*>(.*)</h1>", page)
    return outside, inside


def test_the_page_is_titled_as_its_own_link_is_and_in_the_browser_by_what_it_is() -> None:
    assert titles(BOOK_OF_TEA) == ("Book 7 · Patron", "This Book")


def test_a_page_without_a_title_is_titled_by_its_kind_or_else_by_what_all_are() -> None:
    assert titles(Resource(shape(), ())) == ("Thing · Patron", "thing")
    assert titles(Resource(replace(shape(), kind=None), ())) == ("Resource · Patron", "resource")


def test_nothing_but_its_own_script_and_style_is_allowed() -> None:
    policy = dict(each.split(" ", 1) for each in explorer.CONTENT_SECURITY_POLICY.split("; "))

    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in explorer.CONTENT_SECURITY_POLICY


def test_the_page_needs_nothing_that_the_policy_refuses() -> None:
    page = page_of(everywhere(SCRIPT))
    loaded = [value for tag, name, value in page.attributes if tag != "a" and name in {"src", "href"}]

    assert {"iframe", "img", "base", "object", "style"}.isdisjoint(tag for tag, _ in page.tags)
    assert not [name for _, name, _ in page.attributes if name == "style" or name.startswith("on")]
    assert all(value == "data:," or value.startswith("/explorer/") for value in loaded), loaded


def test_the_script_and_the_style_are_asked_for_by_their_versions() -> None:
    page = page_of(BOOK_OF_TEA)
    loaded = [
        value for tag, name, value in page.attributes if tag in {"script", "link"} and "explorer" in value
    ]

    assert loaded == [f"/explorer/{name}?v={asset.version}" for name, asset in explorer.ASSETS.items()]


def test_the_script_as_it_is_served_can_be_read(tmp_path: Path) -> None:
    """What it leaves out of its parts, lines that look like comments, was no part of a text."""
    served = tmp_path / "script.mjs"
    served.write_bytes(explorer.ASSETS["script.js"].content)
    if shutil.which("node") is None:
        absent("node is needed to read a script: install Node.js")
    checked = subprocess.run(["node", "--check", served], capture_output=True, text=True, timeout=60)

    assert checked.returncode == 0, checked.stderr


@pytest.fixture
def hurried_threads() -> Iterator[None]:
    """Threads that take turns after every few instructions, as on a busy server."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried_threads")
def test_pages_for_different_hosts_that_are_made_at_once_do_not_mix() -> None:
    small = Resource(shape("a", links=(Link(Rel("self"), "/"),)), (1,))

    start = Barrier(2)

    def foreign(own: str, other: str) -> int:
        start.wait()
        return sum(other in explorer.render(small, own).decode() for _ in range(500))

    with ThreadPoolExecutor(2) as pool:
        hosts = ["https://one.example", "https://two.example"]
        assert list(pool.map(foreign, hosts, reversed(hosts))) == [0, 0]


def test_an_embedded_resource_is_linked_to_by_what_it_is() -> None:
    page = explorer.render(
        Resource(shape(), (), [(NOTES, [Resource(NOTE, ("size", "x", 9))])]), BASE
    ).decode()

    assert f'<a href="{BASE}/notes/9">Size</a>' in page
