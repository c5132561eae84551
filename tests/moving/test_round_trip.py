"""What is exported and loaded elsewhere is what is exported there; loading it again changes nothing."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.tally import Tally
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from tests.moving.moved import counts, empty_store, exported, ndjson, rejects, typed
from tests.moving.people import customer
from tests.portal.customers import sign_in
from tests.site import Site, hash_cheaply
from tests.unit.test_passwords_vectors import PUBLISHED

SANDBOX = "66"


@pytest.mark.parametrize("kind", ["ndjson", "ndjson.gz"])
def test_an_export_of_an_import_is_the_export(own_site: Site, tmp_path: Path, kind: str) -> None:
    file, store = tmp_path / f"all.{kind}", empty_store(own_site)
    typed(own_site, "export", "--store", SANDBOX, "--client", "sandbox", file)
    before = exported(own_site, 67)

    said = typed(own_site, "import", file, "--store", str(store), "--client", "sandbox")

    assert said.stdout.startswith(f"{counts(own_site, 66)[0]} created in ")
    clients = ("--client", "sandbox")
    there, here = (
        _comparable(typed(own_site, "export", "--store", str(each), *clients).stdout) for each in (66, store)
    )
    assert here == there
    assert len(here) == counts(own_site, 66)[0]
    assert exported(own_site, 67) == before
    assert file.stat().st_mode & 0o077 == 0


def _comparable(text: str) -> list[str]:
    """Each customer, without addresses; moments in UTC, since two stores may be in two zones."""
    import re

    from app.zones import zone

    def utc(found: "re.Match[str]") -> str:
        from datetime import datetime

        return zone("UTC").stored(datetime.fromisoformat(found[0]))

    lines = re.sub(r'"href":"[^"]*"', "", text).splitlines()
    return [re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", utc, line) for line in lines]


def test_loading_again_changes_nothing(own_site: Site, tmp_path: Path) -> None:
    file, store = ndjson(tmp_path / "people.ndjson", map(customer, range(1, 60))), empty_store(own_site)
    typed(own_site, "import", file, "--store", str(store), "--batch", "7")
    before = typed(own_site, "export", "--store", str(store)).stdout

    again = typed(own_site, "import", file, "--store", str(store), "--batch", "13")

    assert again.stdout.startswith("59 unchanged in ")
    assert typed(own_site, "export", "--store", str(store)).stdout == before
    assert counts(own_site, store) == (59, 3 * 59, 2 * 59)


def test_each_row_names_a_customer_who_is_there(own_site: Site, tmp_path: Path) -> None:
    file, store = ndjson(tmp_path / "people.ndjson", map(customer, range(1, 60))), empty_store(own_site)
    typed(own_site, "import", file, "--store", str(store))
    with own_site.engine.connect() as connection:
        for row in (Attribute, CustomerAddress):
            owners = select(Customer.id).where(Customer.store_id == store)
            lost = select(row.id).where(row.store_id == store, row.customer_id.not_in(owners))
            assert not connection.scalars(lost).all()
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()


def test_what_a_write_maintains_holds_afterwards(own_site: Site, tmp_path: Path) -> None:
    file, store = ndjson(tmp_path / "people.ndjson", map(customer, range(1, 60))), empty_store(own_site)
    typed(own_site, "import", file, "--store", str(store))
    token = own_site.tokens[f"/stores/{store}"]
    at = f"/stores/{store}/customers"

    assert own_site.hal(at, token=token)["total_items"] == 53
    assert own_site.hal(f"{at}?is_anonymous=true", token=token)["total_items"] == 6
    found = own_site.hal(f"{at}?email=ADA7.7@Mail7.example", token=token)["_embedded"]["fx:customers"]
    assert [each["id"] for each in found] == [7]
    assert found[0]["date_created"] == "2019-03-01T09:00:07+0100"
    zoom = "?zoom=default_billing_address,default_shipping_address"
    embedded = own_site.hal(f"/customers/7{zoom}", token=token)["_embedded"]
    assert embedded["fx:default_billing_address"]["address_name"] == "Home"
    assert embedded["fx:default_shipping_address"]["address_name"] == "Work"
    made = own_site.send("POST", at, {"email": "new@example.com"}, token=token)
    assert made.json["id"] > 59
    twice = own_site.send("POST", at, {"email": "ada7.7@mail7.example"}, token=token)
    assert twice.status_code == 409
    with own_site.engine.connect() as connection:
        rows = dict(
            connection.execute(select(Tally.name, Tally.rows).where(Tally.store_id == store)).tuples().all()
        )
    assert rows == {"customer:false": 54, "customer:true": 6}


def test_customers_are_brought_in_line_or_left_alone(own_site: Site, tmp_path: Path) -> None:
    store, first = empty_store(own_site), customer(1)
    file = ndjson(tmp_path / "people.ndjson", [first])
    typed(own_site, "import", file, "--store", str(store))
    token = own_site.tokens[f"/stores/{store}"]
    changed = json.loads(json.dumps(first)) | {"first_name": "Beda"}
    changed["_embedded"]["fx:attributes"][0]["value"] = "another"
    changed["_embedded"]["fx:attributes"].append({"name": "New", "value": "one"})
    changed["_embedded"]["fx:customer_addresses"] = [
        {"address_name": "Cabin", "address1": "1 Lake Road", "is_default_billing": True}
    ]
    del changed["id"]  # so they are found by their email
    ndjson(file, [changed])

    skipped = typed(own_site, "import", file, "--store", str(store), "--on-duplicate", "skip")
    assert skipped.stdout.startswith("1 skipped in ")
    assert own_site.hal("/customers/1", token=token)["first_name"] == "Ada1"
    updated = typed(own_site, "import", file, "--store", str(store))
    assert updated.stdout.startswith("1 updated in ")
    again = typed(own_site, "import", file, "--store", str(store))
    assert again.stdout.startswith("1 unchanged in ")

    shown = own_site.hal("/customers/1?zoom=customer_addresses,default_billing_address", token=token)
    assert shown["first_name"] == "Beda"
    attributes = {each["name"]: each["value"] for each in shown["_embedded"]["fx:attributes"]}
    assert (attributes["Favourite colour"], attributes["New"]) == ("another", "one")
    addresses = shown["_embedded"]["fx:customer_addresses"]
    assert [each["is_default_billing"] for each in addresses] == [False, False, True]
    assert shown["_embedded"]["fx:default_billing_address"]["address_name"] == "Cabin"


def test_every_type_of_hash_signs_in_afterwards(own_site: Site, tmp_path: Path) -> None:
    hash_cheaply(own_site)
    people = [
        {
            "email": f"hashed{number}@example.com",
            "password_hash": made,
            "password_hash_type": kind,
            "password_salt": salt,
            "password_hash_config": config,
        }
        for number, (kind, _, made, salt, config) in enumerate(PUBLISHED)
    ]
    typed(own_site, "import", ndjson(tmp_path / "hashed.ndjson", people), "--store", SANDBOX)

    for number, (kind, password, *_) in enumerate(PUBLISHED):
        answer = sign_in(own_site, f"hashed{number}@example.com", password)
        assert answer.status_code == 200, (kind, answer.text)


def test_one_who_comes_twice_is_taken_once(own_site: Site, tmp_path: Path) -> None:
    people = [customer(1), customer(2) | {"email": customer(1)["email"].upper()}, customer(3), customer(1)]
    guests = [{"email": "guest@example.com", "is_anonymous": True}] * 2
    file, store = ndjson(tmp_path / "twice.ndjson", [*people, *guests]), empty_store(own_site)

    said = typed(own_site, "import", file, "--store", str(store), "--batch", "2", code=1)

    assert said.stdout.startswith("4 created, 2 rejected in ")
    assert [each["line"] for each in rejects(file)] == [2, 4]
    again = typed(own_site, "import", ndjson(file, people), "--store", str(store), code=1)
    assert again.stdout.startswith("2 unchanged, 2 rejected in ")


def test_an_id_that_is_anothers_is_not_taken(own_site: Site, tmp_path: Path) -> None:
    file, store = ndjson(tmp_path / "one.ndjson", [customer(1)]), empty_store(own_site)
    typed(own_site, "import", file, "--store", str(store))
    before = exported(own_site, store)

    ndjson(file, [customer(2) | {"id": 1}])
    typed(own_site, "import", file, "--store", str(store), code=1)

    assert list(rejects(file)[0]["reasons"]) == ["id"]
    assert exported(own_site, store) == before


def test_who_has_very_many_attributes_moves(own_site: Site, tmp_path: Path) -> None:
    there, here = empty_store(own_site, "there"), empty_store(own_site, "here")
    attributes = [{"name": f"n{number}", "value": "\u00e9" * 300} for number in range(2000)]
    person = {"email": "many@x.example", "_embedded": {"attributes": attributes}}
    typed(own_site, "import", ndjson(tmp_path / "many.ndjson", [person]), "--store", str(there))
    file = tmp_path / "moved.ndjson"

    typed(own_site, "export", file, "--store", str(there))
    typed(own_site, "import", file, "--store", str(here))

    assert counts(own_site, here) == (1, 2000, 0)
