"""The export of a person's data: all that is held on them, nothing of others, and no secret."""

import json
from typing import Any

from sqlalchemy import String

from app.db.tables import Base
from app.db.types import Ciphertext
from app.keeping.personal_data import WITHHELD
from app.keeping.persons import ABOUT_NOBODY, tables
from tests.keeping.planting import Planted, everything, found, plant
from tests.site import Site


def exported(planted: Planted, customer: str) -> dict[str, Any]:
    said = planted.patron("export", "--store", "66", "--customer", customer)
    assert said.returncode == 0, said.stderr
    document: dict[str, Any] = json.loads(said.stdout)
    return document


def test_all_that_is_held_is_told_and_nothing_of_others(site: Site) -> None:
    planted, other = plant(site), plant(site)
    document = exported(planted, str(planted.id))

    assert document["customers"] == [planted.id]
    held = document["held"]
    where = {each.partition(".")[0]: count for each, count in found(site, planted.canary).items()}
    assert where.keys() <= held.keys()
    assert {"payment_method", "customer_session", "sign_in_failure", "transaction_template"} <= held.keys()
    for table, rows in held.items():
        assert len(rows) >= where.get(table, 0), table
    assert other.canary.lower() not in json.dumps(document).lower()
    assert held["customer"][0]["email"] == planted.email
    assert [each["total_order"] for each in held["transaction"]] == [25.0]


def test_each_row_that_names_the_customer_is_in_it(site: Site) -> None:
    """Compared with all rows that have a `customer_id`, found without any of the declarations."""
    planted = plant(site, subscribed=False)
    held = exported(planted, str(planted.id))["held"]
    named: dict[str, int] = {}
    for table, row in everything(site):
        if row.get("customer_id") == planted.id and row["store_id"] == 66 and table not in ABOUT_NOBODY:
            named[table] = named.get(table, 0) + 1
    assert named
    told = {table: [each for each in held[table] if each["customer_id"] == planted.id] for table in named}
    assert {table: len(rows) for table, rows in told.items()} == named


def test_no_secret_is_told(site: Site) -> None:
    planted = plant(site, subscribed=False)
    stored = next(row for table, row in everything(site) if table == "customer" and row["id"] == planted.id)
    document = exported(planted, planted.email)
    text = json.dumps(document)

    assert document["left_out"]["customer"] == sorted(WITHHELD["customer"])
    for name in WITHHELD["customer"]:
        assert f'"{name}":' not in text
    assert stored["password_hash"] not in text
    assert not any(each.get("temporary") for each in document["held"]["customer_session"])


def test_every_column_that_holds_a_secret_is_left_out() -> None:
    for table in tables():
        for column in table.columns:
            is_secret = isinstance(column.type, Ciphertext) or (
                isinstance(column.type, String) and "hash" in column.name
            )
            assert not is_secret or column.name in WITHHELD[table.name], f"{table.name}.{column.name}"
    assert {name for names in WITHHELD.values() for name in names} <= {
        column.name for table in Base.metadata.tables.values() for column in table.columns
    }


def test_who_is_not_there_is_said_in_one_line(site: Site) -> None:
    planted = Planted(site, 999_999, "nobody")
    for customer in ("999999", "nobody@example.com", "0", "99999999999999"):
        said = planted.patron("export", "--store", "66", "--customer", customer)
        assert said.returncode == 1
        assert said.stderr.startswith("patron: customer ")
        assert said.stdout == ""
