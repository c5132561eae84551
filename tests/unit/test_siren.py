"""Siren 0.6.2 as its specification and its parsers demand it; SI numbers are those of the checklist."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from representations import Action, Field, Link, Rel, Resource, siren
from tests.unit.example import BASE, BOOK_OF_TEA, GOLDEN, NOTE, NOTES, refusal, rel, shape
from tests.unit.strategies import BOUNDED, FEW, resources, texts

Entity = dict[str, Any]


def rendered(resource: Resource) -> Entity:
    entity: Entity = json.loads(siren.render(resource, BASE))
    return entity


def with_inner(entity: Entity) -> Iterator[Entity]:
    """The entity and all its sub-entities, at any depth."""
    yield entity
    for each in entity.get("entities", []):
        yield from with_inner(each)


def inner(resource: Resource) -> Iterator[Entity]:
    """Just the sub-entities."""
    for each in rendered(resource).get("entities", []):
        yield from with_inner(each)


def all_strings(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (BOOK_OF_TEA, "book.siren.json"),
        (refusal(400, ("email is not an address", "email", "invalid")), "refusal.siren.json"),
    ],
)
def test_the_document_is_the_golden_one(resource: Resource, name: str) -> None:
    golden = json.loads((GOLDEN / name).read_text())

    assert json.dumps(rendered(resource)) == json.dumps(golden)


def test_the_media_type_is_sirens_and_has_no_other_name() -> None:
    assert (siren.MEDIA_TYPE, siren.ALIASES) == ("application/vnd.siren+json", ())


@FEW
@given(resources(depth=1))
def test_a_class_is_an_array_of_strings_where_there_is_one(resource: Resource) -> None:
    """SI1."""
    assert all(all_strings(each.get("class", ["none"])) for each in with_inner(rendered(resource)))


def test_the_class_is_the_bare_name_of_the_kind() -> None:
    """SI1; hAPI's `class[0]`. A collection is of no kind and has no class."""
    assert rendered(Resource(shape(kind="book"), ()))["class"] == ["book"]
    assert "class" not in rendered(Resource(replace(shape(), kind=None), ()))


@FEW
@given(resources(depth=1))
def test_properties_are_an_object_of_just_the_shown_ones(resource: Resource) -> None:
    """SI2."""
    assert list(rendered(resource)["properties"].items()) == list(resource.properties.items())


def test_nested_values_stay_nested() -> None:
    """SI2."""
    value = {"a": [1, {"b": None}], "c": False}

    assert rendered(Resource(shape("value"), (value,)))["properties"] == {"value": value}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_entities_are_an_array_even_of_one(count: int) -> None:
    """SI3."""
    notes = [Resource(NOTE, ("a", "b", number)) for number in range(count)]
    entities = rendered(Resource(shape(), (), [(NOTES, notes)]))["entities"]

    assert isinstance(entities, list)
    assert len(entities) == count


@FEW
@given(resources(depth=1))
def test_every_sub_entity_says_what_it_is_to_the_one_around_it(resource: Resource) -> None:
    """SI3."""
    assert all(all_strings(each["rel"]) for each in inner(resource))


def test_each_of_many_is_named_by_the_single_relation() -> None:
    """SI3; and the root is nothing to nobody."""
    entity = rendered(BOOK_OF_TEA)

    assert [each["rel"] for each in entity["entities"]] == [
        [f"{BASE}/rels/note"],
        [f"{BASE}/rels/note"],
        [f"{BASE}/rels/shelf"],
    ]
    assert "rel" not in entity


@FEW
@given(resources(depth=1))
def test_a_sub_entity_is_a_representation_and_has_no_href(resource: Resource) -> None:
    """SI4: an href would make clients drop its properties."""
    assert all("href" not in each and "properties" in each for each in inner(resource))


@FEW
@given(resources(depth=1))
def test_a_link_has_an_array_of_relations_and_an_href(resource: Resource) -> None:
    """SI5."""
    for each in with_inner(rendered(resource)):
        assert all(all_strings(link["rel"]) and isinstance(link["href"], str) for link in each["links"])
        assert all(set(link) <= {"rel", "href", "title", "type"} for link in each["links"])


def test_root_and_sub_entities_link_to_themselves() -> None:
    """SI6."""
    assert all(each["links"][0]["rel"] == ["self"] for each in with_inner(rendered(BOOK_OF_TEA)))


@FEW
@given(resources(depth=1))
def test_relations_are_iana_names_or_addresses_and_never_compact(resource: Resource) -> None:
    """SI7."""
    for each in with_inner(rendered(resource)):
        named = [*each.get("rel", []), *(name for link in each["links"] for name in link["rel"])]
        assert all(name.isalpha() or name.startswith("https://") for name in named)


def test_an_action_says_its_method_address_title_and_type() -> None:
    """SI9: the type would default to a form, and we take JSON."""
    change = rendered(BOOK_OF_TEA)["actions"][0]

    assert {name: change[name] for name in ("name", "method", "href", "title", "type")} == {
        "name": "change",
        "method": "PATCH",
        "href": f"{BASE}/books/7",
        "title": "Change this Book",
        "type": "application/json",
    }


def test_an_action_may_take_a_form() -> None:
    """SI9."""
    form = "application/x-www-form-urlencoded"
    action = Action("find", "GET", "/things", "Find", (Field("q", "search"),), form)
    entity = rendered(Resource(replace(shape(), actions=(action,)), ()))

    assert entity["actions"][0]["type"] == form


def test_where_nothing_may_be_done_there_are_no_actions() -> None:
    """SI14."""
    assert "actions" not in rendered(Resource(shape("a"), (1,)))


@FEW
@given(resources(depth=1))
def test_actions_are_those_declared_and_their_names_stay_unique(resource: Resource) -> None:
    """SI9, SI10."""
    actions = rendered(resource).get("actions", [])

    assert [each["name"] for each in actions] == [each.name for each in resource.shape.actions]
    assert [each["href"] for each in actions] == [
        f"{BASE}{each.href}" if each.href.startswith("/") else each.href for each in resource.actions
    ]


def test_a_field_says_its_name_type_title_and_value() -> None:
    """SI10, SI12: absent where undeclared; false and 0 are values."""
    assert rendered(BOOK_OF_TEA)["actions"][0]["fields"] == [
        {"name": "title", "type": "text", "title": "Its title", "value": "New"},
        {"name": "price", "type": "number", "value": 0},
        {"name": "in_print", "type": "checkbox", "value": False},
    ]


@FEW
@given(resources(depth=1))
def test_what_is_not_there_is_absent_and_never_null(resource: Resource) -> None:
    """SI12: siren-parser throws on `title: null`."""
    for each in with_inner(rendered(resource)):
        described = [*each["links"], *each.get("actions", [])]
        described += [field for action in each.get("actions", []) for field in action["fields"]]
        assert all(value is not None for item in [each, *described] for value in item.values())


def test_a_field_without_a_type_is_text_and_no_other_type_is_made_up() -> None:
    """SI13: parsers throw on types that are not HTML's."""
    action = Action("a", "POST", "/", "A", (Field("plain"), Field("when", "datetime-local")))
    entity = rendered(Resource(replace(shape(), actions=(action,)), ()))

    assert [field["type"] for field in entity["actions"][0]["fields"]] == ["text", "datetime-local"]


@BOUNDED
@given(texts, texts)
def test_any_text_comes_through_unchanged(one: str, other: str) -> None:
    action = Action(one, "POST", "/", other, (Field(one, title=other, value=one),))
    acting = replace(shape("a", links=(Link(rel("x"), "/", other),)), actions=(action,))
    entity = rendered(Resource(acting, (one,)))

    assert entity["properties"] == {"a": one}
    assert entity["links"][0]["title"] == other
    assert (entity["actions"][0]["name"], entity["actions"][0]["title"]) == (one, other)
    assert entity["actions"][0]["fields"] == [{"name": one, "type": "text", "title": other, "value": one}]


def test_several_links_of_one_relation_are_several_links() -> None:
    links = (Link(Rel("alternate"), "/1"), Link(Rel("alternate"), "/2"))
    entity = rendered(Resource(shape(links=links), ()))

    assert [link["href"] for link in entity["links"]] == [f"{BASE}/1", f"{BASE}/2"]
