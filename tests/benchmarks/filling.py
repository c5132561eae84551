"""Fills an empty database with the measured stores, in bulk: without the API, and as true as it would write.

Indexes and foreign keys are taken away meanwhile and made, so checked, at the end.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine, Table, insert

from app.db.engine import unguarded_engine
from app.db.ids import NO_STORE, Ids
from app.db.migrate import upgrade
from app.db.tables import StoreRow
from app.db.tally import recount
from app.resources.customer_portal_settings import CustomerPortalSettings
from app.resources.store import Store
from tests.benchmarks.content import COLUMNS, LARGEST_IDS, Row, rows
from tests.benchmarks.documents import STORE_ID

OTHER_STORE_ID, OTHER_CUSTOMERS = STORE_ID + 1, 1_000

Put = Callable[[Table, Sequence[str], Iterator[Row]], None]
"""Writes rows of a table, of which these columns are given."""


def fill(url: str, customers: int) -> None:
    """Brings an empty database to the newest revision and fills it: the measured store, and a smaller one."""
    upgrade(url)
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(Store), [_store(each) for each in (STORE_ID, OTHER_STORE_ID)])
    engine.dispose()  # which had the file to itself otherwise
    (_fill_sqlite if engine.dialect.name == "sqlite" else _fill_postgresql)(url, customers)
    _count(engine, customers)
    engine.dispose()


def _store(store_id: int) -> Mapping[str, Any]:
    domain = f"store-{store_id}.example"
    return {"id": store_id, "store_name": domain, "store_domain": domain, "store_email": f"hello@{domain}"}


def _count(engine: Engine, customers: int) -> None:
    """Sets the counters, keeps the ids from being handed out again, and opens the measured store's portal."""
    ids = Ids(engine)
    ids.reserve(NO_STORE, Store.__tablename__, OTHER_STORE_ID)
    for store_id, count in ((STORE_ID, customers), (OTHER_STORE_ID, OTHER_CUSTOMERS)):
        for kind, times in LARGEST_IDS.items():
            ids.reserve(store_id, kind.__tablename__, times * count)
        with engine.begin() as connection:
            recount(connection, store_id, COLUMNS)
    ids.reserve(STORE_ID, CustomerPortalSettings.__tablename__, 1)
    with engine.begin() as connection:
        connection.execute(insert(CustomerPortalSettings), [{"store_id": STORE_ID, "id": 1}])
        recount(connection, STORE_ID, [CustomerPortalSettings])


def _put_all(customers: int, put: Put) -> None:
    for kind, given in COLUMNS.items():
        table = _table(kind)
        defaults = _defaults(table, given)
        for store_id, count in ((STORE_ID, customers), (OTHER_STORE_ID, OTHER_CUSTOMERS)):
            beside = tuple(defaults.values())
            put(table, [*given, *defaults], (row + beside for row in rows(kind, store_id, count)))


def _defaults(table: Table, given: Sequence[str]) -> dict[str, Any]:
    """What the other columns hold where nobody has said anything.

    :raises ValueError: for a column that must be given and is not: add it to the content.
    """
    defaults: dict[str, Any] = {}
    for column in table.columns:
        if column.name in given:
            continue
        if column.default is not None and column.default.is_scalar:
            defaults[str(column.name)] = column.default.arg
        elif column.default is not None or not column.nullable:
            raise ValueError(
                f"{table.name}.{column.name} is not given: add it to tests/benchmarks/content.py"
            )
    return defaults


def _table(kind: type[StoreRow]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)
    return table


def _fill_sqlite(url: str, customers: int) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "cache_size = -500000",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

        def put(table: Table, columns: Sequence[str], made: Iterator[Row]) -> None:
            marks = ",".join("?" * len(columns))
            connection.executemany(
                f'INSERT INTO "{table.name}" ({",".join(columns)}) VALUES ({marks})',
                made,
            )

        names = [_table(kind).name for kind in COLUMNS]
        held = f"type = 'index' AND sql IS NOT NULL AND tbl_name IN ({','.join('?' * len(names))})"
        indexes = connection.execute(f"SELECT name, sql FROM sqlite_master WHERE {held}", names).fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        _put_all(customers, put)
        for _, text in indexes:
            connection.execute(text)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")


def _fill_postgresql(url: str, customers: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("synchronous_commit = off", "maintenance_work_mem = '512MB'"):
            connection.execute(f"SET {setting}".encode())

        def put(table: Table, columns: Sequence[str], made: Iterator[Row]) -> None:
            names = sql.SQL(",").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for each in made:
                    copy.write_row(each)

        with connection.transaction():
            again = list(_taken_away(connection, [_table(kind).name for kind in COLUMNS]))
            _put_all(customers, put)
            for text in again:
                connection.execute(text.encode())
        connection.execute("VACUUM ANALYZE")


def _taken_away(connection: psycopg.Connection, names: list[str]) -> Iterator[str]:
    """Drops the foreign keys and indexes of these tables; what makes them again, the indexes first."""
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE NOT indisprimary AND indrelid IN (SELECT unnest(%s::text[])::regclass)",
        (names,),
    ).fetchall()
    keys = connection.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid IN (SELECT unnest(%s::text[])::regclass)",
        (names,),
    ).fetchall()
    for table, name, _ in keys:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    for name, text in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
        yield text
    for table, name, text in keys:
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}"
