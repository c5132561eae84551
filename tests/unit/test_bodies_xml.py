"""XML as it may be sent to us, HAL's and plain, and all that is refused of it."""

import gc
from contextlib import suppress
from typing import Any

import pytest

from representations import Body, Malformed, hal_xml
from representations.xml_tree import Element
from tests.unit.bodies import refused


def body_of(document: str) -> Body:
    return hal_xml.parse(document.encode())


@pytest.mark.parametrize("root", ["customer", "result", "hal:resource", "名"])
def test_each_child_of_any_root_is_a_property_and_its_text_the_value(root: str) -> None:
    body = body_of(f"<{root}><first_name>Ann</first_name><is_anonymous>1</is_anonymous></{root}>")

    assert body == Body({"first_name": "Ann", "is_anonymous": "1"}, items=None, textual=True)


@pytest.mark.parametrize("document", ["<r/>", "<r></r>", "<r> \n </r>", "<r><!-- nothing --></r>"])
def test_an_empty_root_says_nothing(document: str) -> None:
    assert body_of(document) == Body({}, textual=True)


def test_links_nested_resources_and_messages_are_not_properties() -> None:
    body = body_of(
        '<resource href="/a" rel="r"><link rel="self" href="/a"/><link rel="next" href="/b"/>'
        "<a>1</a><message>done</message></resource>"
    )

    assert body == Body({"a": "1"}, textual=True)


def test_text_is_kept_as_it_is() -> None:
    body = body_of(
        "<r>\n<a>  two  spaces\n</a>\n<b><![CDATA[<b> & co]]></b><c>x<!-- y -->z<?p?>!</c><d>&#13;</d></r>"
    )

    assert body.properties == {"a": "  two  spaces\n", "b": "<b> & co", "c": "xz!", "d": "\r"}


@pytest.mark.parametrize("empty", ["<a/>", "<a></a>", '<a xsi:nil="false"/>', '<a lang="en"/>'])
def test_an_empty_element_is_an_empty_text(empty: str) -> None:
    assert body_of(f"<r>{empty}</r>").properties == {"a": ""}


@pytest.mark.parametrize("nil", ['xsi:nil="true"', "xsi:nil='1'", 'i:nil="true"', 'nil="true"'])
def test_an_element_that_says_so_is_null(nil: str) -> None:
    assert body_of(f"<r><a {nil}/></r>").properties == {"a": None}


def test_a_byte_order_mark_and_a_declaration_of_utf_8_are_fine() -> None:
    assert hal_xml.parse(
        b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><r><a>\xc3\xa9</a></r>"
    ).properties == {"a": "é"}


def test_the_default_namespace_changes_nothing() -> None:
    assert body_of('<r xmlns="https://x.example"><a>1</a></r>').properties == {"a": "1"}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("<value>a</value><value/>", ["a", ""]),
        ("<value><value>1</value></value>", [["1"]]),
        ('<value key="01">a</value><value key="02"><value>b</value></value>', {"01": "a", "02": ["b"]}),
        ("<city>Oslo</city><zip/>", {"city": "Oslo", "zip": ""}),
        ("<value>a</value><other>b</other>", {"value": "a", "other": "b"}),
    ],
)
def test_nested_elements_are_maps_and_lists(content: str, value: Any) -> None:
    assert body_of(f"<r><x>1</x><a>{content}</a></r>").properties == {"x": "1", "a": value}


@pytest.mark.parametrize("content", ["<value>a</value>", '<value key="01">a</value>'])
def test_a_resource_of_one_map_or_list_is_no_list_of_resources(content: str) -> None:
    assert body_of(f"<r><a>{content}</a></r>").items is None


def test_nested_resources_of_one_relation_are_items() -> None:
    body = body_of(
        '<resource><resource rel="a"><link rel="self" href="/"/><name>x</name></resource>'
        '<resource rel="a"><name>y</name><resource/></resource><limit>2</limit></resource>'
    )

    assert body == Body({"limit": "2"}, ({"name": "x"}, {"name": "y"}), textual=True)


def test_nested_resources_of_several_relations_are_not() -> None:
    assert body_of('<r><resource rel="a"/><resource rel="b"/><x/></r>') == Body({"x": ""}, textual=True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_plain_list_of_elements_with_properties_is_items(count: int) -> None:
    item = "<attribute><name>x</name><value>y</value></attribute>"

    assert body_of(f"<attributes><link rel='self' href='/'/>{item * count}</attributes>") == Body(
        {}, ({"name": "x", "value": "y"},) * count, textual=True
    )


def test_children_of_several_names_are_properties_whatever_they_hold() -> None:
    body = body_of("<r><home><city>a</city></home><work><city>b</city></work></r>")

    assert body == Body({"home": {"city": "a"}, "work": {"city": "b"}}, textual=True)


@pytest.mark.parametrize(
    ("document", "message", "about"),
    [
        ("", "the body is empty", None),
        (" \n", "the body is empty", None),
        ("<r>\x00</r>", "the body holds the control character U+0000, which XML cannot carry", None),
        ("name=Ann", "the body is not well-formed XML: line 1", None),
        ("<r>\n<a>\n</r>", "the body is not well-formed XML: line 3", None),
        ("<r/><r/>", "the body is not well-formed XML: line 1", None),
        ("<r>&nbsp;</r>", "the body is not well-formed XML: line 1", None),
        ("<r><a>\x01</a></r>", "the body is not well-formed XML: line 1", None),
        ("<r><a>&#1;</a></r>", "the body is not well-formed XML: line 1", None),
        ("<r><a>&#0;</a></r>", "the body is not well-formed XML: line 1", None),
        ("<r><a>\ufffe</a></r>", "the body is not well-formed XML: line 1", None),
        ("<r><a>&#xFFFF;</a></r>", "the body is not well-formed XML: line 1", None),
        ("<r><a>&#xD800;</a></r>", "the body is not well-formed XML: line 1", None),
        ("<r a='1' a='2'/>", "the body is not well-formed XML: line 1", None),
        ("<r>Ann</r>", "r holds text where elements should be: line 1", None),
        ("<r>\n<a>x<b/></a></r>", "a mixes text and elements: line 2", "a"),
        ("<r><a><b/>x</a></r>", "a mixes text and elements: line 1", "a"),
        ("<r>Ann<a/></r>", "r mixes text and elements: line 1", "r"),
        ("<r>\n<a/>\n<a/></r>", "a stands twice: line 3", "a"),
        ("<r><a><b/><b/></a></r>", "b stands twice: line 1", "b"),
        ("<r><a><value key='k'/><value key='k'/></a></r>", "k stands twice: line 1", "k"),
        ("<r><a><value/><value key='k'/></a></r>", "a holds values with and without a key: line 1", "a"),
        ("<r><a nil='1'>x</a></r>", "a is nil and yet has content: line 1", "a"),
        ("<r xmlns:x='u'><x:a/></r>", "x:a has a prefix, as no property has: line 1", None),
        ("<r><x:link/></r>", "x:link has a prefix, as no property has: line 1", None),
        (
            "<?xml version='1.0' encoding='latin1'?><r/>",
            "the body declares another encoding than UTF-8",
            None,
        ),
        (
            "<?xml version='1.0' encoding='UTF-16'?><r/>",
            "the body declares another encoding than UTF-8",
            None,
        ),
        ("<!DOCTYPE r><r/>", "the body has a DOCTYPE: leave it out", None),
    ],
)
def test_what_is_not_such_xml_is_refused(document: str, message: str, about: str | None) -> None:
    error = refused(hal_xml.parse, document.encode())

    assert (error.message, error.property) == (message, about)


@pytest.mark.parametrize(
    "body",
    [
        "<r><a>é</a></r>".encode("latin-1"),
        "<r/>".encode("utf-16"),
        "<r/>".encode("utf-16-le"),
        "<r/>".encode("utf-32"),
        "<r/>".encode("utf-7").replace(b"<", b"+ADw-"),
        "<?xml version='1.0' encoding='UTF-16'?><r/>".encode("utf-16"),
        b"\x4c\x99\x61\x6e",
        b"<r><a>\xed\xa0\x80</a></r>",
        b"<r><a>\xc0\x80</a></r>",
        b"<r>\x00</r>",
    ],
)
def test_only_utf_8_is_read(body: bytes) -> None:
    refused(hal_xml.parse, body)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r><a>&l9;</a></r>',
    "in an attribute": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r a="&l9;"/>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><r><a>{"&a;" * 50_000}</a></r>',
    "external entity": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a>&x;</a></r>',
    "external subset": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>',
    "parameter entity": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><r/>',
    "behind comments": "<?p?> <!-- -->" * 1_000 + f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>',
    "behind a declaration": f"<?xml version='1.0'?><!DOCTYPE r [{LAUGHS}]><r/>",
    "behind a mark": f"\ufeff<!DOCTYPE r [{LAUGHS}]><r/>",
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_a_document_type_is_refused_before_anything_of_it_is_read(body: str) -> None:
    assert refused(hal_xml.parse, body.encode()).message == "the body has a DOCTYPE: leave it out"


def test_what_only_looks_like_a_document_type_is_text() -> None:
    assert body_of("<r><!-- <!DOCTYPE r> --><a><![CDATA[<!DOCTYPE html>]]></a></r>").properties == {
        "a": "<!DOCTYPE html>"
    }


HOSTILE = {
    "100,000 deep": "<a>" * 100_000 + "</a>" * 100_000,
    "100,000 deep and never closed": "<a>" * 100_000,
    "200,000 attributes": "<r " + " ".join(f'a{n}=""' for n in range(200_000)) + "/>",
    "200,000 attributes alike": "<r " + 'a="" ' * 200_000 + "/>",
    "200,000 namespaces": "<r " + " ".join(f'xmlns:a{n}="u"' for n in range(200_000)) + "/>",
    "300,000 elements": "<r>" + "<a/>" * 300_000 + "</r>",
    "a long name": f"<r><{'a' * 1_000_000}/><{'a' * 1_000_000}/></r>",
    "a comment without an end": "<!-- -" * 200_000,
    "an instruction without an end": "<?" * 500_000,
    "comments": "<!---->" * 150_000,
    "a section without an end": "<r><a><![CDATA[" + "]]" * 500_000,
    "quotes": "<r a='" * 200_000,
    "white space": " " * 1_000_000 + "<",
    "an xinclude": '<r><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/></r>',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_refused_at_a_bounded_price(body: str) -> None:
    refused(hal_xml.parse, body.encode())


def test_white_space_between_many_elements_costs_no_more_than_it_is_long() -> None:
    document = "<r>" + (" " * 200 + "<link/>") * 9_000 + "x</r>"

    assert refused(hal_xml.parse, document.encode()).message == "r mixes text and elements: line 1"


def test_nesting_is_allowed_to_32_levels() -> None:
    def nested(depth: int) -> bytes:
        return b"<r><x/>" + b"<a>" * (depth - 1) + b"</a>" * (depth - 1) + b"</r>"

    assert hal_xml.parse(nested(32)).properties
    assert refused(hal_xml.parse, nested(33)).message == "the body is nested more than 32 deep: line 1"


def test_ten_thousand_elements_are_read_and_one_more_is_not() -> None:
    def many(elements: int) -> bytes:
        return b"<r>" + b"<link/>" * (elements - 1) + b"</r>"

    assert hal_xml.parse(many(10_000)) == Body({}, textual=True)
    assert refused(hal_xml.parse, many(10_001)).message == "the body has more than 10000 elements"


def test_an_element_may_have_32_attributes_and_not_one_more() -> None:
    def many(attributes: int) -> bytes:
        written = " ".join(f"a{n}=''" for n in range(attributes))
        return f"<r {written}/>".encode()

    assert hal_xml.parse(many(32)) == Body({}, textual=True)
    assert refused(hal_xml.parse, many(33)).message == "an element has more than 32 attributes: line 1"


@pytest.mark.parametrize("body", [b"<r><a><b>1</b></a></r>", b"<r><a>", b"<r>1<a/></r>", b"<!DOCTYPE r><r/>"])
def test_what_was_read_is_not_left_to_the_garbage_collector(body: bytes) -> None:
    gc.collect()
    gc.disable()
    try:
        with suppress(Malformed):
            hal_xml.parse(body)
        assert not [each for each in gc.get_objects() if isinstance(each, Element)]
    finally:
        gc.enable()
