"""A backup: all of a database as it is at one moment, in one file, while servers go on writing.

SQLite's is a database file, made through its own backup interface; PostgreSQL's is a dump by `pg_dump`.
Neither holds the secret key, without which the secrets in it cannot be read: that is kept apart.
"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, inspect
from sqlalchemy.engine import URL

from app.config import Misconfigured
from app.db.engine import normalized, unguarded_engine
from app.db.migrate import current
from app.moving.files import alone_with

MAGIC: Mapping[bytes, str] = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}
"""How the files begin, and of which engine they are."""

CONNECTING: Mapping[str, str] = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
    "host": "PGHOST",
    "port": "PGPORT",
}
"""What a PostgreSQL URL may say behind its `?`, and the variables that say it to its programs."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a backup, or in a database: its revision, and how many rows each table has."""

    engine: str
    revision: str | None
    rows: Mapping[str, int]


def back_up(url: str, file: Path) -> Contents:
    """Writes a backup; the file is there when all of it is.

    :raises Misconfigured: where the file is there already, or there is nothing to back up.
    """
    if file.exists():
        raise Misconfigured(f"{file} is there already: name another file")
    parsed = normalized(url)
    engine = parsed.get_backend_name()
    revision = current(url)
    if revision is None:
        raise Misconfigured("the database is empty, or no Patron's: there is nothing to back up")
    partial = file.with_name(f"{file.name}.partial")
    with alone_with(partial) as raw:
        try:
            rows = (
                _copied(Path(parsed.database or ""), partial) if engine == "sqlite" else _dumped(url, partial)
            )
            os.fsync(raw.fileno())
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    return Contents(engine, revision, rows)


def engine_of(file: Path) -> str:
    """Of which engine a backup is.

    :raises Misconfigured: where it is none.
    """
    with file.open("rb") as opened:
        begins = opened.read(16)
    for magic, engine in MAGIC.items():
        if begins.startswith(magic):
            return engine
    raise Misconfigured(f"{file} is no backup of Patron's")


def revision_of(url: str, file: Path) -> str | None:
    """The revision that is in a backup, all of which is read; None where it is no Patron's.

    :param url: the database's that it is for, which is not asked.
    :raises Misconfigured: where the backup is damaged.
    """
    if engine_of(file) == "sqlite":
        with closing(opened_backup(file)) as opened:
            require_sound(opened, file)
            try:
                found = opened.execute("SELECT version_num FROM alembic_version").fetchone()
            except sqlite3.OperationalError:
                return None
            return str(found[0]) if found else None
    run_tool(url, ["pg_restore", f"--file={os.devnull}", str(file)])
    told = run_tool(
        url,
        ["pg_restore", "--data-only", "--schema=public", "--table=alembic_version", "--file=-", str(file)],
    )
    rows = told.partition("COPY public.alembic_version")[2].splitlines()[1:]
    return rows[0] if rows and rows[0] != r"\." else None


def opened_backup(file: Path) -> sqlite3.Connection:
    """An SQLite backup, to be read: nothing is written to it or beside it, whatever folder it is in."""
    log = file.with_name(f"{file.name}-wal")
    how = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro{how}", uri=True)


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    quote = connection.dialect.identifier_preparer.quote
    names = sorted(inspect(connection).get_table_names())
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one()  # noqa: S608
        for name in names
        if name != "alembic_version"
    }


def run_tool(url: str, arguments: Sequence[str]) -> str:
    """Runs one of PostgreSQL's programs on a database. Its password is in the environment, never in argv.

    :returns: what it says on its standard output.
    :raises Misconfigured: in the words of the program where it fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours
            arguments,
            env=os.environ | _environment(normalized(url)),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Misconfigured(f"{arguments[0]} is not here: install PostgreSQL's client programs") from None
    if done.returncode:
        lines = [each for each in done.stderr.splitlines() if each.strip()] or ["it does not say why"]
        raise Misconfigured(f"{arguments[0]}: {lines[0].removeprefix(f'{arguments[0]}: ')}")
    return done.stdout


def _copied(source: Path, target: Path) -> dict[str, int]:
    """In one step, which is one reading transaction: writers go on, and nothing of theirs is half in it."""
    with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(target)) as written:
        opened.backup(written, pages=-1)
        written.execute("PRAGMA journal_mode = DELETE")  # else it would be three files when it is opened
        require_sound(written, target)
    engine = create_engine("sqlite://", creator=lambda: opened_backup(target), poolclass=NullPool)
    with engine.connect() as connection:  # one of ours would set WAL again
        return counted(connection)


def require_sound(opened: sqlite3.Connection, file: Path) -> None:
    """Reads all of an SQLite database.

    :raises Misconfigured: where it is damaged, or rows name what is not there.
    """
    try:
        found = opened.execute("PRAGMA integrity_check").fetchone()[0]
        orphans = opened.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Misconfigured(f"{file} is damaged: {error}") from error
    if found != "ok":
        raise Misconfigured(f"{file} is damaged: {str(found).splitlines()[0]}")
    if orphans:
        raise Misconfigured(f"{file} is damaged: rows of {orphans[0]} name what is not there")


def _dumped(url: str, target: Path) -> dict[str, int]:
    """Of one snapshot, in which the rows are counted too."""
    with _reading(url) as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        run_tool(
            url,
            ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--schema=public",
             f"--snapshot={snapshot}", f"--file={target}"],
        )  # fmt: skip
        return counted(connection)


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    engine = unguarded_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _environment(url: URL) -> dict[str, str]:
    given = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
    }
    said = {name: str(url.query[key]) for key, name in CONNECTING.items() if key in url.query}
    return {name: value for name, value in given.items() if value} | said
