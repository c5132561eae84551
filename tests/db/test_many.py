"""Among 100,000 customers, rows are found by indexes and the last page is as near as the first."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings

from app.errors import Refusal
from tests.db.many import MANY, Crowded, crowded
from tests.odata.finding import Finder
from tests.odata.questions import of_customers
from tests.site import counted_statements

assert crowded  # a fixture

CUSTOMERS = "/stores/66/customers"
BOTH = "is_anonymous=false|is_anonymous=true"

WALKS = {
    "email=PERSON777@example.com": "email_key",
    "email=person777*": "email_key",
    "email:in=person777@example.com,person778@example.com": "email_key",
    "last_name=Name7": "last_name",
    "last_name=Name77*": "last_name",
    "date_created=2020-02-01": "date_created",
    "date_created=2020-02-01T10:00:00Z..2020-02-01T12:00:00Z": "date_created",
    "date_modified:greaterthan=2020-03-09": "date_modified",
    "last_login_date:lessthan=2020-01-02": "last_login_date",
    "order=email desc": "email",
    "order=last_name": "last_name",
    "order=date_created": "date_created",
    "order=date_created desc": "date_created",
    "order=last_login_date": "last_login_date",
}
"""Queries, each with the property by whose index it finds its rows."""

LOOKUPS = {
    "attributes:name[color]=value7": "ix_attribute_store_id_name_value",
    "attributes:name[color]:in=value7,value8": "ix_attribute_store_id_name_value",
    "customer_addresses:city=City7": "ix_customer_address_store_id_city_customer_id",
    "default_billing_address:city=City8": "ix_customer_address_store_id_city_customer_id",
}
"""Queries by related rows, each with the index by which it finds these."""

ALSO = "uq_customer_registered_email"
"""PostgreSQL takes this for emails where it knows that no guest is asked for."""

MOST_ROWS = 5_000
"""A statement that looks at more rows reads the table, whatever its plan says. SQLite takes a few tens of
steps for a row."""


def encoded(query: str) -> str:
    return "&".join(
        f"{quote(name)}={quote(value)}"
        for name, _, value in (each.partition("=") for each in query.split("&"))
    )


@pytest.mark.parametrize("query", [*WALKS, *LOOKUPS])
def test_a_filter_or_an_order_finds_its_rows_by_its_index(crowded: Crowded, query: str) -> None:
    index = LOOKUPS.get(query) or f"ix_customer_store_id_is_anonymous_{WALKS[query]}_id"
    for asked in (query, f"{query}&{BOTH}"):
        raw = encoded(asked)
        for statement, arguments in (*crowded.rows(raw), crowded.count(raw)):
            cost = crowded.cost(statement, arguments)
            if "FROM customer" in statement.text:
                assert index in cost.plan or ALSO in cost.plan, (asked, cost)
            assert "Seq Scan on customer" not in cost.plan, (asked, cost)
            assert cost.rows < MOST_ROWS, (asked, cost)


@pytest.mark.parametrize("query", [*WALKS, *LOOKUPS])
def test_what_is_read_here_is_what_the_service_runs(crowded: Crowded, query: str) -> None:
    with counted_statements() as statements:
        crowded.site.hal(f"{CUSTOMERS}?{encoded(query)}")

    assert crowded.rows(encoded(query))[0][0].text in statements


@pytest.mark.parametrize("partitions", ["", f"&{BOTH}"])
@pytest.mark.parametrize(
    "order",
    ["id", "id desc", "email", "last_name", "last_name desc", "date_created", "date_created desc",
     "date_modified", "last_login_date", "last_login_date desc"],
)  # fmt: skip
def test_a_page_deep_in_the_store_costs_what_the_first_one_costs(
    crowded: Crowded, order: str, partitions: str
) -> None:
    first = encoded(f"order={order}&limit=20{partitions}")
    deep = crowded.site.hal(f"{CUSTOMERS}?{first}&offset=72000")["_links"]["next"]["href"]
    page = crowded.site.hal(deep)

    assert (page["offset"], page["returned_items"]) == (72_020, 20)
    assert crowded.cost_of_page(deep.partition("?")[2]) <= 1.5 * crowded.cost_of_page(first)


@pytest.mark.parametrize("filters", ["last_name=N*", "date_created=2020-01-02..x", "first_name:not=Given3"])
def test_a_deep_page_of_what_filters_find_costs_what_the_first_one_costs(
    crowded: Crowded, filters: str
) -> None:
    first = encoded(f"{filters}&limit=20")
    deep = crowded.site.hal(f"{CUSTOMERS}?{first}&offset=60000")["_links"]["next"]["href"]

    assert crowded.cost_of_page(deep.partition("?")[2]) <= 1.5 * crowded.cost_of_page(first)


NEAR = (
    {"filter": "Id gt 51000"},
    {"filter": "Id in (1001,1002,50000)", "count": "true"},
    {"orderby": "LastLoginDate desc"},
    {"orderby": "Name", "filter": "IsGuest eq false"},
    {"orderby": "CreateDate desc"},
    {"filter": "Email eq 'person777@example.com'", "count": "true"},
    {"filter": "startswith(Email,'person777')", "count": "true"},
    {"filter": "Email eq 'person77@example.com' or Email eq 'person78@example.com'", "count": "true"},
    {"filter": "CreateDate ge 2020-03-01T00:00:00Z"},
    {"filter": "CreateDate ge 2020-03-01T00:00:00Z and CreateDate lt 2020-03-02T00:00:00Z", "count": "true"},
    {"filter": "date(CreateDate) eq 2020-02-01", "count": "true"},
    {"filter": "ShippingAddresses/any(a:a/Address/City eq 'City7')", "count": "true"},
    {"filter": "contains(Email,'77')"},
    {"expand": "BillingAddresses,ShippingAddresses($filter=contains(Address/City,'7');$top=1),Account"},
)
"""What OData clients usually ask, and what an index finds without looking at many others."""

FAR = (
    {"filter": "year(CreateDate) eq 2021", "count": "true"},
    {"filter": "contains(tolower(Email),'person99999@')", "count": "true"},
    {"filter": "year(LastLoginDate) eq 2020 and month(LastLoginDate) eq 3", "count": "true"},
    {"filter": "CustomerId eq 'x'", "count": "true"},
    {"filter": "not ShippingAddresses/any()", "count": "true"},
    {"filter": "ShippingAddresses/any(a:contains(a/Address/City,'7'))", "count": "true"},
    {"filter": "ShippingAddresses/any(a:a/Address/City eq Name)", "count": "true"},
    {"filter": "ShippingAddresses/$count gt 0", "count": "true"},
    {"orderby": "ShippingAddresses/$count desc"},
    {"orderby": "length(Email)"},
    {"orderby": "tolower(Name) desc"},
)
"""What no index serves: a statement looks at each row, and at each row's own once more."""


@pytest.mark.parametrize("asked", NEAR, ids=str)
def test_what_odata_clients_usually_ask_is_near(crowded: Crowded, asked: dict[str, str]) -> None:
    for statement, arguments in Finder.of(crowded.site).noted(**asked):
        cost = crowded.cost(statement, arguments)
        assert "Seq Scan on customer" not in cost.plan, (statement.text, cost)
        assert cost.rows < 2 * MOST_ROWS, (statement.text, cost)


@pytest.mark.parametrize("asked", FAR, ids=str)
def test_what_no_index_serves_looks_at_each_row_once(crowded: Crowded, asked: dict[str, str]) -> None:
    for statement, arguments in Finder.of(crowded.site).noted(**asked):
        assert crowded.cost(statement, arguments).rows < 3 * MANY, statement.text


def test_addresses_ordered_by_their_customers_look_at_each_row_once(crowded: Crowded) -> None:
    ((statement, arguments),) = Finder.of(crowded.site).noted(
        "CustomerShippingAddress", orderby="Customer/Name"
    )
    assert crowded.cost(statement, arguments).rows < 2 * MANY, statement.text


def test_what_is_answered_to_one_is_not_too_costly_for_many_who_ask_at_once(crowded: Crowded) -> None:
    asked = {"filter": "contains(Name,'an') and IsGuest eq false", "count": "true"}

    def ask(_: int) -> int | str | None:
        try:
            return Finder.of(crowded.site, 200).page(**asked).total
        except Refusal as refusal:
            return f"{refusal.status} {refusal.headers}"
        finally:
            crowded.site.app.extensions["patron"].reader.close()

    alone = Finder.of(crowded.site).page(**asked).total
    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(ask, range(18)))
    busy = set() if crowded.site.engine.dialect.name == "sqlite" else {"503 {'Retry-After': '1'}"}
    assert answers - busy <= {alone}


COUNTED = " or ".join(f"Customer/ShippingAddresses/$count eq {number}" for number in range(2, 40))


@pytest.mark.parametrize(
    ("asked", "blamed"),
    [
        ({"orderby": "length(concat(Email,Email)) desc"}, "$orderby"),
        ({"orderby": "length(concat(Email,Email)) desc", "filter": "Id gt 0"}, "$orderby"),
        ({"orderby": "Name", "filter": "contains(toupper(concat(Email,Email)),'Q')"}, "$filter"),
        ({"expand": f"ShippingAddresses($filter={COUNTED})"}, "$expand"),
    ],
)
def test_what_is_too_costly_is_blamed_on_what_was_asked(
    crowded: Crowded, asked: dict[str, str], blamed: str
) -> None:
    with pytest.raises(Refusal) as refused:
        Finder.of(crowded.site, 20).page(**asked)
    told = refused.value.status, refused.value.faults[0].property
    assert told in {(400, blamed), (503, None)}  # other tests may keep PostgreSQL busy


@pytest.mark.parametrize("order", ["Id", "Name desc", "LastLoginDate"])
def test_a_deep_page_of_entities_costs_what_the_first_one_costs(crowded: Crowded, order: str) -> None:
    finder = Finder.of(crowded.site)
    deep = finder.page(orderby=order, skip="72000").token or ""
    first, last = (
        sum(crowded.cost(*each).rows for each in finder.noted(orderby=order, **further))
        for further in ({}, {"skiptoken": deep})
    )

    assert last <= 2 * first


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=of_customers(), term=of_customers())
def test_whatever_is_asked_is_answered_or_refused(crowded: Crowded, condition: str, term: str) -> None:
    finder = Finder.of(crowded.site, 200)
    for asked in ({"filter": condition, "count": "true"}, {"orderby": f"({term}) desc"}):
        try:
            first = finder.page(**asked)
            following = finder.page(**asked, skiptoken=first.token) if first.token else first
        except Refusal as refusal:
            assert refusal.status in {400, 501, 503}  # noqa: PT017
        else:
            ids = {each.values["id"] for each in first.found}
            assert following is first or ids.isdisjoint(each.values["id"] for each in following.found)


def test_a_statement_that_takes_too_long_is_ended_and_refused(crowded: Crowded) -> None:
    hurried, patient = Finder.of(crowded.site, 1), Finder.of(crowded.site)
    costly = "contains(toupper(concat(Email,concat(Email,Email))),'X')"
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            hurried.page(filter=costly, count="true")
        told = refused.value.status, refused.value.faults[0].code
        assert told in {(400, "too_costly"), (503, "unavailable")}  # other tests may keep PostgreSQL busy
        assert patient.page(filter=costly, count="true").total is not None
    assert crowded.site.hal(f"{CUSTOMERS}?limit=1")["returned_items"] == 1
