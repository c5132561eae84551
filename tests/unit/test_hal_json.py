"""HAL+JSON as draft-kelly-json-hal-11 and its clients demand it; HJ numbers are those of the checklist."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations import Action, Field, Link, Rel, Resource, hal_json
from tests.unit.example import (
    BASE,
    BOOK_OF_TEA,
    FX,
    GOLDEN,
    NOTE,
    NOTES,
    ON_SHELF,
    SHELF,
    refusal,
    rel,
    shape,
)
from tests.unit.strategies import BOUNDED, FEW, bases, resources, texts

Document = dict[str, Any]


def rendered(resource: Resource, base: str = BASE) -> Document:
    document: Document = json.loads(hal_json.render(resource, base))
    return document


def with_inner(document: Document) -> Iterator[Document]:
    """The resource object and all that are embedded in it, at any depth."""
    yield document
    for content in document.get("_embedded", {}).values():
        for each in content if isinstance(content, list) else [content]:
            yield from with_inner(each)


def links_of(document: Document) -> Iterator[Document]:
    """Every link object of a resource object and of those within, the curies too."""
    for each in with_inner(document):
        for value in each["_links"].values():
            yield from value if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (BOOK_OF_TEA, "book.hal.json"),
        (refusal(400, ("email is not an address", "email", "invalid")), "refusal.hal.json"),
    ],
)
def test_the_document_is_the_golden_one(resource: Resource, name: str) -> None:
    golden = json.loads((GOLDEN / name).read_text())

    assert json.dumps(rendered(resource)) == json.dumps(golden)


def test_the_media_type_is_hals_and_answers_to_json_as_well() -> None:
    """HJ1, CN9."""
    assert (hal_json.MEDIA_TYPE, hal_json.ALIASES) == ("application/hal+json", ("application/json",))


@FEW
@given(resources(depth=1), bases)
def test_the_root_is_an_object_with_links_first(resource: Resource, base: str) -> None:
    """HJ1, HJ19: explorers read `_links` without asking."""
    assert next(iter(rendered(resource, base))) == "_links"


@FEW
@given(resources(depth=1))
def test_links_are_objects_or_arrays_of_objects(resource: Resource) -> None:
    """HJ2."""
    for each in with_inner(rendered(resource)):
        assert isinstance(each["_links"], dict)
    assert all(isinstance(link, dict) for link in links_of(rendered(resource)))


@FEW
@given(resources(depth=1))
def test_every_link_has_an_href_that_is_a_string(resource: Resource) -> None:
    """HJ3."""
    assert all(isinstance(link["href"], str) for link in links_of(rendered(resource)))


@FEW
@given(resources(depth=1))
def test_a_template_says_that_it_is_one_and_nothing_else_does(resource: Resource) -> None:
    """HJ4."""
    for link in links_of(rendered(resource)):
        assert link.get("templated", False) is ("{" in link["href"])


def test_a_template_reaches_the_client_as_it_was_declared() -> None:
    """UT4: braces are not encoded, and nothing in it is filled from the values."""
    link = Link(rel("find"), "/notes/{id}{?name*,value:3}", templated=True)
    document = rendered(Resource(shape("id", links=(link,)), (1,)))

    assert document["_links"]["fx:find"]["href"] == f"{BASE}/notes/{{id}}{{?name*,value:3}}"


def test_every_resource_object_has_its_self_and_it_is_one_object() -> None:
    """HJ5, HJ6."""
    for each in with_inner(rendered(BOOK_OF_TEA)):
        assert each["_links"]["self"]["href"].startswith(f"{BASE}/")


@FEW
@given(resources(depth=1))
def test_what_a_link_does_not_have_is_absent_and_never_null(resource: Resource) -> None:
    """HJ9."""
    for link in links_of(rendered(resource)):
        assert set(link) <= {"href", "title", "type", "templated", "name"}
        assert all(isinstance(link[name], str) for name in link if name != "templated")


def test_an_empty_title_is_still_a_title() -> None:
    """HJ9: only a title that was not declared is absent."""
    document = rendered(Resource(shape(links=(Link(Rel("self"), "/", ""),)), ()))

    assert document["_links"]["self"]["title"] == ""


def test_curies_are_an_array_even_of_one() -> None:
    """HJ10; and in embedded resources too, so that each of them can be read alone."""
    curies = [{"name": "fx", "href": f"{BASE}/rels/{{rel}}", "templated": True}]

    for each in with_inner(rendered(BOOK_OF_TEA)):
        assert each["_links"]["curies"] == curies


def test_a_shape_without_a_curie_says_nothing_of_curies() -> None:
    document = rendered(Resource(replace(shape(links=(Link(Rel("self"), "/"),)), curie=None), ()))

    assert document == {"_links": {"self": {"href": f"{BASE}/"}}}


@FEW
@given(resources(depth=1))
def test_every_prefix_is_defined_at_the_root(resource: Resource) -> None:
    """HJ12."""
    document = rendered(resource)
    defined = {curie["name"] for curie in document["_links"]["curies"]}
    for each in with_inner(document):
        for name in (*each["_links"], *each.get("_embedded", {})):
            if "/" not in name and ":" in name:
                assert name.partition(":")[0] in defined


@FEW
@given(resources(depth=1))
def test_embedded_is_an_object_of_resource_objects_or_arrays_of_them(resource: Resource) -> None:
    """HJ14."""
    for each in with_inner(rendered(resource)):
        assert "_links" in each
        assert isinstance(each.get("_embedded", {}), dict)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_to_many_relation_is_an_array_however_many_there_are(count: int) -> None:
    """HJ16, HJ22."""
    notes = [Resource(NOTE, ("a", "b", number)) for number in range(count)]
    embedded = rendered(Resource(shape(), (), [(NOTES, notes)]))["_embedded"]["fx:notes"]

    assert isinstance(embedded, list)
    assert len(embedded) == count


def test_a_to_one_relation_is_an_object() -> None:
    """HJ16."""
    resource = Resource(shape(), (), [(ON_SHELF, [Resource(SHELF, ("a",))])])

    assert rendered(resource)["_embedded"]["fx:shelf"]["label"] == "a"


@FEW
@given(resources(depth=1))
def test_state_stands_beside_links_and_embedded_and_takes_neither_name(resource: Resource) -> None:
    """HJ18."""
    document = rendered(resource)
    expected = ["_links", *(["_embedded"] if resource.embedded else []), *resource.properties]

    assert list(document) == expected


def test_several_links_of_one_relation_are_an_array() -> None:
    types = [each["type"] for each in rendered(BOOK_OF_TEA)["_links"]["alternate"]]

    assert types == ["application/pdf", "application/epub+zip"]


def test_links_of_one_relation_stand_together_where_the_first_was_declared() -> None:
    links = (Link(Rel("self"), "/"), Link(rel("b"), "/1"), Link(rel("a"), "/2"), Link(rel("b"), "/3"))
    document = rendered(Resource(shape(links=links), ()))

    assert list(document["_links"]) == ["curies", "self", "fx:b", "fx:a"]
    assert [each["href"] for each in document["_links"]["fx:b"]] == [f"{BASE}/1", f"{BASE}/3"]


def test_what_may_be_done_is_left_to_siren() -> None:
    action = Action("change", "PATCH", "/", "Change", (Field("a"),))
    acting = replace(shape("a"), actions=(action,))

    assert hal_json.render(Resource(acting, (1,)), BASE) == hal_json.render(Resource(shape("a"), (1,)), BASE)


@BOUNDED
@given(texts, texts, texts)
def test_any_text_comes_through_unchanged(value: str, title: str, key: str) -> None:
    link = Link(Rel("self"), "/", title)
    document = rendered(Resource(shape("text", "map", links=(link,)), (value, {key: [value]})))

    assert document["text"] == value
    assert document["map"] == {key: [value]}
    assert document["_links"]["self"]["title"] == title


@BOUNDED
@given(
    st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False)
)
def test_numbers_booleans_and_null_keep_their_kind(value: Any) -> None:
    found = rendered(Resource(shape("value"), (value,)))["value"]

    assert (found, type(found)) == (value, type(value))


def test_a_curie_with_an_address_of_its_own_keeps_it() -> None:
    theirs = replace(FX, href="https://api.foxycart.com/rels/{rel}")
    document = rendered(Resource(replace(shape(), curie=theirs), ()))

    assert document["_links"]["curies"][0]["href"] == "https://api.foxycart.com/rels/{rel}"
