"""Problem details as RFC 9457 has them, made of the same error resource as every other format."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given

from representations import Resource, problem_json
from tests.unit.example import BASE, GOLDEN, refusal
from tests.unit.strategies import BOUNDED, texts

NOT_AN_ADDRESS = ("email is not an address", "email", "invalid")


def rendered(resource: Resource) -> dict[str, Any]:
    problem: dict[str, Any] = json.loads(problem_json.render(resource, BASE))
    return problem


def pointed_at(pointer: str) -> str:
    """The member of a body that a pointer of one step names (RFC 6901 §6)."""
    start, _, step = unquote(pointer, errors="strict").partition("/")
    assert start == "#"
    assert "/" not in step
    return step.replace("~1", "/").replace("~0", "~")


def test_the_document_is_the_golden_one() -> None:
    golden = json.loads((GOLDEN / "refusal.problem.json").read_text())

    assert json.dumps(rendered(refusal(400, NOT_AN_ADDRESS))) == json.dumps(golden)


def test_the_media_type_is_the_registered_one_and_has_no_other_name() -> None:
    assert (problem_json.MEDIA_TYPE, problem_json.ALIASES) == ("application/problem+json", ())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 429, 500, 503])
def test_the_title_of_a_blank_type_is_the_phrase_of_the_status(status: int) -> None:
    """PD1-PD3; RFC 9457 §4.2.1."""
    problem = rendered(refusal(status, ("no", None, "no")))

    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"] == HTTPStatus(status).phrase


def test_the_status_is_a_number() -> None:
    """PD2: RFC 9457 §3.1.2 has consumers ignore it otherwise."""
    assert type(rendered(refusal(404, ("no", None, "no")))["status"]) is int


def test_the_detail_says_all_that_is_wrong() -> None:
    problem = rendered(refusal(400, NOT_AN_ADDRESS, ("id is read-only", "id", "read_only")))

    assert problem["detail"] == "email is not an address; id is read-only"


def test_every_fault_is_an_entry_with_its_property_pointed_at() -> None:
    """PD4."""
    problem = rendered(refusal(400, NOT_AN_ADDRESS, ("id is read-only", "id", "read_only")))

    assert problem["errors"] == [
        {"detail": "email is not an address", "code": "invalid", "logref": "id-1", "pointer": "#/email"},
        {"detail": "id is read-only", "code": "read_only", "logref": "id-1", "pointer": "#/id"},
    ]


def test_a_fault_that_is_about_no_property_points_nowhere() -> None:
    problem = rendered(refusal(404, ("no such customer", None, "not_found")))

    assert problem["errors"] == [{"detail": "no such customer", "code": "not_found", "logref": "id-1"}]


@BOUNDED
@given(texts.filter(bool))
def test_a_pointer_names_the_property_whatever_its_name(name: str) -> None:
    """PD4; RFC 6901 §3 and §6: names of properties come from the body that was refused."""
    pointer = rendered(refusal(400, (f"{name} is unknown", name, "unknown")))["errors"][0]["pointer"]

    assert pointer.isascii()
    assert pointed_at(pointer) == name


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("a/b", "#/a~1b"),
        ("a~b", "#/a~0b"),
        ("a~1b", "#/a~01b"),
        ("größe", "#/gr%C3%B6%C3%9Fe"),
        ("%", "#/%25"),
    ],
)
def test_a_pointer_escapes_what_pointers_and_fragments_reserve(name: str, pointer: str) -> None:
    """RFC 6901 §3 and §6."""
    problem = rendered(refusal(400, ("unknown", name, "unknown")))

    assert problem["errors"][0]["pointer"] == pointer


@BOUNDED
@given(texts)
def test_any_message_comes_through_unchanged(message: str) -> None:
    problem = rendered(refusal(400, (message, None, "invalid")))

    assert problem["detail"] == message
    assert problem["errors"][0]["detail"] == message
