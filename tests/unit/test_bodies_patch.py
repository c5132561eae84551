"""JSON Patch as it may be sent to us: RFC 6902's own examples, laws, and all that is refused."""

import copy
import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations import JsonPatch, Malformed, PatchConflict, json_patch
from tests.unit.bodies import refused
from tests.unit.strategies import BOUNDED

SECRET = "hunter2"


def patch(*operations: Any) -> JsonPatch:
    return json_patch.parse(json.dumps(operations).encode())


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def check(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def move(source: str, path: str) -> dict[str, Any]:
    return {"op": "move", "from": source, "path": path}


def duplicate(source: str, path: str) -> dict[str, Any]:
    return {"op": "copy", "from": source, "path": path}


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


@pytest.mark.parametrize(
    ("document", "operations", "patched"),
    [
        ({"foo": "bar"}, [add("/baz", "qux")], {"baz": "qux", "foo": "bar"}),
        ({"foo": ["bar", "baz"]}, [add("/foo/1", "qux")], {"foo": ["bar", "qux", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, [remove("/baz")], {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, [remove("/foo/1")], {"foo": ["bar", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, [replace("/baz", "boo")], {"baz": "boo", "foo": "bar"}),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            [move("/foo/waldo", "/qux/thud")],
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        (
            {"foo": ["all", "grass", "cows", "eat"]},
            [move("/foo/1", "/foo/3")],
            {"foo": ["all", "cows", "eat", "grass"]},
        ),
        (
            {"baz": "qux", "foo": ["a", 2, "c"]},
            [check("/baz", "qux"), check("/foo/1", 2)],
            {"baz": "qux", "foo": ["a", 2, "c"]},
        ),
        ({"foo": "bar"}, [add("/child", {"grandchild": {}})], {"foo": "bar", "child": {"grandchild": {}}}),
        ({"foo": "bar"}, [add("/baz", "qux") | {"xyz": 123}], {"foo": "bar", "baz": "qux"}),
        ({"/": 9, "~1": 10}, [check("/~01", 10)], {"/": 9, "~1": 10}),
        ({"foo": ["bar"]}, [add("/foo/-", ["abc", "def"])], {"foo": ["bar", ["abc", "def"]]}),
    ],
    ids=["A.1", "A.2", "A.3", "A.4", "A.5", "A.6", "A.7", "A.8", "A.10", "A.11", "A.14", "A.16"],
)
def test_the_examples_of_the_rfc_are_applied(
    document: dict[str, Any], operations: list[Any], patched: dict[str, Any]
) -> None:
    assert patch(*operations).apply(document) == patched


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([check("/baz", "bar")], "operation 0 (test) fails at /baz"),
        ([add("/ok", 1), add("/no/bat", "qux")], "operation 1 (add) does not fit the document at /no/bat"),
        ([check("/~01", "10")], "operation 0 (test) fails at /~01"),
        ([check("/none", None)], "operation 0 (test) fails at /none"),
        ([check("/list/-", 1)], "operation 0 (test) fails at /list/-"),
        ([check("/flag", 1)], "operation 0 (test) fails at /flag"),
        ([remove("/none")], "operation 0 (remove) does not fit the document at /none"),
        ([remove("")], "operation 0 (remove) does not fit the document at "),
        ([remove("/list/9")], "operation 0 (remove) does not fit the document at /list/9"),
        ([remove("/list/01")], "operation 0 (remove) does not fit the document at /list/01"),
        ([replace("/none", 1)], "operation 0 (replace) does not fit the document at /none"),
        ([replace("/list/-", 1)], "operation 0 (replace) does not fit the document at /list/-"),
        ([add("/list/9", 1)], "operation 0 (add) does not fit the document at /list/9"),
        ([add("/list/x", 1)], "operation 0 (add) does not fit the document at /list/x"),
        (
            [add("/list/" + "9" * 5_000, 1)],
            "operation 0 (add) does not fit the document at /list/" + "9" * 58 + "…",
        ),
        ([add("/baz/x", 1)], "operation 0 (add) does not fit the document at /baz/x"),
        ([add("/nil/x", 1)], "operation 0 (add) does not fit the document at /nil/x"),
        ([move("/none", "/x")], "operation 0 (move) does not fit the document from /none to /x"),
        ([move("/list", "/list/0")], "operation 0 (move) does not fit the document from /list to /list/0"),
        ([duplicate("/none", "/x")], "operation 0 (copy) does not fit the document from /none to /x"),
        ([duplicate("/list/-", "/x")], "operation 0 (copy) does not fit the document from /list/- to /x"),
        ([replace("", 5), add("/x", 1)], "operation 1 (add) does not fit the document at /x"),
        (
            [add("/\u202e", 1), remove("/\u202e\n")],
            "operation 1 (remove) does not fit the document at /\ufffd\ufffd",
        ),
    ],
)
def test_an_operation_that_does_not_fit_is_named(operations: list[Any], message: str) -> None:
    document = {"baz": SECRET, "~1": 10, "list": [1], "flag": True, "nil": None}
    before = copy.deepcopy(document)

    with pytest.raises(PatchConflict) as caught:
        patch(*operations).apply(document)
    assert str(caught.value) == message
    assert document == before


def test_the_document_is_not_touched_and_shares_nothing_with_the_result() -> None:
    document = {"a": {"b": [1]}}
    changed = patch(add("/c", [0]), duplicate("/a", "/d"), add("/a/b/-", 2), add("/c/-", 1))

    first, second = changed.apply(document), changed.apply(document)
    first["a"]["b"].append(first["d"])

    assert document == {"a": {"b": [1]}}
    assert second == {"a": {"b": [1, 2]}, "d": {"b": [1]}, "c": [0, 1]}


def test_a_patch_without_operations_changes_nothing() -> None:
    assert patch().apply({"a": 1}) == {"a": 1}


def test_a_test_compares_numbers_by_value_and_objects_whatever_their_order() -> None:
    assert patch(check("/a", 1.0), check("/b", {"y": 2, "x": 1})).apply({"a": 1, "b": {"x": 1, "y": 2}})


@pytest.mark.parametrize(
    ("body", "message", "about"),
    [
        (b"", "the body is not an array of operations", None),
        (b"{}", "the body is not an array of operations", None),
        (b'{"op": "add", "path": "/a", "value": 1}', "the body is not an array of operations", None),
        (b"[1]", "operation 0 is none of add, remove, replace, move, copy, test", None),
        (b'[{"path": "/a"}]', "operation 0 is none of add, remove, replace, move, copy, test", None),
        (b'[{"op": ["add"]}]', "operation 0 is none of add, remove, replace, move, copy, test", None),
        (b'[{"op": "append"}]', "operation 0 is none of add, remove, replace, move, copy, test", None),
        (b'[{"op": "remove"}]', "operation 0 (remove) has no path", None),
        (b'[{"op": "add", "path": "/a"}]', "operation 0 (add) has no value", None),
        (b'[{"op": "test", "path": "/a"}]', "operation 0 (test) has no value", None),
        (b'[{"op": "replace", "path": "/a"}]', "operation 0 (replace) has no value", None),
        (b'[{"op": "move", "path": "/a"}]', "operation 0 (move) has no from", None),
        (b'[{"op": "copy", "path": "/a"}]', "operation 0 (copy) has no from", None),
        (
            b'[{"op": "remove", "path": "a"}]',
            "the path of operation 0 (remove) is not a JSON Pointer, as /first_name is",
            None,
        ),
        (
            b'[{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/~2"}]',
            "the path of operation 1 (remove) is not a JSON Pointer, as /first_name is",
            None,
        ),
        (
            b'[{"op": "remove", "path": 1}]',
            "the path of operation 0 (remove) is not a JSON Pointer, as /first_name is",
            None,
        ),
        (
            b'[{"op": "copy", "path": "/a", "from": null}]',
            "the from of operation 0 (copy) is not a JSON Pointer, as /first_name is",
            None,
        ),
        (b'[{"op": "add", "op": "test"}]', "op stands twice in one object: send it once", "op"),
        (
            b'[{"op": "add", "path": "/a/0", "value": ["\\u0001"]}]',
            "operation 0 (add) holds the control character U+0001, which XML cannot carry: leave it out",
            "a",
        ),
        (
            b'[{"op": "add", "path": "/a~1b", "value": 1e999}]',
            "operation 0 (add) holds a number that is too large",
            "a/b",
        ),
        (
            b'[{"op": "add", "path": "/\\ud800", "value": 1}]',
            "operation 0 (add) holds the lone surrogate U+D800, which XML cannot carry: leave it out",
            "\ufffd",
        ),
    ],
)
def test_what_is_not_a_patch_is_refused(body: bytes, message: str, about: str | None) -> None:
    error = refused(json_patch.parse, body)

    assert (error.message, error.property) == (message, about)


def test_two_hundred_operations_are_read_and_one_more_is_not() -> None:
    operations = [add("/a", 1)] * 201

    assert patch(*operations[:200]).apply({}) == {"a": 1}
    with pytest.raises(Malformed, match="the patch has more than 200 operations"):
        patch(*operations)


def test_a_path_may_be_32_deep_and_no_deeper() -> None:
    assert patch(remove("/a" * 32))
    with pytest.raises(Malformed, match="is more than 32 deep"):
        patch(remove("/a" * 33))


@pytest.mark.parametrize("value", [5, None, [1], "text"])
def test_a_patch_that_leaves_no_object_is_refused(value: Any) -> None:
    with pytest.raises(Malformed, match="the patch leaves no object"):
        patch(replace("", value)).apply({"a": 1})


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([add("/a", [0]), *[duplicate("/a", "/a/-")] * 100], "the document too large"),
        ([add("/a", [0]), *[duplicate("", "/b")] * 100], "the patch nests the document more than 32 deep"),
        (
            [add("/a", "x" * 100_000), *[duplicate("/a", "/b")] * 100],
            "operation 9 makes the document too large",
        ),
        (
            [add("/a", {"x" * 100_000: 1}), *[duplicate("/a", "/b")] * 100],
            "operation 9 makes the document too large",
        ),
        (
            [add("/a", [0] * 5_000), *[move("/a", "/b"), move("/b", "/a")] * 50],
            "operation 1 makes the document too large",
        ),
        ([add("/a", {}), *[duplicate("/a", "/a/a")] * 100], "the patch nests the document more than 32 deep"),
        ([add("/a" * n, {}) for n in range(1, 33)], "the patch nests the document more than 32 deep"),
        ([add("/a", {"b": {}}), add("/a/b" * 16, 1)], None),
    ],
)
def test_a_patch_cannot_blow_the_document_up(operations: list[Any], message: str | None) -> None:
    with pytest.raises(Malformed if message else PatchConflict, match=message):
        patch(*operations).apply({})


_names = st.sampled_from(["a", "b", "", "~1", "/", "0", "名"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=6,
)
_documents = st.dictionaries(_names, _values, max_size=4)
_pointers = st.lists(_names | st.sampled_from(["-", "1", "00"]), max_size=3).map(jsonpatch.path_join)
_operations = st.one_of(
    st.builds(add, _pointers, _values),
    st.builds(replace, _pointers, _values),
    st.builds(check, _pointers, _values),
    st.builds(remove, _pointers),
    st.builds(move, _pointers, _pointers),
    st.builds(duplicate, _pointers, _pointers),
)


@BOUNDED
@given(_documents, _documents)
def test_what_a_diff_says_is_what_applying_it_does(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert patch(*jsonpatch.make_patch(before, after)).apply(before) == after


@BOUNDED
@given(_documents, st.lists(_operations, max_size=20))
def test_any_patch_is_applied_or_refused_without_a_trace(
    document: dict[str, Any], operations: list[Any]
) -> None:
    before = copy.deepcopy(document)
    try:
        patched = patch(*operations).apply(document)
    except (PatchConflict, Malformed) as error:
        patched, message = {}, str(error)
        assert SECRET not in message
    assert document == before
    assert isinstance(patched, dict)
    assert depth_of(patched) <= 32
    json.dumps(patched)
