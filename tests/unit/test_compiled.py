"""The law that templates, compiled for speed, write what the plain renderings write, byte for byte."""

import orjson
from hypothesis import given
from lxml import etree

from representations import Resource, hal_forms, hal_json, hal_xml, siren
from tests.unit import plain
from tests.unit.example import BASE, BOOK_OF_TEA, shape
from tests.unit.strategies import BOUNDED, bases, resources


def as_bytes(element: etree._Element) -> bytes:
    """The tree as lxml writes it, behind our declaration."""
    return (hal_xml.DECLARATION + etree.tostring(element, encoding="unicode")).encode()


@BOUNDED
@given(resources(), bases)
def test_compiled_hal_json_is_plain_hal_json(resource: Resource, base: str) -> None:
    assert hal_json.render(resource, base) == orjson.dumps(plain.hal_json(resource, base))


@BOUNDED
@given(resources(), bases)
def test_compiled_siren_is_plain_siren(resource: Resource, base: str) -> None:
    assert siren.render(resource, base) == orjson.dumps(plain.siren(resource, base))


@BOUNDED
@given(resources(), bases)
def test_compiled_hal_forms_is_plain_hal_forms(resource: Resource, base: str) -> None:
    assert hal_forms.render(resource, base) == orjson.dumps(plain.hal_forms(resource, base))


@BOUNDED
@given(resources(), bases)
def test_compiled_xml_is_built_xml(resource: Resource, base: str) -> None:
    assert hal_xml.render(resource, base) == as_bytes(hal_xml.build(resource, base))


def test_compiled_xml_is_built_xml_where_there_is_nothing_to_say() -> None:
    nothing = Resource(shape(), ())

    assert hal_xml.render(nothing, BASE) == as_bytes(hal_xml.build(nothing, BASE))


def test_text_of_any_string_class_is_escaped() -> None:
    class Name(str):
        __slots__ = ()

    named = Resource(shape("name"), (Name("<b> & co"),))

    assert hal_xml.render(named, BASE) == as_bytes(hal_xml.build(named, BASE))
    assert b"<name>&lt;b&gt; &amp; co</name>" in hal_xml.render(named, BASE)


def test_a_resource_of_a_row_that_is_no_tuple_renders_alike() -> None:
    listed = Resource(BOOK_OF_TEA.shape, list(BOOK_OF_TEA.values), BOOK_OF_TEA.embedded)

    for media_type in (hal_json, hal_xml, siren, hal_forms):
        assert media_type.render(listed, BASE) == media_type.render(BOOK_OF_TEA, BASE)
