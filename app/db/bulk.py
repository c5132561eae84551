"""Many rows of one table at once, by the fastest way that an engine has."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, insert

from app.db import guard
from app.db.prepared import compiler_of, cursor_of, prepare


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows, each with a value for every column of the table, in their order.

    Values are as the driver takes them: moments are text in UTC (`app.db.types.STORED_FORMAT`).

    :raises DBAPIError: of SQLAlchemy; the transaction is lost then.
    """
    if not rows:
        return
    dialect = connection.dialect.name
    text = _inserting(table, dialect)
    guard.observe(text)
    with cursor_of(connection, text) as cursor:
        if dialect == "sqlite":
            cursor.executemany(text, rows)
            return
        with cursor.copy(_copying(table)) as copy:
            write = copy.write_row
            for row in rows:
                write(row)


@lru_cache(maxsize=64)
def _inserting(table: Table, dialect: str) -> str:
    """An INSERT names its store, since that is a part of every key; so does the COPY that stands for it."""
    return prepare(insert(table), compiler_of(dialect)).text


@lru_cache(maxsize=64)
def _copying(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'COPY "{table.name}" ({names}) FROM STDIN'
