"""HAL-FORMS as its specification and its clients demand it; HF numbers are those of the checklist."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from representations import Action, Field, Resource, hal_forms, hal_json, siren
from tests.unit.example import BASE, BOOK, BOOK_OF_TEA, GOLDEN, refusal
from tests.unit.strategies import BOUNDED, bases, resources


def rendered(resource: Resource, base: str = BASE) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(hal_forms.render(resource, base))
    return document


def templates(*actions: Action) -> dict[str, Any]:
    """What a book with these actions has for templates."""
    return rendered(Resource(replace(BOOK, actions=actions), BOOK_OF_TEA.values)).get("_templates", {})


def described(field: Field) -> dict[str, Any]:
    """A field as a property of a template."""
    template = templates(Action("change", "PATCH", "/books/{id}", "Change", (field,)))["default"]
    (found,) = template["properties"]
    return dict(found)


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (BOOK_OF_TEA, "book.hal-forms.json"),
        (refusal(400, ("email is not an address", "email", "invalid")), "refusal.hal.json"),
    ],
)
def test_the_document_is_the_golden_one(resource: Resource, name: str) -> None:
    assert rendered(resource) == json.loads((GOLDEN / name).read_text())


def test_the_media_type_is_registered_by_its_author_and_has_no_other_name() -> None:
    assert (hal_forms.MEDIA_TYPE, hal_forms.ALIASES) == ("application/prs.hal-forms+json", ())


@BOUNDED
@given(resources(), bases)
def test_it_says_what_hal_json_says_and_its_templates_what_sirens_actions_say(
    resource: Resource, base: str
) -> None:
    document = rendered(resource, base)
    found = document.pop("_templates", {})
    actions = json.loads(siren.render(resource, base)).get("actions", [])

    assert document == json.loads(hal_json.render(resource, base))
    assert list(found) == (["default"] if len(actions) == 1 else [each["name"] for each in actions])
    told = [(each["method"], each["target"], each["title"], each["contentType"]) for each in found.values()]
    assert told == [(each["method"], each["href"], each["title"], each["type"]) for each in actions]
    names = [[each["name"] for each in template["properties"]] for template in found.values()]
    assert names == [[each["name"] for each in action["fields"]] for action in actions]


def test_a_lone_template_is_the_default_and_several_have_their_actions_names() -> None:
    """HF1."""
    change, delete = BOOK.actions

    assert list(templates(change)) == ["default"]
    assert list(templates(change, delete)) == ["change", "delete"]


def test_where_nothing_may_be_done_there_are_no_templates() -> None:
    """HF5: such a document is HAL+JSON to its clients, whatever it is called."""
    assert templates() == {}
    assert "_templates" not in rendered(BOOK_OF_TEA)["_embedded"]["fx:notes"][0]


def test_a_template_says_where_how_and_in_what_it_is_sent() -> None:
    """HF2."""
    template = templates(Action("find", "GET", "/books/{id}", 'A "title"', (), "text/plain"))["default"]

    assert template == {
        "method": "GET",
        "title": 'A "title"',
        "contentType": "text/plain",
        "target": f"{BASE}/books/7",
        "properties": [],
    }


def test_a_property_says_what_is_known_of_it_and_no_more() -> None:
    """HF3."""
    assert described(Field("a")) == {"name": "a", "type": "text"}
    assert described(Field("a", "email", "Where to", "x", required=True, longest=9)) == {
        "name": "a",
        "prompt": "Where to",
        "type": "email",
        "value": "x",
        "required": True,
        "maxLength": 9,
    }
    assert described(Field("a", "number", value=0, within=(0, 7))) == {
        "name": "a",
        "type": "number",
        "value": 0,
        "min": 0,
        "max": 7,
    }


@pytest.mark.parametrize("required", [True, False])
def test_of_choices_one_is_sent_and_no_list(required: bool) -> None:
    """HF3: without `maxItems` any number may be chosen."""
    assert described(Field("a", required=required, choices=("x", "y")))["options"] == {
        "inline": ["x", "y"],
        "minItems": int(required),
        "maxItems": 1,
    }


def test_a_moment_is_asked_for_by_the_name_that_its_clients_know() -> None:
    """HF3: Ketting loses the field of a type that it does not know, and then fails on it."""
    assert described(Field("a", "datetime"))["type"] == "datetime-local"
