"""Statements that strangers have put together end in time, and fail as what they are."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Numeric, bindparam, cast, func, select, text

from app.db.patience import Crowded, Impatient, Incomputable, Patience, Unsupported
from app.db.prepared import Prepared
from app.db.reader import Reader
from app.db.sessions import store_session
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from tests.site import Site

VALUES = {"store": STORE_ID}
TOO_MUCH = (Impatient, Crowded)
"""How a statement ends that is too much. Other tests may keep PostgreSQL busy, and be to blame."""

MINE = Customer.store_id == bindparam("store")


@pytest.fixture
def reader(site: Site) -> Iterator[Reader]:
    """A reader of its own."""
    opened = Reader(site.engine)
    yield opened
    opened.close()


def crossed(times: int) -> object:
    """How many ways there are to choose so many customers: a statement that hardly ends."""
    rows = [Customer.__table__.alias() for _ in range(times)]
    return (
        select(func.count())
        .select_from(*rows)
        .where(*(each.c.store_id == bindparam("store") for each in rows))
    )


def test_a_statement_that_takes_too_long_ends_and_the_next_one_may_take_its_time(reader: Reader) -> None:
    costly, cheap = reader.prepare(crossed(6)), reader.prepare(crossed(3))
    for _ in range(2):
        with pytest.raises(TOO_MUCH), reader.snapshot(Patience(20)) as run:
            run(costly, VALUES)
        with reader.snapshot(Patience(60_000)) as run:
            assert run(cheap, VALUES)[0][0] == 41**3
        assert reader.run(cheap, VALUES)[0][0] == 41**3


def test_the_statements_of_a_snapshot_may_be_no_more_than_twice_the_work_of_one(reader: Reader) -> None:
    cheap = reader.prepare(crossed(3))
    with pytest.raises(TOO_MUCH), reader.snapshot(Patience(100)) as run:
        for _ in range(1_000):
            run(cheap, VALUES)


def test_a_snapshot_of_many_cheap_statements_has_the_time_for_all(reader: Reader) -> None:
    cheap = reader.prepare(crossed(2))
    with reader.snapshot(Patience(10_000)) as run:
        assert [run(cheap, VALUES)[0][0] for _ in range(20)] == [41**2] * 20


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_time_that_a_statement_waits_is_not_its_own(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.patience.STEPS", 10)
    reader._connection().create_function("wait", 1, lambda _: time.sleep(0.005))
    waiting = reader.prepare(select(func.wait(Customer.id)).where(MINE))
    with reader.snapshot(Patience(60)) as run:
        assert len(run(waiting, VALUES)) == 41


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_statement_that_has_hardly_worked_when_its_time_is_over_is_told_to_come_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.patience.LONGEST", 0)
    with pytest.raises(Crowded), reader.snapshot(Patience(60_000)) as run:
        run(reader.prepare(crossed(6)), VALUES)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_postgresql_a_statement_that_others_have_joined_meanwhile_is_told_to_come_again(
    site: Site, reader: Reader
) -> None:
    others = [Reader(site.engine) for _ in range(3)]
    costly = reader.prepare(crossed(6))

    def ask(other: Reader) -> None:
        with pytest.raises(TOO_MUCH), other.snapshot(Patience(250)) as run:
            run(costly, VALUES)
        other.close()

    with ThreadPoolExecutor(3) as pool, reader.snapshot(Patience(200)) as run:
        asked = [pool.submit(ask, other) for other in others]
        with pytest.raises(Crowded):
            run(costly, VALUES)
        for each in asked:
            each.result()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_postgresql_what_strangers_ask_is_not_compiled_which_nothing_interrupts(reader: Reader) -> None:
    shown = select(func.current_setting("jit")).select_from(Customer).where(MINE).limit(1)
    statement = reader.prepare(shown)
    with reader.snapshot(Patience(1_000)) as run:
        assert run(statement, VALUES)[0][0] == "off"


def test_what_is_read_within_a_write_is_ended_too_and_what_is_written_has_its_time(
    site: Site, reader: Reader
) -> None:
    quick, slow = reader.prepare(crossed(1)), reader.prepare(crossed(6))

    def read(milliseconds: int, statement: Prepared) -> Any:
        with reader.snapshot(Patience(milliseconds)) as run:
            return run(statement, VALUES)[0][0]

    with store_session(site.engine, STORE_ID) as session, reader.joining(session):
        assert read(5_000, quick) == 41
        if reader.dialect == "postgresql":
            assert session.scalar(text("SHOW statement_timeout")) == "30s"
    ended = pytest.raises(TOO_MUCH)
    with ended, store_session(site.engine, STORE_ID) as session, reader.joining(session):
        read(50, slow)
    assert reader.run(quick, VALUES)[0][0] == 41


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_postgresql_cannot_compute_or_do_is_told_apart(reader: Reader) -> None:
    endless = reader.prepare(select(cast(func.power(Customer.id, 100_000), Numeric)).where(MINE))
    foreign = reader.prepare(select(func.lower(Customer.name.collate("nowhere"))).where(MINE))
    for statement, raised in ((endless, Incomputable), (foreign, Unsupported)):
        with pytest.raises(raised), reader.snapshot(Patience(10_000)) as run:
            run(statement, VALUES)
    assert reader.run(reader.prepare(crossed(1)), VALUES)[0][0] == 41


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("patron_lower('ÀÉΣ')", "àéς"),
        ("patron_upper('straße')", "STRASSE"),
        ("patron_lower(NULL)", None),
        ("patron_whole('mul', 9223372036854775807, 2)", None),
        ("patron_whole('add', 9223372036854775806, 1)", 2**63 - 1),
        ("patron_whole('div', -7, 2)", -3),
        ("patron_whole('mod', -7, 2)", -1),
        ("patron_whole('div', 7, 0)", None),
        ("patron_whole('mod', 7, NULL)", None),
        ("patron_modulo(7.5, 2)", 1.5),
        ("patron_modulo(7.5, 0)", None),
        ("patron_modulo(1e400, 2)", None),
    ],
)
def test_sqlite_has_the_functions_that_it_lacks_wherever_it_is_asked(
    site: Site, asked: str, expected: object
) -> None:
    with site.engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT {asked}").scalar() == expected
