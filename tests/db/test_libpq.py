"""Statements through libpq: they find what a cursor of psycopg's finds, and fail as it does."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from app.db import libpq
from app.db.libpq import Libpq
from tests.databases import administrator

ECHO = "SELECT %s::INTEGER, %s::VARCHAR, %s::BOOLEAN, '100%%s', 10 %% 3"


@pytest.fixture
def connection() -> Iterator[psycopg.Connection[Any]]:
    with administrator() as opened:
        yield opened


@pytest.mark.parametrize(
    "values",
    [
        (1, "Ada", True),
        (None, None, None),
        (-5, "", False),
        (2**31 - 1, "'; DROP TABLE customer; -- %s $1 \\ \u00e9 \U0001f600\n", True),
    ],
)
def test_what_is_sent_comes_back_as_a_cursor_gives_it(
    connection: psycopg.Connection[Any], values: tuple[Any, ...]
) -> None:
    asked = Libpq(connection)
    for _ in range(2):
        assert asked.rows(ECHO, values) == connection.execute(ECHO, values).fetchall()


def test_what_is_of_another_kind_is_left_to_a_cursor(connection: psycopg.Connection[Any]) -> None:
    assert Libpq(connection).rows("SELECT %s::FLOAT8", [1.5]) == [(1.5,)]


def test_a_text_with_a_nul_is_not_cut_off_there(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.DataError):
        Libpq(connection).rows("SELECT %s::VARCHAR", ["before\0after"])


@pytest.mark.parametrize(
    ("text", "values"), [("SELECT 1 / %s::INTEGER", [0]), ("SELECT %s::INTEGER", [2**40]), ("SELEC", [])]
)
def test_what_fails_does_so_as_with_a_cursor_and_the_connection_goes_on(
    connection: psycopg.Connection[Any], text: str, values: list[Any]
) -> None:
    asked = Libpq(connection)
    with pytest.raises(psycopg.Error) as expected:
        connection.execute(text, values)
    with pytest.raises(type(expected.value)):
        asked.rows(text, values)
    assert asked.rows("SELECT 1", []) == [(1,)]


def test_a_connection_that_the_server_has_ended_is_said_to_be_broken(
    connection: psycopg.Connection[Any],
) -> None:
    asked = Libpq(connection)
    with administrator() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        asked.rows("SELECT 1", [])
    with pytest.raises(psycopg.OperationalError):
        asked.command(b"BEGIN")


def test_a_connection_keeps_no_more_statements_than_it_may(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libpq, "MOST_PREPARED", 3)
    asked = Libpq(connection)
    for number in [*range(10), 9, 0]:
        assert asked.rows(f"SELECT {number}", []) == [(number,)]
    (kept,) = connection.execute(
        "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'patron%'"
    ).fetchall()
    assert kept == (3,)


def test_what_is_prepared_outlives_a_transaction_that_is_undone(connection: psycopg.Connection[Any]) -> None:
    asked = Libpq(connection)
    asked.command(b"BEGIN")
    assert asked.rows("SELECT 1", []) == [(1,)]
    asked.command(b"ROLLBACK")
    assert asked.rows("SELECT 1", []) == [(1,)]


def test_a_connection_whose_statements_others_have_ended_is_said_to_be_broken(
    connection: psycopg.Connection[Any],
) -> None:
    asked = Libpq(connection)
    assert asked.rows("SELECT 1", []) == [(1,)]
    connection.execute("DEALLOCATE ALL")
    with pytest.raises(psycopg.OperationalError):
        asked.rows("SELECT 1", [])
