"""Pages follow one another without a gap, in the order that is asked for, however that is computed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.errors import Refusal
from app.odata import bound
from app.odata.bound import ITSELF
from app.odata.edm import MODEL
from app.odata.found import Question
from app.odata.tokens import Token
from app.sandbox import STORE_ID
from tests.odata.finding import CALLER, Finder, options
from tests.odata.world import World
from tests.site import Site, counted_statements
from tests.wire.crowd import crowd

assert crowd  # a fixture

ORDERS = (
    "",
    "Id",
    "Id desc",
    "Name",
    "Name desc",
    "Email",
    "LastLoginDate",
    "LastLoginDate desc",
    "CreateDate desc,Name",
    "Name,LastLoginDate desc",
    "IsGuest,Email desc",
    "IsGuest desc,Id",
    "CurrencyCode,Name desc,IsActive",
    "CustomerId",
    "length(Name) desc",
    "tolower(Name),Email",
    "toupper(Name) desc,LastLoginDate",
    "year(LastLoginDate) desc,Name desc",
    "date(LastLoginDate)",
    "time(LastLoginDate) desc",
    "contains(Name,'a')",
    "contains(Name,'a') desc,Id desc",
    "BillingAddresses/$count desc,Email",
    "ShippingAddresses/$count,BillingAddresses/$count desc",
    "ShippingAddresses/$count add 1,ShippingAddresses/$count",
    "Id mod 7",
    "Id divby 7 desc",
    "Id mul 9223372036854775807,Name",
    "Account/Name,Name desc",
    "ShippingAddresses/any(a:a/Address/City eq 'Berlin') desc",
)
FILTERS = ("", "IsGuest eq false", "Name ne 'a'", "startswith(Email,'bob') or contains(Name,'a')")


@pytest.fixture(scope="module")
def finder(crowd: Site) -> Finder:
    """The crowd's entities."""
    return Finder.of(crowd)


@pytest.fixture(scope="module")
def world(crowd: Site) -> World:
    """The crowd, as Python has it."""
    return World.of(crowd.engine, STORE_ID)


@pytest.mark.parametrize("order", ORDERS)
def test_pages_follow_one_another_in_their_order(finder: Finder, world: World, order: str) -> None:
    also = FILTERS[1 + ORDERS.index(order) % 3]
    for filters, most in (("", 7), (also, 5)):
        said = {name: text for name, text in (("orderby", order), ("filter", filters)) if text}
        ids = finder.ids(most=most, **said)

        assert ids == sorted_ids(world, options(**said)), said


def sorted_ids(world: World, asked: bound.Options) -> list[int]:
    """The ids of the rows that pass, in order: null lowest, beside the empty text; then by id."""
    rows = {row["id"]: row for row in world.rows["Customer"]}
    ids = sorted(rows) if asked.filter is None else world.passing("Customer", asked.filter)
    if asked.order and asked.order[0].descends and all(map(is_column, asked.order)):
        ids.reverse()  # an index holds rows that share a value in the order of their ids, either way

    def key(term: bound.Ordering, row_id: int) -> Any:
        value = world.value(term.expression, {ITSELF: (MODEL["Customer"], rows[row_id])})
        if isinstance(value, str) or bound.type_of(term.expression) == "Edm.String":
            return value or ""
        return (value is not None, value if value is not None else 0)

    for term in reversed(asked.order):
        ids.sort(key=lambda row_id: key(term, row_id), reverse=term.descends)
    return ids


@pytest.mark.parametrize(
    "order",
    ["Customer/Name", "Customer/Name desc,Customer/CreateDate", "length(Customer/Email) desc,Address/City"],
)
def test_addresses_are_ordered_by_what_their_customers_are(finder: Finder, world: World, order: str) -> None:
    """Each customer is read once, however many addresses lead to them."""
    entity, terms = MODEL["CustomerBillingAddress"], options("CustomerBillingAddress", orderby=order).order
    rows = {row["id"]: row for row in world.rows["CustomerBillingAddress"]}
    ids = sorted(rows)
    for term in reversed(terms):
        values = {each: world.value(term.expression, {ITSELF: (entity, rows[each])}) for each in ids}
        ids.sort(key=lambda each: _ranked(values[each]), reverse=term.descends)

    found, token = list[int](), dict[str, str]()
    while not found or token:
        page = finder.page("CustomerBillingAddress", 5, orderby=order, **token)
        found += [each.values["id"] for each in page.found]
        token = {"skiptoken": page.token} if page.token else {}
    assert found == ids


def _ranked(value: Any) -> tuple[bool, Any]:
    return (value not in {None, ""}, value or "")


def is_column(term: bound.Ordering) -> bool:
    return isinstance(term.expression, bound.Column) and not term.expression.through


def test_a_page_has_as_many_as_are_wanted_and_a_token_only_where_more_follow(finder: Finder) -> None:
    everybody = finder.page(count="true")
    total = everybody.total
    assert total == len(everybody.found)
    assert everybody.token is None

    assert finder.page(most=total).token is None
    assert finder.page(most=total - 1).token is not None
    assert len(finder.page(top="5").found) == 5
    assert finder.page(top="5").token is None
    assert finder.page(top="0", count="true").total == total
    assert finder.page(top="0").found == []
    assert finder.page(skip=str(total)).found == []
    assert finder.page(skip="2147483647", filter="Name ne 'a'").found == []


@pytest.mark.parametrize("order", ["Id", "Name desc", "length(Email)"])
def test_top_and_skip_hold_for_all_pages_together(finder: Finder, order: str) -> None:
    everybody = finder.ids(orderby=order)
    first = finder.page(most=4, orderby=order, top="10", skip="3")
    second = finder.page(most=4, orderby=order, top="10", skip="3", skiptoken=first.token or "")
    third = finder.page(most=4, orderby=order, top="10", skip="3", skiptoken=second.token or "")

    pages = [[each.values["id"] for each in page.found] for page in (first, second, third)]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert [*pages[0], *pages[1], *pages[2]] == everybody[3:13]
    assert third.token is None


@pytest.mark.parametrize("order", ["Id", "Name", "length(Name)"])
def test_the_total_is_the_same_on_every_page(finder: Finder, order: str) -> None:
    first = finder.page(most=5, orderby=order, filter="IsActive", count="true")
    second = finder.page(most=5, orderby=order, filter="IsActive", count="true", skiptoken=first.token or "")

    assert first.total == second.total == len(finder.ids(filter="IsActive"))


WRONG = {
    "": "Id",
    "115": "Id",
    "not-base64": "Id",
    "W10": "Id",
    Token(after=("a", 5)).text(("text", "integer")): "Id",
    Token(after=(5,)).text(("integer",)): "Name",
    Token(after=(5, 5)).text(("integer", "integer")): "Name",
    Token(after=("yesterday", 5)).text(("text", "integer")): "LastLoginDate",
    Token(after=("nan", 5)).text(("text", "integer")): "length(Name)",
    Token(after=("a\0", 5)).text(("text", "integer")): "Name",
    Token(left=-1).text(()): "Id",
    Token(offset=2**40).text(()): "Id",
}


@pytest.mark.parametrize("at", range(len(WRONG)))
def test_a_token_that_is_none_of_this_order_is_refused(finder: Finder, at: int) -> None:
    token, order = list(WRONG.items())[at]
    with pytest.raises(Refusal) as refused:
        finder.page(orderby=order, skiptoken=token)

    assert (refused.value.status, refused.value.faults[0].property) == (400, "$skiptoken")


def test_a_token_may_name_a_row_that_is_gone(finder: Finder) -> None:
    ids = finder.ids()
    between = Token(after=(ids[3] + 1,)).text(("integer",))

    assert finder.page(skiptoken=between).found[0].values["id"] == ids[4]


def test_the_number_of_a_whole_set_comes_from_its_counter(finder: Finder) -> None:
    with counted_statements() as statements:
        finder.page(count="true")

    assert not [each for each in statements if "count(" in each]
    assert len(statements) <= 2


def test_numbers_are_those_of_all_pages(finder: Finder, world: World) -> None:
    def count(entity: str, **said: str) -> int:
        return finder.entities.count(CALLER, Question(MODEL[entity], options(entity, **said)))

    for entity in MODEL:
        assert count(entity) == len(world.rows[entity])
    assert count("Customer", filter="IsGuest") == sum(row["is_anonymous"] for row in world.rows["Customer"])
    assert count("Customer", filter="IsGuest and not IsGuest") == 0


def test_a_navigation_is_paged_like_a_set(finder: Finder, world: World) -> None:
    addresses = world.rows["CustomerShippingAddress"]
    owners = [row["customer_id"] for row in addresses]
    owner = max(owners, key=owners.count)
    target = MODEL["CustomerShippingAddress"]
    asked = options("CustomerShippingAddress", count="true", orderby="Address/City desc")
    listed = finder.entities.page(CALLER, Question(target, asked, "ShippingAddresses", owner), 100)

    assert listed.total == len(listed.found) == owners.count(owner)
    for missing in (10**6, 2**31, 2**80):
        with pytest.raises(Refusal) as refused:
            finder.entities.page(CALLER, Question(target, asked, "ShippingAddresses", missing), 100)
        assert refused.value.status == 404
        with pytest.raises(Refusal):
            finder.entities.one(CALLER, target, missing, asked)


def test_moments_are_as_they_are_stored_and_flags_are_flags(finder: Finder) -> None:
    found = finder.page(filter="LastLoginDate eq 2020-02-29T12:30:15Z").found[0]

    assert found.values["last_login_date"] == "2020-02-29 12:30:15"
    assert found.values["is_active"] in (True, False)
    assert type(found.values["is_anonymous"]) is bool
    assert datetime.fromisoformat(found.values["date_modified"]).replace(tzinfo=UTC) < datetime.now(UTC)
