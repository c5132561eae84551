"""What navigations are expanded to, with options of their own: one statement for each, however many rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert

from app.db.engine import unguarded_engine
from app.errors import Refusal
from app.odata.bound import Options
from app.odata.edm import MODEL
from app.odata.found import Found, Listed, Question
from app.resources.customer_address import CustomerAddress
from app.sandbox import STORE_ID
from tests.odata.asking import filtered
from tests.odata.finding import CALLER, Finder, options
from tests.odata.world import World
from tests.site import Site, counted_statements, open_site
from tests.wire.crowd import assemble

MANY = 150
OF_MANY = (3, 6, 9)
"""The customers who have a hundred and fifty addresses more."""


@pytest.fixture(scope="module")
def own_crowd(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The crowd, some of whom have very many addresses."""
    with open_site(engine_name, tmp_path_factory.mktemp("expanding")) as site:
        assemble(site)
        engine = unguarded_engine(site.url)
        with engine.begin() as connection:
            connection.execute(insert(CustomerAddress), [_address(at) for at in range(MANY * len(OF_MANY))])
        engine.dispose()
        yield site


def _address(at: int) -> dict[str, Any]:
    return {
        "store_id": STORE_ID,
        "id": 1000 + at,
        "customer_id": OF_MANY[at % len(OF_MANY)],
        "address_name": f"many {at}",
        "address1": "Street",
        "city": f"City{at % 7}" if at % 5 else None,
        "for_billing": True,
        "for_shipping": False,
    }


@pytest.fixture(scope="module")
def finder(own_crowd: Site) -> Finder:
    """The crowd's entities."""
    return Finder.of(own_crowd)


@pytest.fixture(scope="module")
def world(own_crowd: Site) -> World:
    """The crowd, as Python has it."""
    return World.of(own_crowd.engine, STORE_ID)


def listed(found: Found, name: str) -> Listed:
    expanded = found.expanded[name]
    assert isinstance(expanded, Listed)
    return expanded


def one(found: Found, name: str) -> Found:
    expanded = found.expanded[name]
    assert isinstance(expanded, Found)
    return expanded


def ids(found: Listed) -> list[int]:
    return [each.values["id"] for each in found.found]


def test_each_entity_has_its_own_and_the_account_is_the_callers(finder: Finder, world: World) -> None:
    page = finder.page(expand="BillingAddresses,ShippingAddresses,Account")

    for each in page.found:
        for name in ("BillingAddresses", "ShippingAddresses"):
            rows = world.rows[f"Customer{name.removesuffix('es')}"]
            mine = sorted(row["id"] for row in rows if row["customer_id"] == each.values["id"])
            assert ids(listed(each, name)) == mine[:100]
            assert listed(each, name).total is None
            assert (listed(each, name).token is not None) == (len(mine) > 100)
        assert one(each, "Account").values["id"] == STORE_ID


NESTED = (
    "$filter=Address/City eq 'Berlin'",
    "$filter=Address/City ne 'Berlin';$count=true",
    "$filter=Customer/IsGuest or Address/City eq null;$count=true;$top=2",
    "$top=1",
    "$top=1;$skip=1;$count=true",
    "$top=0;$count=true",
    "$skip=140;$count=true",
    "$orderby=Id desc;$top=3",
    "$orderby=Address/City desc,Id desc;$top=120",
    "$orderby=length(Address/City),Address/City;$top=5",
    "$orderby=Customer/Name;$filter=Id gt 5;$top=4",
    "$filter=contains(Address/City,'t');$orderby=Address/City;$skip=3;$top=130;$count=true",
)


@pytest.mark.parametrize("nested", NESTED)
def test_nested_options_hold_for_each_entity_apart(finder: Finder, world: World, nested: str) -> None:
    target = MODEL["CustomerBillingAddress"]
    page = finder.page(expand=f"BillingAddresses({nested})", most=30)
    asked = dict(part.removeprefix("$").split("=", 1) for part in nested.split(";"))

    for each in page.found:
        question = Question(target, options(target.name, **asked), "BillingAddresses", each.values["id"])
        alone = finder.entities.page(CALLER, question, 30)
        expanded = listed(each, "BillingAddresses")

        assert ids(expanded) == ids(alone), nested
        assert expanded.total == alone.total
        assert expanded.token == alone.token
    if "filter" in asked:
        passing = set(world.passing(target.name, filtered(asked["filter"], target.name)))
        assert {at for each in page.found for at in ids(listed(each, "BillingAddresses"))} <= passing


def test_the_token_of_an_expanded_navigation_leads_on_in_it(finder: Finder, world: World) -> None:
    found = finder.page(expand="BillingAddresses($orderby=Address/City)").found[0]
    first = listed(found, "BillingAddresses")
    target = MODEL["CustomerBillingAddress"]
    asked = options(target.name, orderby="Address/City", skiptoken=first.token or "")
    rest = finder.entities.page(CALLER, Question(target, asked, "BillingAddresses", found.values["id"]), 100)

    mine = {row["id"] for row in world.rows[target.name] if row["customer_id"] == found.values["id"]}
    assert len(ids(first)) == 100
    assert sorted([*ids(first), *ids(rest)]) == sorted(mine)
    assert rest.token is None


@pytest.mark.parametrize("nested", ["", "($orderby=Address/City desc;$count=true)", "($top=9;$skip=2)"])
def test_no_list_that_is_expanded_has_more_than_is_wanted_of_a_list(
    finder: Finder, world: World, nested: str
) -> None:
    """Protocol 4.01 §8.2.8.5: `maxpagesize` is about each collection within the response."""
    asked = dict(each.split("=") for each in nested.strip("()").replace("$", "").split(";") if each)
    deep = f"BillingAddresses{nested},ShippingAddresses($expand=Customer($expand=BillingAddresses))"
    for found in finder.page(most=4, expand=deep).found:
        short = listed(found, "BillingAddresses")
        alone = _of(finder, found.values["id"], 4, **asked)
        assert (ids(short), short.total, short.token) == (ids(alone), alone.total, alone.token)
        every, token = [*ids(short)], short.token
        while token:
            following = _of(finder, found.values["id"], 4, **asked, skiptoken=token)
            every, token = [*every, *ids(following)], following.token
        assert every == ids(_of(finder, found.values["id"], 1000, **asked))
        for each in listed(found, "ShippingAddresses").found:
            below = each.expanded["Customer"]
            assert isinstance(below, Found)
            assert len(ids(listed(below, "BillingAddresses"))) <= 4


def _of(finder: Finder, owner: int, most: int, **asked: str) -> Listed:
    """The billing addresses of a customer, read alone."""
    target = MODEL["CustomerBillingAddress"]
    question = Question(target, options(target.name, **asked), "BillingAddresses", owner)
    return finder.entities.page(CALLER, question, most)


def test_expanded_entities_are_expanded_in_their_turn(finder: Finder) -> None:
    deep = "ShippingAddresses($expand=Customer($expand=BillingAddresses($top=1),Account))"
    for each in finder.page(expand=deep).found:
        for address in listed(each, "ShippingAddresses").found:
            customer = one(address, "Customer")
            assert customer.values == each.values
            assert one(customer, "Account").values["id"] == STORE_ID
            assert len(listed(customer, "BillingAddresses").found) <= 1


@pytest.mark.parametrize(
    ("expand", "statements"),
    [
        ("Account", 2),
        ("BillingAddresses", 2),
        ("BillingAddresses,ShippingAddresses,Account", 4),
        ("BillingAddresses($count=true)", 3),
        ("BillingAddresses($expand=Customer)", 3),
        ("BillingAddresses($top=2;$expand=Customer($expand=Account)),Account", 5),
    ],
)
def test_statements_are_as_many_as_navigations_however_many_rows(
    finder: Finder, expand: str, statements: int
) -> None:
    for most in (1, 20, 100):
        with counted_statements() as counted:
            finder.page(expand=expand, most=most)

        assert len(counted) == statements

    with counted_statements() as counted:
        finder.entities.one(CALLER, MODEL["Customer"], 6, options(expand=expand))
    assert len(counted) == statements


def test_what_many_lead_to_counts_for_each_of_them(finder: Finder) -> None:
    expanded = "$expand=Customer($expand=BillingAddresses($top=100))"
    with pytest.raises(Refusal) as refused:
        finder.page(expand=f"BillingAddresses($top=100;{expanded})")

    assert (refused.value.status, refused.value.faults[0].property) == (400, "$expand")
    assert refused.value.faults[0].code == "expand_too_large"


def test_nothing_is_expanded_of_nobody(finder: Finder) -> None:
    assert finder.page(filter="Id eq 1", expand="Account,BillingAddresses").found == []
    found = finder.entities.one(CALLER, MODEL["Account"], STORE_ID, Options())
    assert found.expanded == {}
