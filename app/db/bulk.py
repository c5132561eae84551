"""Many rows of one table at once, by the fastest way that an engine has."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, any_, bindparam, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute

from app.db import guard
from app.db.prepared import compiler_of, cursor_of, prepare

AT_ONCE = 100
"""How many rows one statement inserts on SQLite: each opens the table and all its indexes anew."""

_MEANWHILE = {"temp_store": "MEMORY", "foreign_keys": "OFF"}
"""What is kept aside goes to memory, else to a file; what is named, whoever fills knows to be there."""


@contextmanager
def filling(engine: Engine) -> Iterator[Connection]:
    """A transaction in which many rows are inserted; what is acknowledged is as safe as in any other.

    SQLite does not look whether what a row names is there: whoever fills has read or inserted that in this
    transaction, and nobody else writes meanwhile.
    """
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        driver = connection.connection.cursor()  # with a statement of SQLAlchemy's a transaction begins
        usual = {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in _MEANWHILE}
        _set(driver, _MEANWHILE)
        try:
            with connection.begin():
                yield connection
        finally:
            _set(driver, usual)


def _set(driver: Any, pragmas: Mapping[str, Any]) -> None:
    for name, value in pragmas.items():
        driver.execute(f"PRAGMA {name} = {value}")


def among(column: InstrumentedAttribute[Any], values: Sequence[Any], dialect: str) -> ColumnElement[bool]:
    """Whether a column has one of many values.

    On PostgreSQL they are one parameter: the driver else takes its time for the text. SQLite finds the index
    by their number.
    """
    if dialect == "sqlite":
        return column.in_(values)
    return column == any_(bindparam(None, values, type_=postgresql.ARRAY(column.type)))


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
            whole = len(rows) - len(rows) % AT_ONCE
            batches = (rows[first : first + AT_ONCE] for first in range(0, whole, AT_ONCE))
            flat = (tuple(chain.from_iterable(each)) for each in batches)
            cursor.executemany(_inserting_many(table), flat)
            cursor.executemany(text, rows[whole:])
            return
        with cursor.copy(_copying(table)) as copy:
            write = copy.write_row
            for row in rows:
                write(row)


@lru_cache(maxsize=64)
def _inserting(table: Table, dialect: str) -> str:
    """An INSERT names its store, since that is a part of every key; so does the COPY that stands for it."""
    first = insert(table)
    if dialect == "sqlite":
        first = first.prefix_with("OR ROLLBACK")  # else it keeps what it would take back
    return prepare(first, compiler_of(dialect)).text


@lru_cache(maxsize=64)
def _inserting_many(table: Table) -> str:
    """An INSERT of `AT_ONCE` rows of SQLite's."""
    text = _inserting(table, "sqlite")
    beginning, one = text.rsplit(" VALUES ", 1)
    return f"{beginning} VALUES {', '.join([one] * AT_ONCE)}"


@lru_cache(maxsize=64)
def _copying(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'COPY "{table.name}" ({names}) FROM STDIN'
