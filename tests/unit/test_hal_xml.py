"""HAL+XML as the old specification and the seed have it; HX numbers are those of the checklist."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from representations import Link, Rel, Resource, hal_xml
from tests.unit.example import BASE, BOOK_OF_TEA, GOLDEN, NOTE, NOTES, refusal, rel, shape
from tests.unit.strategies import BOUNDED, FEW, bases, resources, texts

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def rendered(resource: Resource, base: str = BASE) -> etree._Element:
    return etree.fromstring(hal_xml.render(resource, base), PARSER)


def content(value: Any) -> bytes:
    """How the bytes of a document carry a value."""
    document = hal_xml.render(Resource(shape("x"), (value,)), BASE)
    return document.partition(b"<x>")[2].rpartition(b"</x>")[0]


def carried(text: str) -> str:
    """The text as XML 1.0 can carry it, by the ranges of its production `Char`."""
    return "".join(each if _is_char(ord(each)) else "\ufffd" for each in text)


def _is_char(code: int) -> bool:
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (BOOK_OF_TEA, "book.hal.xml"),
        (refusal(400, ("email is not an address", "email", "invalid")), "refusal.hal.xml"),
    ],
)
def test_the_document_is_the_golden_one(resource: Resource, name: str) -> None:
    golden = (GOLDEN / name).read_text()
    found = hal_xml.render(resource, BASE).decode()

    assert etree.canonicalize(found, strip_text=True) == etree.canonicalize(golden, strip_text=True)


def test_the_media_type_is_hals_and_answers_to_plain_xml_as_well() -> None:
    assert hal_xml.MEDIA_TYPE == "application/hal+xml"
    assert hal_xml.ALIASES == ("application/xml", "text/xml")


def test_the_root_is_a_resource_with_the_address_of_its_self_link() -> None:
    """HX1."""
    root = rendered(BOOK_OF_TEA)

    assert root.tag == "resource"
    assert root.get("href") == f"{BASE}/books/7"
    assert root.xpath("link[@rel='self']/@href") == [f"{BASE}/books/7"]


@FEW
@given(resources(depth=1), bases)
def test_a_resource_has_an_href_where_it_links_to_itself_and_it_is_the_same(
    resource: Resource, base: str
) -> None:
    """HX1."""
    for element in rendered(resource, base).iter("resource"):
        assert element.xpath("link[@rel='self']/@href") == element.xpath("@href")


@FEW
@given(resources(depth=1), bases)
def test_links_are_empty_and_have_rel_and_href(resource: Resource, base: str) -> None:
    """HX2."""
    for link in rendered(resource, base).iter("link"):
        assert len(link) == 0
        assert link.text is None
        assert {"rel", "href"} <= set(link.attrib)


@FEW
@given(resources(depth=1))
def test_an_embedded_resource_says_what_it_is_to_the_one_around_it(resource: Resource) -> None:
    """HX3."""
    for element in rendered(resource).iterdescendants("resource"):
        assert (element.get("rel") or "").startswith(f"{BASE}/rels/")


def test_each_of_many_is_named_by_the_single_relation() -> None:
    """HX3."""
    rels = [each.get("rel") for each in rendered(BOOK_OF_TEA).findall("resource")]

    assert rels == [f"{BASE}/rels/note", f"{BASE}/rels/note", f"{BASE}/rels/shelf"]


def test_the_roots_rel_is_its_kind_and_a_collection_has_none() -> None:
    """HX4; appendix A.2 of hAPI's reference."""
    assert rendered(Resource(shape(kind="book"), ())).get("rel") == f"{BASE}/rels/book"
    assert rendered(Resource(replace(shape(), kind=None), ())).get("rel") is None


@FEW
@given(resources(depth=1))
def test_a_link_is_templated_exactly_when_its_href_is_a_template(resource: Resource) -> None:
    """HX6."""
    for link in rendered(resource).iter("link"):
        assert link.get("templated") == ("true" if "{" in (link.get("href") or "") else None)


def test_several_links_of_one_relation_are_several_links() -> None:
    """HX7."""
    types = rendered(BOOK_OF_TEA).xpath("link[@rel='alternate']/@type")

    assert types == ["application/pdf", "application/epub+zip"]


@FEW
@given(resources(depth=1))
def test_relations_are_iana_names_or_addresses_and_never_compact(resource: Resource) -> None:
    """HX8."""
    for name in rendered(resource).xpath("//@rel"):
        assert name.isalpha() or name.startswith("https://")


def test_there_are_no_curies() -> None:
    """HX8: relations in full need neither curies nor namespaces."""
    assert b"curies" not in hal_xml.render(BOOK_OF_TEA, BASE)
    assert b"xmlns" not in hal_xml.render(BOOK_OF_TEA, BASE)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, b""),
        ("", b""),
        ([], b""),
        ({}, b""),
        (True, b"true"),
        (False, b"false"),
        (0, b"0"),
        (-12.5, b"-12.5"),
        ("a&b<c>d\"e'", b"a&amp;b&lt;c&gt;d\"e'"),
        ("a\rb\nc\td", b"a&#13;b\nc\td"),
        (" two  spaces ", b" two  spaces "),
        ("]]>", b"]]&gt;"),
        ("100% %s {0}", b"100% %s {0}"),
        ("\x00\x0b\ufffe", "\ufffd\ufffd\ufffd".encode()),
        ("\ud800", "\ufffd".encode()),
        ("\U0001d4b3 e\u0301 \u202e", "\U0001d4b3 e\u0301 \u202e".encode()),
        ([None, [1], "<"], b"<value></value><value><value>1</value></value><value>&lt;</value>"),
        ({'"01"': True}, b'<value key="&quot;01&quot;">true</value>'),
        ({"a": {"b": None}}, b'<value key="a"><value key="b"></value></value>'),
        (("x", "y"), b"<value>x</value><value>y</value>"),
    ],
)
def test_every_kind_of_value_has_its_one_way_of_being_written(value: Any, written: bytes) -> None:
    """HX10-HX13, HX15."""
    assert content(value) == written


def test_null_is_an_empty_element_with_an_end_tag() -> None:
    """HX10; appendix A.1 of hAPI's reference."""
    assert b"<subtitle></subtitle>" in hal_xml.render(BOOK_OF_TEA, BASE)


@BOUNDED
@given(texts)
def test_any_text_is_read_back_as_xml_can_carry_it(text: str) -> None:
    """HX12, HX13."""
    link = Link(rel("x"), "/", text)
    root = rendered(Resource(shape("x", "y", links=(link,)), (text, {text: text})))

    assert root.findtext("x") == carried(text)
    assert root.xpath("link/@title") == [carried(text)]
    assert root.xpath("y/value/@key") == [carried(text)]
    assert root.findtext("y/value") == carried(text)


def test_query_strings_in_hrefs_are_escaped() -> None:
    """HX12: where it breaks in practice."""
    link = Link(Rel("self"), "/x?{query}&b='2'")
    resource = Resource(replace(shape(links=(link,)), hidden=("query",)), ("q=%22&a=1",))

    assert b"/x?q=%22&amp;a=1&amp;b='2'\"" in hal_xml.render(resource, BASE)
    assert rendered(resource).get("href") == f"{BASE}/x?q=%22&a=1&b='2'"


@FEW
@given(resources(depth=1), bases)
def test_the_document_is_utf8_and_says_so(resource: Resource, base: str) -> None:
    """HX14."""
    document = hal_xml.render(resource, base)

    assert document.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<resource')
    assert document.decode("utf-8")


def test_links_come_first_then_embedded_resources_then_properties() -> None:
    """Appendix A of hAPI's reference."""
    note = Resource(NOTE, ("a", "b", 1))
    whole = Resource(shape("one", "two", links=(Link(Rel("self"), "/"),)), (1, 2), [(NOTES, [note, note])])

    assert [each.tag for each in rendered(whole)] == ["link", "resource", "resource", "one", "two"]
