"""No read of the API scans a table: every statement finds its rows by an index."""

import sqlite3
from collections.abc import Iterator

import pytest

from tests.site import Site, counted_statements

ALL = "zoom=default_billing_address,default_shipping_address,default_payment_method,customer_addresses"
PATHS = (
    f"/customers/115?{ALL}",
    f"/stores/66/customers?{ALL}",
    f"/stores/66/customers?{ALL}&limit=300&offset=1",
    "/stores/66/customers?is_anonymous=true&limit=2",
    "/stores/66/customers?cursor=120&offset=5&limit=2",
    "/stores/66/transactions?customer_id=115&offset=3&zoom=items,customer",
    "/stores/66/transactions?customer_id=115&transaction_date=2020-01-01..&limit=1",
    "/stores/66/transactions?subscription_id=1&zoom=attributes,subscription:customer",
    "/stores/66/transactions?status=completed&limit=2",
    "/stores/66/transactions?status=completed&order=id+desc&limit=2",
    "/stores/66/transactions?order=transaction_date+desc&limit=2",
    "/stores/66/transactions?transaction_date=2024-01-01..2025-01-01&limit=2",
    "/stores/66/transactions?total_order=10..30&limit=2",
    "/stores/66/transactions?total_order:greaterthan=9.99&order=total_order&limit=1",
    "/stores/66/transactions?order=total_order&limit=2&cursor=WzI0MDAwMCwxXQ",
    "/stores/66/transactions?customer_email=a@example.com&limit=1",
    "/stores/66/transactions?items:code=BK-0817&limit=1",
    "/stores/66/transactions?attributes:name%5Bcolor%5D=red&limit=1",
    "/stores/66/transactions?limit=2&offset=2",
    "/transactions/1/items?limit=1",
    "/transactions/1/attributes?offset=1",
    "/stores/66/attributes?offset=1",
    "/stores/66/subscriptions",
    "/stores/66/subscriptions?customer_id=115&is_active=true&limit=1&zoom=transactions,transaction_template:items",
    "/stores/66/subscriptions?zoom=customer,last_transaction&customer_id=117",
    "/stores/66/subscriptions?next_transaction_date=2024-01-01..2032-01-01&limit=1",
    "/stores/66/subscriptions?next_transaction_date=2024-01-01..2032-01-01&order=next_transaction_date&limit=1",
    "/stores/66/subscriptions?frequency=1m&limit=1",
    "/stores/66/subscriptions?end_date:greaterthan=2020-01-01&order=end_date&limit=1",
    "/subscriptions/1/attributes?offset=1",
    "/transaction_templates/1/items?offset=1",
    "/customers/115/attributes?offset=3",
    "/customers/115/addresses?limit=1",
    "/customers/115/default_billing_address",
    "/customers/146/default_payment_method",
    "/stores/66/customers?email=a@example.com&limit=1",
    "/stores/66/customers?email=a*&limit=1",
    "/stores/66/customers?last_name=Smith&limit=1&offset=1",
    "/stores/66/customers?date_created=2020-01-01..2030-01-01&limit=2",
    "/stores/66/customers?last_login_date:greaterthan=2020-01-01&order=last_login_date+desc&limit=2",
    "/stores/66/customers?attributes:name%5Bcolor%5D=red&limit=1&offset=1",
    "/stores/66/customers?attributes:name%5Bcolor%5D:not=red&limit=1&offset=1",
    "/stores/66/customers?customer_addresses:city=Portland&cursor=115&limit=1",
    "/stores/66/customers?customer_addresses:city:not=Portland&limit=1",
    "/stores/66/customers?default_billing_address:country=US&limit=1",
    "/stores/66/customers?order=date_created&limit=2",
    "/stores/66/customers?order=last_name+desc&limit=2&cursor=WyJTIiwxMTVd",
    "/stores/66/transactions?customer:email=a@example.com",
    "/customers/115/attributes?name=color&offset=1",
    "/stores/66",
    "/customer_addresses/1",
)
SORTED = (
    "/stores/66/transactions?customer:email=a@example.com",
    "/stores/66/transactions?customer_id=115&transaction_date=2020-01-01..&limit=1",
)
"""Pages of rows that are few, of several others each."""
WALKED = (
    "/stores/66/transactions?order=transaction_date+desc&limit=2",
    "/stores/66/transactions?limit=2&offset=2",
    "/stores/66/subscriptions",
)
"""Pages of all of a store's rows, in their order."""


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
def test_every_statement_finds_its_rows_by_an_index(site: Site, path: str) -> None:
    with counted_statements() as statements:
        site.hal(path)

    assert statements
    for statement, plan in plans(str(site.engine.url.database), statements):
        for step in plan:
            assert not (step.startswith("SCAN") and "subquery" not in step), (statement, step)
            assert path in SORTED or "TEMP B-TREE FOR ORDER BY" not in step, (statement, step)
            assert not reads_the_whole_store(step, path), (statement, step)


def plans(database: str, statements: list[str]) -> Iterator[tuple[str, list[str]]]:
    """What SQLite does for each statement, with no statistics of the tables."""
    connection = sqlite3.connect(database)
    for statement in statements:
        nothing = [None] * statement.count("?")
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", nothing).fetchall()
        yield statement, [row[3] for row in rows]
    connection.close()


def reads_the_whole_store(step: str, path: str) -> bool:
    """Only a collection of all of a store's rows may do so, in pages."""
    return step.endswith("(store_id=?)") and path not in WALKED
