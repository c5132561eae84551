"""No read of the API scans a table: every statement finds its rows by an index."""

import sqlite3

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
    "/stores/66/subscriptions",
    "/customers/115/attributes?offset=3",
    "/customers/115/addresses?limit=1",
    "/customers/115/default_billing_address",
    "/customers/146/default_payment_method",
    "/stores/66",
    "/customer_addresses/1",
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
def test_every_statement_finds_its_rows_by_an_index(site: Site, path: str) -> None:
    with counted_statements() as statements:
        site.hal(path)

    assert len(statements) >= 2
    with sqlite3.connect(str(site.engine.url.database)) as connection:
        for statement in statements:
            plan = [
                row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values(statement))
            ]
            assert not [step for step in plan if step.startswith("SCAN") and "subquery" not in step], (
                statement
            )
            assert not [step for step in plan if "TEMP B-TREE" in step and "ORDER BY" in step], (
                statement,
                plan,
            )
    connection.close()


def values(statement: str) -> list[None]:
    return [None] * statement.count("?")
