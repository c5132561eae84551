"""The compiled read path: one snapshot an answer, and connections that come back."""

import threading

import pytest
from sqlalchemy import Integer, bindparam, literal, select, update

from app.db.engine import open_engine
from app.db.guard import UnboundStatement
from app.db.reader import Reader, Unavailable
from app.db.sessions import store_session
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from tests.databases import POSTGRESQL
from tests.site import Site

ONE = select(Customer.first_name).where(
    Customer.store_id == bindparam("store"), Customer.id == bindparam("id")
)
VALUES = {"store": STORE_ID, "id": 115}


@pytest.fixture
def reader(own_site: Site):
    opened = Reader(own_site.engine)
    yield opened
    opened.close()


def test_an_unbound_statement_cannot_be_prepared(reader: Reader) -> None:
    with pytest.raises(UnboundStatement):
        reader.prepare(select(Customer.first_name).where(Customer.id == bindparam("id")))


def test_statements_that_differ_in_a_value_alone_keep_theirs(reader: Reader) -> None:
    told = {value: reader.prepare(select(literal(value))) for value in ("1", "2")}
    assert {value: reader.run(statement, {})[0][0] for value, statement in told.items()} == {
        "1": "1",
        "2": "2",
    }

    alike = [reader.prepare(select(literal(value, Integer))) for value in (0, False)]
    assert [type(each.arguments({})[0]) for each in alike] == [int, bool]


def test_readers_share_what_they_prepare(reader: Reader, own_site: Site) -> None:
    other = Reader(own_site.engine)
    assert other.prepare(ONE.where(Customer.first_name == "A")) is reader.prepare(
        ONE.where(Customer.first_name == "A")
    )
    other.close()


def test_the_statements_of_a_snapshot_see_one_moment(own_site: Site, reader: Reader) -> None:
    statement = reader.prepare(ONE)
    with reader.snapshot() as run:
        assert run(statement, VALUES)[0][0] == "Test"
        with store_session(own_site.engine, STORE_ID) as session:
            session.execute(update(Customer).where(Customer.id == 115).values(first_name="Changed"))
        assert run(statement, VALUES)[0][0] == "Test"
    assert reader.run(statement, VALUES)[0][0] == "Changed"


def test_an_exception_in_a_snapshot_leaves_the_connection_usable(reader: Reader) -> None:
    statement = reader.prepare(ONE)
    with pytest.raises(ZeroDivisionError), reader.snapshot() as run:
        run(statement, VALUES)
        raise ZeroDivisionError

    with reader.snapshot() as run:
        assert run(statement, VALUES)


def test_each_thread_has_a_connection_of_its_own(reader: Reader) -> None:
    statement = reader.prepare(ONE)
    found: list[str] = []

    def read() -> None:
        with reader.snapshot() as run:
            found.append(run(statement, VALUES)[0][0])
        reader.close()

    threads = [threading.Thread(target=read) for _ in range(8)]
    with reader.snapshot() as run:
        run(statement, VALUES)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == ["Test"] * 8


def test_reading_does_not_write(reader: Reader) -> None:
    with reader.snapshot() as run:
        statement = reader.prepare(ONE)
        broken = type(statement)("UPDATE customer SET first_name = 'x'", ())
        with pytest.raises(Exception, match=r"readonly|read-only"):
            run(broken, {})


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_dropped_connection_is_replaced(own_site: Site) -> None:
    reader = Reader(own_site.engine)
    statement = reader.prepare(ONE)
    for read in (lambda: reader.run(statement, VALUES), lambda: in_snapshot(reader, statement)):
        assert read()[0][0] == "Test"
        end_all_connections(own_site)
        assert read()[0][0] == "Test"
    assert own_site.ask("/customers/115").status_code == 200
    end_all_connections(own_site)
    assert own_site.ask("/customers/115").status_code == 200
    reader.close()


def in_snapshot(reader: Reader, statement):
    with reader.snapshot() as run:
        return run(statement, VALUES)


def end_all_connections(site: Site) -> None:
    import psycopg

    site.engine.dispose()
    name = site.engine.url.database
    with psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True) as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    reader = Reader(open_engine("postgresql://nobody@127.0.0.1:1/nothing"))
    statement = reader.prepare(ONE)

    with pytest.raises(Unavailable):
        reader.run(statement, VALUES)
    with pytest.raises(Unavailable), reader.snapshot():
        pass


def test_while_the_database_is_away_clients_are_told_to_come_again(own_site: Site, monkeypatch) -> None:
    reader = own_site.app.extensions["patron"].reader
    reader.close()
    away = own_site.engine.url.set(
        database="/nowhere/at/all.sqlite3" if reader.dialect == "sqlite" else "nowhere"
    )
    monkeypatch.setattr(reader, "_url", away)

    answer = own_site.ask("/customers/115")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "nowhere" not in answer.text
