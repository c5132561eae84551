"""Filters find the rows that they describe, these and no others, on each engine: as OData has it, not SQL."""

import pytest
from hypothesis import HealthCheck, assume, given, settings

from app.sandbox import STORE_ID
from tests.odata.asking import filtered
from tests.odata.filters import FILTERS
from tests.odata.finding import Finder
from tests.odata.sentences import conditions
from tests.odata.world import World
from tests.site import Site
from tests.wire.crowd import crowd

assert crowd  # a fixture

LAW = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(scope="module")
def finder(crowd: Site) -> Finder:
    """The crowd's entities."""
    return Finder.of(crowd)


@pytest.fixture(scope="module")
def world(crowd: Site) -> World:
    """The crowd, as Python has it."""
    return World.of(crowd.engine, STORE_ID)


@pytest.mark.parametrize("group", range(10))
def test_each_filter_finds_what_it_means(finder: Finder, world: World, group: int) -> None:
    for entity, text in FILTERS[group::10]:
        listed = finder.page(entity, filter=text, count="true")
        expected = world.passing(entity, filtered(text, entity))

        assert [each.values["id"] for each in listed.found] == expected, text
        assert listed.total == len(expected), text


@LAW
@given(text=conditions())
def test_what_a_condition_leaves_out_its_negation_or_neither_finds(finder: Finder, text: str) -> None:
    assume(not ("mod" in text and "1.5" in text))
    found, others = finder.ids(filter=text), finder.ids(filter=f"not ({text})")

    assert not set(found) & set(others)
    assert set(finder.ids(filter=f"({text}) eq true")) == set(found)
    assert set(finder.ids(filter=f"({text}) eq false")) == set(others)
