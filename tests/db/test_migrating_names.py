"""Customers from before there was one name of theirs have it afterwards, and stores their code."""

from app.db.engine import unguarded_engine
from app.db.migrate import downgrade, upgrade
from tests.db.test_migrating_purchases import CUSTOMER, STORE, run

NAMES = {1: ("Mary Ann", "Smith"), 2: ("Cher", ""), 3: (None, "Smith"), 4: ("", None)}
WHOLE = ["Mary Ann Smith", "Cher", "Smith", None]


def test_names_and_codes_follow_from_what_was_there(database_url: str) -> None:
    upgrade(database_url, "0010")
    engine = unguarded_engine(database_url)
    run(engine, STORE)
    for row_id, parts in NAMES.items():
        first, last = ("NULL" if each is None else f"'{each}'" for each in parts)
        email = f"c{row_id}@b.example"
        run(
            engine,
            CUSTOMER.replace("(66, 1, 1,", f"(66, {row_id}, 1,").replace("a@b.example", email),
            f"UPDATE customer SET first_name = {first}, last_name = {last} WHERE id = {row_id}",
            "INSERT INTO customer_address (store_id, id, version, customer_id, ignore_address_restrictions,"
            " address_name, first_name, last_name, is_default_billing, is_default_shipping, for_billing,"
            f" for_shipping, is_locked) VALUES (66, {row_id}, 1, {row_id}, false, 'Home', {first}, {last},"
            " false, false, false, true, false)",
        )

    upgrade(database_url, "0011")
    assert run(engine, "SELECT name FROM customer ORDER BY id") == [(each,) for each in WHOLE]
    assert run(engine, "SELECT full_name FROM customer_address ORDER BY id") == [(each,) for each in WHOLE]
    assert run(engine, "SELECT code FROM store") == [("a.example",)]

    downgrade(database_url, "0010")
    assert run(engine, "SELECT first_name FROM customer ORDER BY id") == [
        ("Mary Ann",),
        ("Cher",),
        (None,),
        ("",),
    ]
    assert run(engine, "SELECT id FROM customer_address ORDER BY id") == [(1,), (2,), (3,), (4,)]
    engine.dispose()
