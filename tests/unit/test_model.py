"""The neutral model: what shapes and resources say to whoever asks, before any format writes it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations import Action, Curie, Link, Rel, Resource, Shape, Value
from representations.model import absolute, template_parts
from tests.unit.example import BOOK, BOOK_OF_TEA, FX, NOTE, rel, shape
from tests.unit.strategies import BOUNDED, resources

LETTERS = Shape(rel("letter"), ("a", "b", "c", "d"), hidden=("x", "y"), curie=FX)
VALUES = ("A", "B", "C", "D", "X", "Y")


def test_a_rel_with_a_curie_is_short_or_in_full() -> None:
    assert rel("attributes").compact == "fx:attributes"
    assert rel("attributes").uri == "/rels/attributes"


def test_a_rel_without_a_curie_is_its_name_either_way() -> None:
    assert (Rel("self").compact, Rel("self").uri) == ("self", "self")


def test_a_curies_address_may_be_of_another_host() -> None:
    theirs = Curie("fx", "https://api.foxycart.com/rels/{rel}")

    assert Rel("store", theirs).uri == "https://api.foxycart.com/rels/store"


def test_a_shape_is_what_it_is_and_no_other_that_looks_alike() -> None:
    twin = replace(LETTERS)

    assert twin != LETTERS
    assert len({LETTERS, twin}) == 2


def test_the_index_has_properties_first_and_hidden_ones_behind() -> None:
    assert dict(LETTERS.index) == {"a": 0, "b": 1, "c": 2, "d": 3, "x": 4, "y": 5}


def test_properties_are_the_shown_values_by_name_and_in_order() -> None:
    assert list(Resource(LETTERS, VALUES).properties.items()) == list(
        {"a": "A", "b": "B", "c": "C", "d": "D"}.items()
    )


def test_only_keeps_the_shapes_order_whatever_order_was_asked() -> None:
    assert LETTERS.only(frozenset(["d", "a"])).properties == ("a", "d")


def test_only_reads_the_same_values_from_the_same_places() -> None:
    some = Resource(LETTERS.only(frozenset(["b", "d"])), VALUES)

    assert some.properties == {"b": "B", "d": "D"}
    assert {name: some.value(name) for name in "abcdxy"} == dict(zip("abcdxy", VALUES, strict=True))


def test_what_only_leaves_out_is_hidden_before_what_was_hidden() -> None:
    assert LETTERS.only(frozenset(["b"])).hidden == ("a", "c", "d", "x", "y")


def test_only_never_shows_what_was_hidden() -> None:
    assert LETTERS.only(frozenset(["a", "x", "nothing"])).properties == ("a",)
    assert LETTERS.only(frozenset(["b"])).only(frozenset(["a", "b"])).properties == ("b",)


def test_only_of_only_shows_what_both_name() -> None:
    some = LETTERS.only(frozenset(["a", "b", "c"])).only(frozenset(["b", "c", "d"]))

    assert Resource(some, VALUES).properties == {"b": "B", "c": "C"}
    assert Resource(some, VALUES).value("a") == "A"


def test_only_may_leave_nothing() -> None:
    nothing = LETTERS.only(frozenset())

    assert Resource(nothing, VALUES).properties == {}
    assert Resource(nothing, VALUES).value("y") == "Y"


def test_only_is_made_once_per_names() -> None:
    assert LETTERS.only(frozenset(["a"])) is LETTERS.only(frozenset(["a"]))
    assert LETTERS.only(frozenset(["a"])) is not LETTERS.only(frozenset(["b"]))


def test_only_keeps_links_and_actions_that_need_what_is_no_longer_shown() -> None:
    some = Resource(BOOK.only(frozenset(["title"])), BOOK_OF_TEA.values)

    assert some.links == BOOK_OF_TEA.links
    assert some.actions == BOOK_OF_TEA.actions


@BOUNDED
@given(st.sets(st.sampled_from("abcdxy")), st.sets(st.sampled_from("abcdxy")))
def test_only_twice_is_only_of_what_both_name(first: set[str], second: set[str]) -> None:
    twice = LETTERS.only(frozenset(first)).only(frozenset(second))
    once = LETTERS.only(frozenset(first & second))

    assert Resource(twice, VALUES).properties == Resource(once, VALUES).properties


@BOUNDED
@given(resources(depth=0), st.data())
def test_showing_less_changes_no_value_link_or_action(resource: Resource, data: st.DataObject) -> None:
    names = resource.shape.properties
    kept = data.draw(st.sets(st.sampled_from(names))) if names else set()
    some = Resource(resource.shape.only(frozenset(kept)), resource.values)

    assert list(some.properties) == [name for name in names if name in kept]
    assert all(some.value(name) is resource.value(name) for name in resource.shape.index)
    assert (some.links, some.actions, some.href) == (resource.links, resource.actions, resource.href)


def test_links_have_their_slots_filled_from_shown_and_hidden_values() -> None:
    hrefs = [link.href for link in BOOK_OF_TEA.links]

    assert hrefs[:3] == ["/books/7", "/books/7/notes", "/shops/66?book=7&view=all"]


def test_a_link_may_be_titled_by_a_value() -> None:
    assert Resource(NOTE, ("size", "20 cm", 1)).links[0].title == "size"


def test_a_template_for_the_client_stays_one() -> None:
    assert BOOK_OF_TEA.links[-1].href == "/books{?title,limit}"


def test_the_href_is_that_of_the_self_link_wherever_it_stands() -> None:
    links = (Link(Rel("first"), "/1"), Link(Rel("self"), "/{id}"))

    assert Resource(shape("id", links=links), (5,)).href == "/5"
    assert Resource(shape("id"), (5,)).href is None


def test_actions_have_their_slots_filled() -> None:
    assert [action.href for action in BOOK_OF_TEA.actions] == ["/books/7", "/books/7"]


def test_nothing_is_filled_in_the_declaration_itself() -> None:
    links, actions = BOOK.links, BOOK.actions
    assert BOOK_OF_TEA.links[0].href == "/books/7"

    assert (BOOK.links, BOOK.actions) == (links, actions)
    assert BOOK.links[0].href == "/books/{id}"


def test_a_slot_that_no_value_fills_is_an_error_and_not_an_empty_href() -> None:
    lost = Resource(shape(links=(Link(Rel("self"), "/{id}"),)), ())

    with pytest.raises(KeyError, match="id"):
        _ = lost.href


def test_an_action_takes_json_unless_it_says_otherwise() -> None:
    assert Action("a", "POST", "/", "A").type == "application/json"


def test_a_titles_property_may_be_hidden() -> None:
    own = Link(Rel("self"), "/", Value("name"))
    hidden = Shape(rel("thing"), (), (own,), hidden=("name",), curie=FX)

    assert Resource(hidden, ("N",)).links[0].title == "N"


@pytest.mark.parametrize(
    ("href", "whole"),
    [
        ("/customers/1", "https://x.example/shop/customers/1"),
        ("/", "https://x.example/shop/"),
        ("https://y.example/", "https://y.example/"),
        ("self", "self"),
    ],
)
def test_an_href_is_made_whole_by_the_base_where_it_is_a_path(href: str, whole: str) -> None:
    assert absolute(href, "https://x.example/shop") == whole


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("/customers", [("/customers", None)]),
        ("/customers/{id}", [("/customers/", None), ("", "id")]),
        ("/{a}/{b.c}", [("/", None), ("", "a"), ("/", None), ("", "b.c")]),
        ("/{a}{b}?x={a}", [("/", None), ("", "a"), ("", "b"), ("?x=", None), ("", "a")]),
        ("", []),
    ],
)
def test_a_template_falls_into_literals_and_slots(template: str, parts: list[tuple[str, str | None]]) -> None:
    assert list(template_parts(template)) == parts
