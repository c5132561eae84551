"""What has ended is deleted, in small pieces found by indexes; no table grows for ever without a reason."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, func, insert, select

from app.auth.tokens import ACCESS, REFRESH, AuthorizationCode, Token
from app.db.engine import unguarded_engine
from app.db.tables import Base
from app.delays import SignInFailure
from app.events.states import FAILED, PENDING, SUCCESSFUL
from app.idempotency import IdempotencyKey
from app.keeping import purging
from app.keeping.persons import IMPORTED
from app.keeping.purging import AT_ONCE, KEPT, purge, rules
from app.portal.sessions import CustomerSession
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus
from app.sandbox.owner import CLIENT_ROW, USER_ID
from tests.db.test_plans import plans
from tests.keeping.planting import patron
from tests.site import Site, counted_statements
from tests.wire.delivering import driving
from tests.wire.events import add_webhook

assert IMPORTED
DAY = 24 * 60 * 60


def test_every_table_is_purged_or_goes_with_others_or_is_kept_for_a_reason() -> None:
    purged = {rule.row.__tablename__ for rule in rules()}
    going = {
        table.name
        for table in Base.metadata.tables.values()
        if any(
            key.ondelete == "CASCADE" and key.referred_table.name != "store"
            for key in table.foreign_key_constraints
        )
    }
    assert set(Base.metadata.tables) - purged - going == set(KEPT), "say of a new table what ends its rows"


def rows(site: Site, webhook: int) -> dict[type[Any], list[tuple[bool, dict[str, Any]]]]:
    """By table, rows that have ended or have not, and whether they are to go."""
    now, of = int(time.time()), {"store_id": 66}
    token = {"scope": "store_full_access", "client": "sandbox", "is_sandbox": True, **of}
    code = {"scope": "store_full_access", "client_row": CLIENT_ROW, "user_id": USER_ID, **of}
    code |= {"redirect_uri": "https://a.example"}
    key = {**of, "client": "sandbox", "fingerprint": "", "claim": ""}
    failed = {"account": uuid4().hex, "failures": 1, "failed_at": 0, "succeeded_at": 0}
    told = {**of, "webhook_id": webhook, "resource_type": "customer", "resource_id": 115, "delivery": "x"}
    session = {**of, "customer_id": 115, "lifetime": 60, "must_reset": False}

    def dated(days: float) -> dict[str, Any]:
        moment = datetime.now(UTC) - timedelta(days=days)
        return {"date_created": moment, "date_modified": moment}

    def status(said: str) -> dict[str, Any]:
        return {**told, "event": "customer/modified", "sequence": 1, "status": said, "next_at": now}

    return {
        Token: [
            (gone, {**token, "client_row": client, "kind": kind, "expires_at": ends, "hash": uuid4().hex})
            for client in (CLIENT_ROW, None)
            for kind in (ACCESS, REFRESH)
            for gone, ends in ((True, now - DAY - 60), (False, now - DAY + 60), (False, None))
        ],
        AuthorizationCode: [
            (gone, {**code, "expires_at": ends, "used_at": used, "hash": uuid4().hex})
            for gone, ends, used in (
                (True, now - DAY - 60, None),
                (False, now - DAY + 60, None),
                (True, now - 31 * DAY, now - 31 * DAY),
                (False, now - 29 * DAY, now - 29 * DAY),
            )
        ],
        CustomerSession: [
            (gone, {**session, "hash": uuid4().hex, "expires_at": now + more})
            for gone, more in ((True, -60), (False, 60))
        ],
        IdempotencyKey: [
            (gone, {**key, "key": uuid4().hex, "claimed_at": now - DAY - more})
            for gone, more in ((True, 60), (False, -60))
        ],
        SignInFailure: [
            (gone, {**failed, "store_id": store, "place": uuid4().hex, "kept_until": 1000 * (now + more)})
            for store in (66, 0)
            for gone, more in ((True, -60), (False, 60))
        ],
        WebhookStatus: [
            (True, {**status(SUCCESSFUL), **dated(31)}),
            (True, {**status(FAILED), **dated(31)}),
            (False, {**status(PENDING), **dated(31)}),
            (False, {**status(SUCCESSFUL), **dated(29)}),
        ],
        WebhookLog: [
            (days > 30, {**told, "response_code": "200", "response_body": "", **dated(days)})
            for days in (31, 29)
        ],
    }


def insert_rows(site: Site, given: dict[type[Any], list[tuple[bool, dict[str, Any]]]]) -> None:
    with site.engine.begin() as connection:
        for row, those in given.items():
            table: Table = row.__table__
            for number, (_, values) in enumerate(those):
                numbered = {"id": 1000 + number} if "id" in table.c else {}
                connection.execute(insert(row), [numbered | values])


def left(site: Site, row: type[Any]) -> list[tuple[Any, ...]]:
    engine = unguarded_engine(site.url)
    with engine.connect() as connection:
        found = [tuple(each) for each in connection.execute(select(*row.__table__.primary_key.columns))]
    engine.dispose()
    return found


def test_what_has_ended_goes_and_what_has_not_stays(own_site: Site) -> None:
    webhook = add_webhook(own_site)
    before = {row: set(left(own_site, row)) for row in rows(own_site, webhook)}
    given = rows(own_site, webhook)
    insert_rows(own_site, given)
    said = patron(own_site, "purge")
    assert said.returncode == 0, said.stderr

    for row, those in given.items():
        kept = len(before[row]) + sum(not gone for gone, _ in those)
        assert len(left(own_site, row)) == kept, row.__tablename__
    assert {line.split("\t")[1]: int(line.split("\t")[0]) for line in said.stdout.splitlines()[:-1]} == {
        "access tokens": 2,
        "refresh tokens": 2,
        "authorization codes": 1,
        "used authorization codes": 1,
        "sessions": 1,
        "idempotency keys": 1,
        "failed sign-ins": 2,
        "deliveries": 2,
        "webhook logs": 1,
    }
    assert patron(own_site, "purge").stdout == "nothing has ended\n"


def test_a_longer_time_can_be_set(own_site: Site) -> None:
    webhook = add_webhook(own_site)
    insert_rows(own_site, rows(own_site, webhook))
    said = patron(own_site, "purge", PATRON_DELIVERY_DAYS="40")
    assert "deliveries" not in said.stdout
    assert len(left(own_site, WebhookLog)) == 2
    refused = patron(own_site, "purge", PATRON_DELIVERY_DAYS="3")
    assert (refused.returncode, "PATRON_DELIVERY_DAYS=3" in refused.stderr) == (1, True)


def test_much_goes_in_many_small_transactions(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 10)
    fill_sessions(own_site, 25)
    with counted_statements() as statements:
        counted = purge(own_site.engine, 30)
    deleting = [each for each in statements if "DELETE FROM customer_session" in each]

    assert counted["sessions"] == 25
    assert len(deleting) == 3 + 1, "the other store has nothing to delete"
    assert all("store_id" in each and "LIMIT" in each for each in deleting)


def test_a_purge_stops_between_two_transactions(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 10)
    fill_sessions(own_site, 25)
    asked: list[int] = []
    purge(own_site.engine, 30, go_on=lambda: asked.append(1) or len(left(own_site, CustomerSession)) > 15)  # type: ignore[func-returns-value]
    assert len(left(own_site, CustomerSession)) == 15


def fill_sessions(site: Site, count: int) -> None:
    row = {"store_id": 66, "customer_id": 115, "lifetime": 60, "must_reset": False, "expires_at": 1}
    with site.engine.begin() as connection:
        connection.execute(insert(CustomerSession), [{**row, "hash": uuid4().hex} for _ in range(count)])


def test_workers_do_it_by_themselves(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.webhooks import worker

    monkeypatch.setattr(worker, "PURGE_FIRST", 0.0)
    fill_sessions(own_site, 5)
    with driving(own_site) as driven:
        driven.worker._start(driven.worker._purge)
        ends = time.monotonic() + 30
        while left(own_site, CustomerSession) and time.monotonic() < ends:
            time.sleep(0.02)
        driven.worker.stopped.set()
        driven.worker.threads[-1].join(30)
    assert left(own_site, CustomerSession) == []


def statements(site: Site) -> list[str]:
    """The deletions of all rules, as they run."""
    with counted_statements() as seen:
        purge(site.engine, 30)
    return list(dict.fromkeys(each for each in seen if "DELETE FROM" in each))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlite_finds_all_of_it_by_indexes(own_site: Site) -> None:
    add_webhook(own_site)
    found = statements(own_site)
    assert {each.partition("DELETE FROM ")[2].split()[0] for each in found} == {
        rule.row.__tablename__ for rule in rules()
    }
    for statement, plan in plans(str(own_site.engine.url.database), found):
        assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], (
            statement,
            plan,
        )


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_postgresql_finds_what_has_ended_by_an_index(own_site: Site) -> None:
    """Among so many rows that to look through them all would cost more."""
    webhook = add_webhook(own_site)
    now = datetime.now(UTC)
    log = {"store_id": 66, "webhook_id": webhook, "resource_type": "customer", "resource_id": 1}
    log |= {"delivery": "x", "response_code": "200", "date_created": now, "date_modified": now}
    with own_site.engine.begin() as connection:
        connection.execute(insert(WebhookLog), [{**log, "id": each} for each in range(5_000, 10_000)])
        row = {"store_id": 66, "client": "x", "fingerprint": "", "claim": ""}
        keys = [{**row, "key": str(each), "claimed_at": int(time.time())} for each in range(5_000)]
        connection.execute(insert(IdempotencyKey), keys)
    for plan in explained(own_site, {"webhook_log", "idempotency_key"}):
        assert "Seq Scan" not in plan, plan


def explained(site: Site, names: set[str]) -> Iterator[str]:
    engine = unguarded_engine(site.url)
    now = int(time.time())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in names:
            connection.exec_driver_sql(f"ANALYZE {name}")
        for rule in (each for each in rules() if each.row.__tablename__ in names):
            conditions: Sequence[Any] = next(rule.heads(site.engine))
            delete = purging.deleting(rule, (*conditions, *rule.ended(now, 30)), engine.dialect.name)
            text = str(delete.compile(engine, compile_kwargs={"literal_binds": True}))
            yield "\n".join(connection.exec_driver_sql(f"EXPLAIN {text}").scalars())
    engine.dispose()


def test_two_workers_do_not_wait_for_one_another(own_site: Site) -> None:
    assert AT_ONCE <= 1000
    fill_sessions(own_site, 3)
    if own_site.engine.dialect.name == "sqlite":  # which has one writer, and each is soon done
        assert purge(own_site.engine, 30)["sessions"] == 3
        return
    with own_site.engine.begin() as connection:
        mine = (CustomerSession.store_id == 66, CustomerSession.expires_at == 1)
        connection.execute(select(func.count()).select_from(CustomerSession).where(*mine))
        connection.execute(select(CustomerSession).where(*mine).limit(1).with_for_update())
        assert purge(own_site.engine, 30)["sessions"] == 2
