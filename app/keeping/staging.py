"""Where a backup is restored before it takes the place of what is there: that goes when all else is done.

On SQLite it is a file of its own in the same folder; on PostgreSQL what is there is put aside, into a schema.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from app.config import Misconfigured
from app.db.engine import normalized, unguarded_engine
from app.keeping.backup import opened_backup, require_sound, run_tool

ASIDE = "patron_replaced"
"""The schema that holds what is replaced until all is done. Where it is found, a restore was cut off."""

LEAVING_SECONDS = 2.0
"""For how long connections that others are closing just now are waited for."""

LOCK_SECONDS = 10

IN_USE = "others use the database: stop each server and worker first, or add --even-in-use"


def tables_of(url: str) -> list[str]:
    """The tables of a database; none, and no new file, where there is no such file.

    :raises Misconfigured: where it cannot be opened.
    """
    if not _exists(url):
        return []
    with _connected(url) as connection:
        return inspect(connection).get_table_names()


def require_unused(url: str) -> None:
    """Refuses a database that somebody else has open.

    :raises Misconfigured: saying what to do.
    """
    if not _exists(url):
        return
    if normalized(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(normalized(url).database or "", timeout=LEAVING_SECONDS)) as opened:
            _lock(opened)
        return
    ends = time.monotonic() + LEAVING_SECONDS
    while _others(url):
        if time.monotonic() > ends:
            raise Misconfigured(IN_USE)
        time.sleep(0.05)


def put_back(url: str) -> None:
    """Brings back what a restore that was cut off has put aside."""
    if normalized(url).get_backend_name() == "postgresql":
        with _connected(url) as connection:
            if inspect(connection).has_schema(ASIDE):
                _drop(connection, None)
                _move(connection, ASIDE, str(inspect(connection).default_schema_name))
                connection.execute(text(f"DROP SCHEMA {ASIDE}"))


@contextmanager
def staged(url: str, file: Path, *, alone: bool) -> Iterator[str]:
    """The URL of what the backup has restored; it takes the place of what is there at the end.

    Where anything is raised meanwhile, what was there is there as it was.

    :param alone: whether nobody else may have the database open at that moment.
    """
    parsed = normalized(url)
    if parsed.get_backend_name() == "sqlite":
        target = Path(parsed.database or "")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".restoring-", dir=target.parent) as folder:
            own = Path(folder) / "restored.sqlite3"
            with closing(opened_backup(file)) as opened:
                _copy(opened, own, alone=True)
            yield parsed.set(database=str(own)).render_as_string(hide_password=False)
            with closing(sqlite3.connect(own)) as opened:
                _copy(opened, target, alone=alone)
        return
    with _connected(url) as connection:
        connection.execute(text(f"CREATE SCHEMA {ASIDE}"))
        _move(connection, str(inspect(connection).default_schema_name), ASIDE)
    try:
        _load(url, file)
        yield url
        with _connected(url) as connection:
            _drop(connection, ASIDE)
            connection.execute(text(f"DROP SCHEMA {ASIDE}"))
    except BaseException:
        put_back(url)
        raise


def _others(url: str) -> int:
    """How many connections to a PostgreSQL database there are besides our own."""
    here = "datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()"
    with _connected(url) as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {here}")))  # noqa: S608


def _exists(url: str) -> bool:
    parsed = normalized(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists()


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = unguarded_engine(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            yield connection
    except DBAPIError as error:
        raise Misconfigured(f"the database says: {str(error.orig).splitlines()[0]}") from error
    finally:
        engine.dispose()


def _lock(opened: sqlite3.Connection) -> None:
    """For as long as the connection is open. Each other one holds a lock too, from its first statement on."""
    try:
        opened.execute("PRAGMA locking_mode = EXCLUSIVE")
        opened.execute("BEGIN EXCLUSIVE")
        opened.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise Misconfigured(IN_USE) from error
    except sqlite3.DatabaseError as error:
        raise Misconfigured(f"the database cannot be opened: {error}") from error


def _copy(opened: sqlite3.Connection, target: Path, *, alone: bool) -> None:
    """All of it or nothing: SQLite writes what is in the way back if this is cut off."""
    if not target.exists():
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(target, timeout=LEAVING_SECONDS)) as written:
        if alone:
            _lock(written)
        opened.backup(written, pages=-1)
        written.execute("PRAGMA journal_mode = WAL")
        require_sound(written, target)


def _load(url: str, file: Path) -> None:
    name = normalized(url).database or "postgres"
    run_tool(
        url,
        ["pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
         "--schema=public", f"--dbname={name}", str(file)],
    )  # fmt: skip


def _move(connection: Connection, source: str, target: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    for each in inspect(connection).get_table_names(source):
        connection.execute(text(f"ALTER TABLE {quote(source)}.{quote(each)} SET SCHEMA {quote(target)}"))


def _drop(connection: Connection, schema: str | None) -> None:
    """All tables in one statement, in any order; what is not Patron's and leans on them is in the way."""
    quote = connection.dialect.identifier_preparer.quote
    here = schema or str(inspect(connection).default_schema_name)
    named = [f"{quote(here)}.{quote(each)}" for each in inspect(connection).get_table_names(here)]
    if named:
        connection.execute(text(f"DROP TABLE {', '.join(named)}"))
