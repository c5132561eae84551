"""What holds of every format that can be sent to us: what we render we read, and nothing breaks a parser."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations import (
    FORMATS,
    PARSERS,
    Body,
    Resource,
    form,
    hal_forms,
    hal_json,
    hal_xml,
    json_patch,
    siren,
)
from tests.unit.bodies import (
    NOT_CARRIED,
    Parse,
    carried_resource,
    read_or_refused,
    refused,
    tampered,
    texts_in,
)
from tests.unit.example import BASE, BOOK_OF_TEA
from tests.unit.strategies import BOUNDED, FEW, bases, resources

READABLE = [hal_json.parse, siren.parse, hal_xml.parse, form.parse]

GOLDEN = Path(__file__).parents[1] / "golden"


def xml_fact(value: Any) -> Any:
    """What is left of a value in XML: text, where null and nothing are the same."""
    if isinstance(value, dict) and value:
        return {key: xml_fact(each) for key, each in value.items()}
    if isinstance(value, list) and value:
        return [xml_fact(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value or value == 0 else ""


def of_one_relation(resource: Resource) -> list[Resource] | None:
    """What is embedded, where it has one relation: all that Siren and XML tell apart."""
    named = {part.single: inner for part, inner in resource.embedded if inner}
    return None if len(named) > 1 else [each for inner in named.values() for each in inner]


def test_each_media_type_that_we_answer_with_can_be_sent_back_but_html() -> None:
    answered = {name for each in FORMATS for name in (each.MEDIA_TYPE, *each.ALIASES)}

    assert answered - {"text/html"} <= set(PARSERS)
    assert set(PARSERS) - answered == {
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
        "text/plain",
    }


@BOUNDED
@given(resources(depth=1).map(carried_resource), bases)
def test_what_hal_json_says_comes_back(resource: Resource, base: str) -> None:
    body = hal_json.parse(hal_json.render(resource, base))
    many = [inner for part, inner in resource.embedded if part.many]

    assert body.properties == resource.properties
    assert body.items == (tuple(each.properties for each in many[0]) if len(many) == 1 else None)
    assert not body.textual


@FEW
@given(resources(depth=1).map(carried_resource), bases)
def test_what_hal_forms_says_comes_back_as_from_hal_json(resource: Resource, base: str) -> None:
    expected = hal_json.parse(hal_json.render(resource, base))

    assert hal_forms.parse(hal_forms.render(resource, base)) == expected


@BOUNDED
@given(resources(depth=1).map(carried_resource), bases)
def test_what_siren_says_comes_back(resource: Resource, base: str) -> None:
    body = siren.parse(siren.render(resource, base))
    embedded = of_one_relation(resource) if resource.embedded else None

    assert body.properties == resource.properties
    assert body.items == (None if embedded is None else tuple(each.properties for each in embedded))
    assert not body.textual


@BOUNDED
@given(resources(depth=1).map(carried_resource), bases)
def test_what_hal_xml_says_comes_back_as_text(resource: Resource, base: str) -> None:
    body = hal_xml.parse(hal_xml.render(resource, base))
    embedded = of_one_relation(resource)

    assert body.properties == xml_fact(resource.properties) or body.properties == resource.properties == {}
    assert body.items == (tuple(xml_fact(each.properties) or {} for each in embedded) if embedded else None)
    assert body.textual


@pytest.mark.parametrize("spoken", [hal_json, siren, hal_xml])
def test_the_laws_are_not_empty(spoken: Any) -> None:
    body = spoken.parse(spoken.render(BOOK_OF_TEA, BASE))

    assert body.properties["title"] == 'Tea & "Crumbs" <100%>'
    assert body.properties["tags"] == ["hot", "wet"]
    assert list(body.properties["sizes"]) == ["small", "large"]


@pytest.mark.parametrize("name", sorted(path.name.partition(".")[0] for path in GOLDEN.glob("*.siren.json")))
def test_the_golden_documents_say_the_same_in_each_format(name: str) -> None:
    by_hal_json = hal_json.parse((GOLDEN / f"{name}.hal.json").read_bytes())
    by_siren = siren.parse((GOLDEN / f"{name}.siren.json").read_bytes())
    by_hal_xml = hal_xml.parse((GOLDEN / f"{name}.hal.xml").read_bytes())

    assert by_hal_json.properties == by_siren.properties
    assert by_hal_xml.properties == {key: xml_fact(each) for key, each in by_siren.properties.items()}


documents = st.one_of(
    *(
        resources(depth=1)
        .map(carried_resource)
        .map(lambda resource, spoken=spoken: spoken.render(resource, BASE))
        for spoken in (hal_json, siren, hal_xml)
    ),
    st.just(b"0[name]=a+b&1[name]=%C3%A9&message="),
    st.just(b'[{"op":"copy","from":"/a","path":"/b"},{"op":"test","path":"/a/0","value":[null]}]'),
)


@BOUNDED
@pytest.mark.parametrize("parse", READABLE)
@given(st.binary() | tampered(documents))
def test_any_bytes_are_read_or_refused(parse: Parse, body: bytes) -> None:
    read = read_or_refused(parse, body)

    assert read is None or isinstance(read, Body)
    if read:
        assert not [text for text in texts_in([read.properties, read.items]) if NOT_CARRIED.search(text)]
        assert not read.textual or only_text([read.properties, read.items])


def only_text(value: Any) -> bool:
    if isinstance(value, dict | list | tuple):
        return all(map(only_text, value.values() if isinstance(value, dict) else value))
    return value is None or isinstance(value, str)


@BOUNDED
@given(st.binary() | tampered(documents))
def test_any_bytes_are_a_patch_or_refused(body: bytes) -> None:
    patch = read_or_refused(json_patch.parse, body)

    assert patch is None or all(isinstance(each, dict) for each in patch.operations)


def in_json(text: str) -> bytes:
    escaped = "".join(f"\\u{ord(each):04x}" for each in text)
    return f'{{"first_name":"a{escaped}"}}'.encode()


def in_siren(text: str) -> bytes:
    return b'{"properties":' + in_json(text) + b"}"


def in_form(text: str) -> bytes:
    return b"first_name=a" + b"".join(b"%%%02X" % byte for byte in text.encode())


@pytest.mark.parametrize(
    ("character", "named"),
    [
        ("\x00", "the control character U+0000"),
        ("\x01", "the control character U+0001"),
        ("\x0b", "the control character U+000B"),
        ("\x1f", "the control character U+001F"),
        ("\ufffe", "the character U+FFFE"),
        ("\uffff", "the character U+FFFF"),
    ],
)
@pytest.mark.parametrize(
    ("parse", "written"),
    [
        (hal_json.parse, in_json),
        (siren.parse, in_siren),
        (form.parse, in_form),
    ],
    ids=["json", "siren", "form"],
)
def test_a_character_that_xml_cannot_carry_is_refused_by_name(
    parse: Parse, written: Any, character: str, named: str
) -> None:
    error = refused(parse, written(character))

    assert error.message == f"first_name holds {named}, which XML cannot carry: leave it out"
    assert error.property == "first_name"


@pytest.mark.parametrize(
    "text", ["\t\n\r", "\x7f\x85\x9f", "\u202e\u2028", "\U0001f469\u200d\U0001f680", "e\u0301"]
)
def test_all_other_characters_are_kept_in_every_format(text: str) -> None:
    references = "".join(f"&#{ord(each)};" for each in text)
    bodies = [
        hal_json.parse(json.dumps({"first_name": f"a{text}"}).encode()),
        siren.parse(json.dumps({"properties": {"first_name": f"a{text}"}}, ensure_ascii=False).encode()),
        hal_xml.parse(f"<r><first_name>a{references}</first_name></r>".encode()),
        form.parse(in_form(text)),
    ]

    assert [body.properties for body in bodies] == [{"first_name": f"a{text}"}] * 4
