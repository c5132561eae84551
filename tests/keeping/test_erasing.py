"""Erasure: afterwards nothing in the database tells who it was, and what the shop must keep is there."""

import json
import time
from pathlib import Path

import pytest
from sqlalchemy import String, Table, Text, delete, select

from app.db.sessions import store_session
from app.db.tables import Base
from app.events import Event
from app.idempotency import IdempotencyKey
from app.keeping.erasing import ANONYMISED, KEPT
from app.keeping.erasure import Erasure
from app.keeping.persons import ABOUT_NOBODY, BY_CONTENT, tables
from app.resources.customer import Customer
from app.resources.transaction import Transaction
from tests.keeping.planting import Planted, everything, found, plant
from tests.receiver import receiving
from tests.site import Site
from tests.wire.delivering import driving


def test_every_table_is_placed_about_persons_or_about_nobody() -> None:
    personal = {table.name for table in tables()}
    placed = [personal, set(BY_CONTENT), set(ABOUT_NOBODY)]

    assert set.union(*placed) == set(Base.metadata.tables), "say of a new table who its rows are about"
    assert sum(map(len, placed)) == len(set.union(*placed))
    assert personal >= {"customer", "customer_address", "item", "attribute", "customer_session", "event"}


@pytest.mark.parametrize("row", ANONYMISED, ids=lambda row: row.__tablename__)
def test_of_what_is_kept_each_text_is_kept_or_forgotten(row: type) -> None:
    table: Table = row.__table__  # type: ignore[attr-defined]
    texts = {each.name for each in table.columns if isinstance(each.type, String | Text)}
    placed = {*ANONYMISED[row], *KEPT[row]}

    assert texts <= placed, "say of a new column whether it tells who it was"
    assert placed <= set(table.c.keys())
    assert not ANONYMISED[row].keys() & set(KEPT[row])


def test_nothing_is_left_of_who_is_erased(site: Site) -> None:
    planted = plant(site)
    before = found(site, planted.canary)
    assert {each.partition(".")[0] for each in before} == {
        *("customer", "customer_address", "attribute", "transaction", "subscription", "item"),
        *("webhook_log", "webhook_status", "idempotency_key"),
    }
    refused = planted.patron("erase", *planted.named, "--yes")
    assert refused.returncode == 1
    assert "subscriptions are active" in refused.stderr
    assert found(site, planted.canary) == before

    erased = planted.patron("erase", *planted.named, "--yes", "--cancel-subscriptions")
    assert erased.returncode == 0, erased.stderr
    assert found(site, planted.canary) == {}
    assert planted.canary.lower() not in (erased.stdout + erased.stderr).lower()
    assert planted.ip not in [row.get("customer_ip") for _, row in everything(site)]
    assert ("customer_erased", planted.id) in [
        (line.get("what"), line.get("customer_id")) for line in map(json.loads, erased.stderr.splitlines())
    ]

    again = planted.patron("erase", *planted.named, "--yes")
    assert again.returncode == 1
    assert f"customer {planted.id} does not exist" in again.stderr
    assert found_sign_ins(site, planted) == []


def found_sign_ins(site: Site, planted: Planted) -> list[object]:
    from app.encryption import Cipher
    from tests.site import SECRET

    account = Cipher(SECRET).account(66, planted.email)
    return [
        row for table, row in everything(site) if table == "sign_in_failure" and row["account"] == account
    ]


def test_a_key_that_cannot_read_what_is_stored_erases_nothing(site: Site) -> None:
    """It finds neither failed sign-ins nor answers that tell of the person: each answer might be theirs."""
    planted = plant(site, subscribed=False)
    guest = {"email": "somebody.else@example.com", "is_anonymous": True}
    key = f"beside-{planted.id}"
    assert site.send("POST", "/stores/66/customers", guest, Idempotency_Key=key).status_code == 201
    before, signed = found(site, planted.canary), found_sign_ins(site, planted)
    wrong = {"PATRON_SECRET_KEY": "a wrong secret key, which is as long as any other one"}
    for how in ("--yes", "--dry-run"):
        refused = planted.patron("erase", *planted.named, how, **wrong)
        assert refused.returncode == 1
        assert "none of the keys can read: " in refused.stderr
        assert "in idempotency_key.answer" in refused.stderr
    assert (found(site, planted.canary), found_sign_ins(site, planted)) == (before, signed)
    again = site.send("POST", "/stores/66/customers", guest, Idempotency_Key=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")

    told = planted.patron("erase", *planted.named, "--yes", "--forget-unreadable", **wrong)
    assert told.returncode == 0, told.stderr
    again = site.send("POST", "/stores/66/customers", guest, Idempotency_Key=key)
    assert again.status_code != 201, "whoever it tells of"
    with site.engine.begin() as connection:  # others' keys are the right ones
        connection.execute(delete(IdempotencyKey).where(IdempotencyKey.store_id == 66))


def test_purchases_stay_with_what_they_cost_and_when(site: Site) -> None:
    planted = plant(site, subscribed=False)
    with store_session(site.engine, 66) as session:
        mine = select(Transaction).where(Transaction.store_id == 66, Transaction.customer_id == planted.id)
        before = session.scalars(mine).one()
    assert planted.patron("erase", *planted.named, "--yes").returncode == 0

    with store_session(site.engine, 66) as session:
        now = session.get_one(Transaction, (66, before.id))
        assert (now.total_order, now.transaction_date) == (before.total_order, before.transaction_date)
        assert (now.customer_id, now.customer_email, now.user_agent) == (None, None, None)
        assert now.version > before.version, "who had seen it is not told that it is the same"
    shown = site.hal(f"/transactions/{before.id}?zoom=items")
    assert [each["name"] for each in shown["_embedded"]["fx:items"]] == ["A book"]
    assert site.ask(f"/customers/{planted.id}").status_code == 404


def test_webhooks_are_told_of_it_once_by_id_alone(site: Site) -> None:
    planted = plant(site, subscribed=False)
    planted.site.send(
        "PATCH", f"/customers/{planted.id}", {"first_name": "late"}
    )  # and nobody has told of it
    assert planted.patron("erase", *planted.named, "--yes").returncode == 0

    with store_session(site.engine, 66) as session:
        mine = (Event.resource_type == "customer", Event.resource_id == planted.id)
        events = session.scalars(select(Event).where(Event.store_id == 66, *mine)).all()
        assert {(each.name, each.payload) for each in events} == {
            ("customer/deleted", json.dumps({"id": planted.id}, separators=(",", ":")))
        }
        noted = session.scalars(select(Erasure.customer_id).where(Erasure.store_id == 66)).all()
        assert planted.id in noted


def test_what_waits_to_be_told_of_purchases_is_told_without_them(site: Site) -> None:
    """Deliveries that were refused are made anew of what is left, whatever was sent before."""
    from sqlalchemy import update

    from app.resources.webhook import Webhook
    from app.resources.webhook_status import WebhookStatus

    planted = plant(site, subscribed=False)
    assert planted.patron("erase", *planted.named, "--yes").returncode == 0
    with receiving() as receiver, driving(site) as driven:
        with site.engine.begin() as connection:
            connection.execute(update(Webhook).where(Webhook.store_id == 66).values(url=receiver.url))
            soon = {"lease_until": 0, "next_at": int(time.time())}
            connection.execute(update(WebhookStatus).where(WebhookStatus.store_id == 66).values(soon))
        driven.serve()

        assert "transaction/created" in {each.event for each in receiver.heard}
        assert [
            each.body for each in receiver.heard if planted.canary.lower() in each.body.decode().lower()
        ] == []


def test_a_request_that_is_sent_again_makes_nothing_twice(site: Site) -> None:
    planted = plant(site, subscribed=False)
    guest = {"email": planted.email, "is_anonymous": True, "first_name": planted.canary}
    made = site.send("POST", "/stores/66/customers", guest, Idempotency_Key=f"of-{planted.id}")
    assert made.status_code == 201
    assert planted.patron("erase", "--store", "66", "--customer", planted.email, "--yes").returncode == 0

    again = site.send("POST", "/stores/66/customers", guest, Idempotency_Key=f"of-{planted.id}")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (410, "true")
    assert found(site, planted.canary) == {}, "an email is all customers who have it"


def test_a_dry_run_tells_what_is_held_and_erases_nothing(site: Site) -> None:
    planted = plant(site, subscribed=False)
    before = found(site, planted.canary)
    said = planted.patron("erase", *planted.named, "--dry-run")

    assert said.returncode == 0
    assert "1\tcustomer\n" in said.stdout
    assert "4\tcustomer_address\n" in said.stdout
    assert found(site, planted.canary) == before
    unsure = planted.patron("erase", *planted.named)  # nobody says yes
    assert unsure.returncode == 1
    assert found(site, planted.canary) == before


def test_purchases_of_a_customer_who_was_deleted_are_found_by_their_email(site: Site) -> None:
    planted = plant(site, subscribed=False)
    mine = site.hal(f"/stores/66/subscriptions?customer_id={planted.id}")
    (subscribed,) = (each["_links"]["self"]["href"] for each in mine["_embedded"]["fx:subscriptions"])
    renewal = {"customer_email": planted.email, "subscription_uri": subscribed, "total_order": 25}
    assert site.send("POST", "/stores/66/transactions", renewal).status_code == 201
    assert site.ask(f"/customers/{planted.id}", method="DELETE").status_code == 200
    assert found(site, planted.canary)

    by_email = planted.patron("erase", "--store", "66", "--customer", planted.email, "--yes")
    by_id = planted.patron("erase", *planted.named, "--yes")
    assert (by_email.returncode, by_id.returncode) == (0, 0), by_email.stderr + by_id.stderr
    assert found(site, planted.canary) == {}


def test_nobody_elses_data_is_touched(site: Site) -> None:
    planted, other = plant(site, subscribed=False), plant(site, subscribed=False)
    before, counted = found(site, other.canary), customers(site)
    assert planted.patron("erase", *planted.named, "--yes").returncode == 0

    assert found(site, other.canary) == before
    assert counted - customers(site) == {(66, planted.id)}


def customers(site: Site) -> set[tuple[int, int]]:
    return {(row["store_id"], row["id"]) for table, row in everything(site) if table == "customer"}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlites_file_and_log_forget_too(site: Site) -> None:
    planted = plant(site, subscribed=False)
    for number in range(30):  # each leaves another version of the row behind
        name = {"first_name": f"{planted.canary[:40]}{number}"}
        assert site.send("PATCH", f"/customers/{planted.id}", name).status_code == 200
    path = Path(site.url.removeprefix("sqlite:///"))
    files = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.stem}.queue.sqlite3")]
    canary = planted.canary[:30].encode()
    assert any(canary in each.read_bytes() for each in files if each.exists())
    assert planted.patron("erase", *planted.named, "--yes").returncode == 0

    for each in files:
        assert not each.exists() or canary not in each.read_bytes(), each.suffix
    assert Customer.__tablename__ in {table for table, _ in everything(site)}
