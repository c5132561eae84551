"""Rows from before purchases were recorded in full are there afterwards, and again when that is undone."""

from typing import Any

from sqlalchemy import Engine

from app.db.engine import unguarded_engine
from app.db.migrate import downgrade, upgrade

WHEN = "2024-01-08 09:30:00"
STORE = (
    "INSERT INTO store (id, version, store_name, store_domain, use_remote_domain, store_email, locale_code,"
    " timezone, language, checkout_type, use_single_sign_on, app_session_time, is_maintenance_mode,"
    " is_active, customer_password_hash_type) VALUES (66, 1, 'A', 'a.example', false, 'a@a.example', 'en_US',"
    " 'UTC', 'english', 'default_account', false, 0, false, true, 'bcrypt')"
)
CUSTOMER = (
    "INSERT INTO customer (store_id, id, version, email, email_key, is_anonymous, is_active, tax_exempt,"
    " open_account, enable_credit_cards, enable_budgets, enable_discounts, force_password_reset,"
    " allow_billing_address_management, allow_shipping_address_management) VALUES (66, 1, 1, 'a@b.example',"
    " 'a@b.example', false, true, false, false, true, true, true, false, true, true)"
)
ROWS = (
    STORE,
    CUSTOMER,
    "INSERT INTO transaction_template (store_id, id, version) VALUES (66, 1, 1)",
    f'INSERT INTO "transaction" (store_id, id, version, customer_id, date_created)'
    f" VALUES (66, 7, 3, 1, '{WHEN}')",
    'INSERT INTO "transaction" (store_id, id, version, customer_id) VALUES (66, 8, 1, NULL)',
    "INSERT INTO item (store_id, id, version, transaction_id, name, code, quantity)"
    " VALUES (66, 1, 1, 7, 'A book', 'B1', 2)",
    "INSERT INTO item (store_id, id, version, transaction_template_id, name, quantity)"
    " VALUES (66, 2, 1, 1, 'A paper', 1)",
    "INSERT INTO attribute (store_id, id, version, customer_id, name, value, visibility, client)"
    " VALUES (66, 1, 1, 1, 'color', 'red', 'private', '')",
    "INSERT INTO attribute (store_id, id, version, name, value, visibility, client)"
    " VALUES (66, 2, 1, 'color', 'blue', 'private', '')",
)


def run(engine: Engine, *statements: str) -> list[Any]:
    """What the last of the statements finds."""
    with engine.begin() as connection:
        for statement in statements:
            found = connection.exec_driver_sql(statement)
        return [tuple(row) for row in found] if found.returns_rows else []


OLD = {
    "attribute": "id, customer_id, name, value, visibility",
    "item": "id, transaction_id, transaction_template_id, name, code, quantity",
    '"transaction"': "id, version, customer_id, date_created",
}


def old(engine: Engine) -> dict[str, list[Any]]:
    return {name: run(engine, f"SELECT {what} FROM {name} ORDER BY id") for name, what in OLD.items()}


def test_what_was_there_stays_and_says_what_it_can(database_url: str) -> None:
    upgrade(database_url, "0008")
    engine = unguarded_engine(database_url)
    run(engine, *ROWS)
    before = old(engine)
    assert [len(each) for each in before.values()] == [2, 2, 2]

    upgrade(database_url, "0009")
    assert old(engine) == before, "no row went with a table that was made anew"
    columns = "display_id, is_test, total_order, status, payment_method_type, transaction_date"
    first, second = run(engine, f'SELECT {columns} FROM "transaction" ORDER BY id')
    assert [*map(str, first[:5])][::2] == ["7", "0", ""]
    assert (str(first[5])[:19], str(second[5])[:19]) == (WHEN, "1970-01-01 00:00:00")
    assert run(engine, "SELECT price FROM item") == [(0,), (0,)]
    run(
        engine,
        "INSERT INTO attribute (store_id, id, version, transaction_id, name, value, visibility, client)"
        " VALUES (66, 3, 1, 7, 'color', 'green', 'private', '')",
    )

    downgrade(database_url, "0008")
    assert old(engine) == before
    engine.dispose()
