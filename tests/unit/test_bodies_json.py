"""JSON as it may be sent to us, plain, as HAL and as Siren, and all that is refused of it."""

import json
from typing import Any

import pytest

from representations import Body, hal_json, siren
from tests.unit.bodies import refused


def test_an_object_is_the_properties_of_one_resource() -> None:
    body = hal_json.parse(b'{"first_name": "Ann", "id": 7, "tax": 1.5, "gone": null, "is_anonymous": false}')

    assert body == Body(
        {"first_name": "Ann", "id": 7, "tax": 1.5, "gone": None, "is_anonymous": False},
        items=None,
        textual=False,
    )


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"{}"])
def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    assert hal_json.parse(body) == siren.parse(body) == Body({})


def test_an_array_of_objects_is_a_list_of_items() -> None:
    assert hal_json.parse(b'[{"name": "a", "_links": {}}, {}]') == Body({}, ({"name": "a"}, {}))
    assert hal_json.parse(b"[]") == Body({}, ())


def test_what_documents_hold_besides_properties_is_dropped() -> None:
    assert hal_json.parse(
        b'{"_links":{"curies":[{"name":"fx"}]},"_templates":{},"message":"done","name":"a","curies":1}'
    ) == Body({"name": "a", "curies": 1})


def test_what_is_dropped_may_hold_what_properties_may_not() -> None:
    assert hal_json.parse(b'{"_links":{"x":{"title":"\\u0001"}},"a":1}') == Body({"a": 1})


def test_structured_values_are_kept_for_the_schema_to_refuse() -> None:
    assert hal_json.parse(b'{"a": {"_links": [1, {}]}}').properties == {"a": {"_links": [1, {}]}}


def test_the_counters_of_a_page_are_kept() -> None:
    counters = {"total_items": 3, "returned_items": 1, "limit": 1, "offset": 0}
    page = counters | {"_embedded": {"fx:attributes": [{"name": "a"}]}}

    assert hal_json.parse(json.dumps(page).encode()) == Body(counters, ({"name": "a"},))


@pytest.mark.parametrize(
    ("embedded", "items"),
    [
        ({"x": [{"a": 1, "message": "m", "_embedded": {"y": [{}]}}]}, ({"a": 1},)),
        ({"x": []}, ()),
        ({"x": [{"a": 1}], "one": {"b": 2}}, ({"a": 1},)),
        ({"x": [{"a": 1}], "y": []}, None),
        ({"one": {"b": 2}}, None),
        ({"x": [1, 2]}, None),
        ({}, None),
        (["x"], None),
        (None, None),
    ],
)
def test_items_are_what_the_only_relation_to_many_embeds(embedded: Any, items: Any) -> None:
    assert hal_json.parse(json.dumps({"_embedded": embedded}).encode()) == Body({}, items)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1", "the body is neither an object nor an array of objects"),
        (b'"{}"', "the body is neither an object nor an array of objects"),
        (b"null", "the body is neither an object nor an array of objects"),
        (b"[{}, 1]", "item 1 is not an object"),
        (b"[[]]", "item 0 is not an object"),
        (b'{"a": 1,}', "the body is not JSON: line 1, column 9"),
        (b"{\n  'a': 1}", "the body is not JSON: line 2, column 3"),
        (b"{} {}", "the body is not JSON: line 1, column 4"),
        (b'{"a": "\n"}', "the body is not JSON: line 1, column 8"),
        (b'{"a": 01}', "the body is not JSON: line 1, column 8"),
        (b'{"a": "', "the body is not JSON: line 1, column 7"),
        (b"name=Ann", "the body is not JSON: line 1, column 1"),
        (b"]", "the body is not JSON: line 1, column 1"),
        (b'{"a": NaN}', "NaN is not JSON: numbers are finite"),
        (b'{"a": -Infinity}', "-Infinity is not JSON: numbers are finite"),
        (b'{"\xff": 1}', "the body is not UTF-8: byte 2"),
        (b'{"a": "\xed\xa0\x80"}', "the body is not UTF-8: byte 7"),
        ("{}".encode("utf-16"), "the body is not UTF-8: byte 0"),
        ('{"a":1}'.encode("utf-16-le"), "the body is not JSON: line 1, column 2"),
        (b"\xef\xbb\xbf{}", "the body begins with a byte order mark: leave it out"),
    ],
)
def test_what_is_not_such_json_is_refused(body: bytes, message: str) -> None:
    error = refused(hal_json.parse, body)

    assert (error.message, error.property) == (message, None)
    if not body.startswith(b"[") and b"neither" not in message.encode():
        assert refused(siren.parse, body).message == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a": 1, "b": 2, "a": 1}', "a stands twice in one object: send it once"),
        (b'{"b": {"a": 1, "\\u0061": 1}}', "a stands twice in one object: send it once"),
        (b'{"_links": {"a": 1, "a": 1}}', "a stands twice in one object: send it once"),
        (b'{"a": 1e400}', "a holds a number that is too large"),
        (b'{"a": [-1e400]}', "a holds a number that is too large"),
        (b'{"a": 9223372036854775808}', "a holds an integer of more than 64 bits"),
        (b'{"a": {"b": -9223372036854775809}}', "a holds an integer of more than 64 bits"),
        (b'{"a": %s}' % (b"7" * 5_000), "a holds an integer of more than 64 bits"),
        (b'{"a": "\\ud800"}', "a holds the lone surrogate U+D800, which XML cannot carry: leave it out"),
        (
            b'{"a": "\\udc00\\ud800"}',
            "a holds the lone surrogate U+DC00, which XML cannot carry: leave it out",
        ),
        (
            b'{"a": {"\\u0000": 1}}',
            "a holds the control character U+0000, which XML cannot carry: leave it out",
        ),
        (
            b'{"a": [{"b": "\\u0001"}]}',
            "a holds the control character U+0001, which XML cannot carry: leave it out",
        ),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_with_its_property(body: bytes, message: str) -> None:
    error = refused(hal_json.parse, body)

    assert (error.message, error.property) == (message, "a")


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800", "\\uffff"])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    error = refused(hal_json.parse, f'{{"a{name}": 1}}'.encode())

    assert error.message.startswith("the name of a property holds the ")
    assert error.property is None


def test_a_fault_in_an_item_says_in_which() -> None:
    error = refused(hal_json.parse, b'[{"name": "a"}, {"name": "\\u0001"}]')

    assert error.message.startswith("item 1: name holds the control character")
    assert error.property == "name"


def test_a_message_shows_of_a_name_no_more_than_is_fit_to_be_shown() -> None:
    name = json.dumps("\u202e<b>\n\ud800" + "x" * 1000)
    error = refused(hal_json.parse, f"{{{name}: 1, {name}: 2}}".encode())

    assert error.message.startswith("\ufffd<b>\ufffd\ufffdxxx")
    assert len(error.message) < 110


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0, -0.0, 1.7e308, 5e-324])
def test_the_numbers_that_databases_keep_are_kept(number: float) -> None:
    assert hal_json.parse(json.dumps({"a": number}).encode()).properties == {"a": number}


def test_nesting_is_allowed_to_32_levels() -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    assert hal_json.parse(nested(32)).properties
    assert refused(hal_json.parse, nested(33)).message == "the body is nested more than 32 deep"


def test_brackets_in_text_nest_nothing() -> None:
    text = "[{" * 100 + '\\"' + "[{" * 100

    assert hal_json.parse(json.dumps({"a": text, text: [text]}).encode()).properties == {
        "a": text,
        text: [text],
    }


def test_ten_thousand_values_are_read_and_one_more_is_not() -> None:
    def many(values: int) -> bytes:
        return json.dumps({"a": [0] * (values - 2)}).encode()

    assert hal_json.parse(many(10_000)).properties
    assert refused(hal_json.parse, many(10_001)).message == "the body holds more than 10000 values"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000,
        b'{"a":' * 1_000_000,
        b"[" * 5_000 + b"]" * 5_000,
        b"]" * 1_000_000,
        b"[]" * 500_000,
        b'"' * 1_000_000,
        b'"' + b'\\"' * 500_000,
        b'["' + b"\\" * 1_000_001,
        b'{"a":"' + b"x" * 1_000_000,
        b"[" + b"0," * 500_000 + b"0]",
        b"{" + b'"a":0,' * 200_000 + b'"a":0}',
        b'{"a":' + b"9" * 1_000_000 + b"}",
        b'{"a":1' + b"0" * 1_000_000 + b".5}",
        b'{"a":1e' + b"9" * 1_000_000 + b"}",
        b" " * 1_000_000 + b"x",
    ],
    ids=lambda body: f"{body[:8]!r} {len(body)}",
)
@pytest.mark.parametrize("parse", [hal_json.parse, siren.parse])
def test_hostile_documents_are_refused_at_a_bounded_price(parse: Any, body: bytes) -> None:
    refused(parse, body)


# Siren


def test_of_an_entity_its_properties_are_read() -> None:
    entity = {
        "class": ["customer"],
        "properties": {"first_name": "Ann", "class": 1, "message": "done"},
        "links": [{"rel": ["self"], "href": "/"}],
        "actions": [{"name": "x"}],
    }

    assert siren.parse(json.dumps(entity).encode()) == Body({"first_name": "Ann", "class": 1})


@pytest.mark.parametrize(
    ("entities", "items"),
    [
        ([{"rel": ["r"], "properties": {"a": 1}}, {"rel": ["r"]}], ({"a": 1}, {})),
        ([{"properties": {"a": 1}}, {"properties": {"a": 2}}], ({"a": 1}, {"a": 2})),
        ([{"rel": ["r"], "properties": {"a": 1}}, {"rel": ["s"], "properties": {"a": 2}}], None),
        ([], ()),
        ("x", None),
    ],
)
def test_items_are_sub_entities_of_one_relation(entities: Any, items: Any) -> None:
    assert siren.parse(json.dumps({"properties": {}, "entities": entities}).encode()) == Body({}, items)


def test_an_array_of_entities_is_a_list_of_items() -> None:
    assert siren.parse(b'[{"properties":{"a":1}},{}]') == Body({}, ({"a": 1}, {}))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"first_name": "Ann"}', "first_name is not in the properties of a Siren entity: move it there"),
        (b'[{"name": "a"}]', "name is not in the properties of a Siren entity: move it there"),
        (b'{"properties": null}', "the properties of a Siren entity are not an object"),
        (b'{"properties": [1]}', "the properties of a Siren entity are not an object"),
        (b"[1]", "the body is neither a Siren entity nor an array of entities"),
        (b"1", "the body is neither a Siren entity nor an array of entities"),
        (b'{"entities": [1]}', "the body is neither a Siren entity nor an array of entities"),
    ],
)
def test_what_is_not_an_entity_is_refused(body: bytes, message: str) -> None:
    assert refused(siren.parse, body).message == message
