"""Whatever the order: pages that follow one another show all rows once, in it; and expanded rows likewise."""

from collections.abc import Iterable, Iterator
from functools import cmp_to_key
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.odata import bound
from app.odata.bound import Options
from app.odata.edm import MODEL
from app.odata.found import Found, Listed, Question
from app.odata.options import parse_options
from tests.odata.finding import CALLER
from tests.odata.known import Asked
from tests.odata.questions import ADDRESS, CUSTOMER, of_addresses
from tests.odata.world import Row, World

_SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _terms(*expressions: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    term = st.tuples(st.one_of(*expressions), st.sampled_from(("", " asc", " desc"))).map("".join)
    return st.lists(term, min_size=1, max_size=3).map(",".join)


ORDERS = _terms(
    st.sampled_from(("Name", "Email", "LastLoginDate", "CreateDate", "IsActive", "Id", "CustomerId",
                     "CurrencyCode")),
    st.sampled_from(("length(Name)", "tolower(Name)", "BillingAddresses/$count", "Account/Name", "Id mod 3",
                     "year(LastLoginDate)", "Name eq null", "contains(Name,'a')", "date(CreateDate)",
                     "time(CreateDate)",
                     "Id divby 7", "not IsActive", "BillingAddresses/any()", "-Id", "substring(Name,1)",
                     "Name gt 'a' and IsActive")),
    CUSTOMER.numbers,
    CUSTOMER.texts,
)  # fmt: skip
INNER_ORDERS = _terms(
    st.sampled_from(
        ("Address/Name", "Address/City", "IsLocked", "DisplayLabel", "Customer/Name", "Id mod 4")
    ),
    ADDRESS.numbers,
)


def sorted_by(world: World, name: str, order: Iterable[bound.Ordering], entities: Iterable[Row]) -> list[int]:
    """The ids of entities in an order: nulls first ascending, last descending; those that are alike by Id.

    That descends with the first term where all terms are properties: indexes can be walked so.
    """
    terms = tuple(order)
    plain = [isinstance(each.expression, bound.Column) and not each.expression.through for each in terms]
    tie = -1 if all(plain) and terms[0].descends else 1

    def compare(one: Row, other: Row) -> int:
        for term in terms:
            left, right = (_sortable(world, name, term.expression, each) for each in (one, other))
            if left != right:
                return (1 if left > right else -1) * (-1 if term.descends else 1)
        return tie * (int(one["id"]) - int(other["id"]))

    return [each["id"] for each in sorted(entities, key=cmp_to_key(compare))]


def _sortable(world: World, name: str, expression: bound.Expression, row: Row) -> tuple[bool, Any]:
    """A value as it is ordered: an empty text and null alike, as indexes hold them."""
    value = world.value(expression, {"": (MODEL[name], row)})
    value = None if value == "" else value
    return (value is not None, value if value is not None else 0)


def pages(asked: Asked, name: str, raw: str, size: int) -> Iterator[Listed]:
    """The pages of a question, one behind the other."""
    token = ""
    while True:
        options = parse_options(raw + token, MODEL[name], "set")
        listed = asked.finder.entities.page(CALLER, Question(MODEL[name], options), size)
        yield listed
        if listed.token is None:
            return
        token = f"&$skiptoken={quote(listed.token, safe='')}"


@_SETTINGS
@given(ORDERS, st.integers(1, 7))
@example("Name desc,IsActive", 3)
@example("LastLoginDate", 2)
def test_pages_show_every_customer_once_in_any_order(asked: Asked, order: str, size: int) -> None:
    raw = f"$orderby={quote(order, safe='')}&$filter=Id gt 900000"
    try:
        options = parse_options(raw, MODEL["Customer"], "set")
    except Exception:  # an order that names no property is none
        return
    rows = [each for each in asked.world.rows["Customer"] if each["id"] > 900_000]
    shown = [each.values["id"] for page in pages(asked, "Customer", raw, size) for each in page.found]
    assert shown == sorted_by(asked.world, "Customer", options.order, rows)


@_SETTINGS
@given(INNER_ORDERS, of_addresses(), st.integers(0, 4), st.integers(0, 3), st.booleans())
def test_expanded_addresses_are_those_that_were_asked_for(
    asked: Asked, order: str, condition: str, top: int, skip: int, counted: bool
) -> None:
    nested = f"$orderby={order};$filter={condition};$top={top};$skip={skip};$count={counted}"
    raw = f"$filter=Id gt 899999 and Id lt 900012&$expand=BillingAddresses({quote(nested, safe='%')})"
    try:
        options = parse_options(raw, MODEL["Customer"], "set")
    except Exception:  # it makes no sense
        return
    below = options.expand[0][1]
    listed = asked.finder.entities.page(CALLER, Question(MODEL["Customer"], options), 100)
    for customer in listed.found:
        meant = _meant(asked.world, customer.values, below)
        found = customer.expanded["BillingAddresses"]
        assert isinstance(found, Listed)
        assert [each.values["id"] for each in found.found] == meant[skip : skip + top]
        assert found.total == (len(meant) if counted else None)


def _meant(world: World, customer: Row, options: Options) -> list[int]:
    assert options.filter is not None
    name, of = "CustomerBillingAddress", options.filter
    rows = world.behind("Customer", customer, "BillingAddresses")
    true = [each for each in rows if world.value(of, {"": (MODEL[name], each)}) is True]
    return sorted_by(world, name, options.order, true)


def test_what_is_expanded_leads_back_and_on(asked: Asked) -> None:
    raw = "$filter=Id eq 900001&$expand=Account,BillingAddresses($expand=Customer($expand=ShippingAddresses))"
    options = parse_options(raw, MODEL["Customer"], "set")
    (customer,) = asked.finder.entities.page(CALLER, Question(MODEL["Customer"], options), 100).found

    account, billing = customer.expanded["Account"], customer.expanded["BillingAddresses"]
    assert isinstance(account, Found)
    assert isinstance(billing, Listed)
    world = asked.world
    meant = [each["id"] for each in world.behind("Customer", customer.values, "BillingAddresses")]
    assert [each.values["id"] for each in billing.found] == meant
    for address in billing.found:
        back = address.expanded["Customer"]
        assert isinstance(back, Found)
        assert back.values["id"] == 900_001
        on = back.expanded["ShippingAddresses"]
        assert isinstance(on, Listed)
        meant = [each["id"] for each in world.behind("Customer", back.values, "ShippingAddresses")]
        assert [each.values["id"] for each in on.found] == meant
