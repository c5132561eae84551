"""Among 100,000 customers, rows are found by indexes and the last page is as near as the first."""

from urllib.parse import quote

import pytest

from tests.db.many import Crowded, crowded
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
    "attributes:name[color]=value7": "ix_attribute_store_id_name_value_customer_id",
    "attributes:name[color]:in=value7,value8": "ix_attribute_store_id_name_value_customer_id",
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
