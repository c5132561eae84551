"""Engines: how Patron opens SQLite and PostgreSQL, the same for server, command line and tests."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any
from weakref import WeakSet

from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExecutionContext
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import Compiled

from app.db import guard
from app.db.functions import add_functions
from app.db.prepared import cursor_of
from app.operations.current import CURRENT

BUSY_TIMEOUT_MS = 5000
BEYOND = 4
"""How many more connections there may be: for sign-ins, and for work behind requests."""

CONNECT_SECONDS = 5
TO_POSTGRESQL: Mapping[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""Of a server that is gone without a word, its machine or the network, one learns within 20 seconds."""

STATEMENT_SECONDS = 30.0
"""For how long a statement may run; OData's have less."""

POOL_SECONDS = 5
"""For how long a connection is waited for; then the answer is 503."""

MAPPED_BYTES = 128 * 1024 * 1024


def open_engine(url: str, connections: int = 8) -> Engine:
    """An engine whose every statement passes the wall between stores.

    :param url: a SQLAlchemy URL; a bare `postgresql://` means psycopg 3. The folder of an SQLite
        file is made where it is missing.
    :param connections: how many transactions it can have at once: one for each thread that writes, and a few
        more. Whoever waits longer than `POOL_SECONDS` for one has a TimeoutError of SQLAlchemy's.
    """
    pool = {"pool_size": connections, "max_overflow": BEYOND, "pool_timeout": POOL_SECONDS}
    engine = unguarded_engine(url, **pool, **_patience(url))
    event.listen(engine, "before_cursor_execute", _pass_guard)
    event.listen(engine, "after_cursor_execute", _count)
    return engine


def unguarded_engine(url: str, **options: Any) -> Engine:
    """The same without the wall: for migrations, which concern all stores.

    :param options: further ones of SQLAlchemy's.
    """
    parsed = normalized(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, options)
    return create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_recycle=1800, **options)


def _patience(url: str) -> dict[str, Any]:
    """How long a PostgreSQL transaction waits for others, and others for one whose client is gone."""
    if normalized(url).get_backend_name() == "sqlite":
        return {}
    waits = f"-c lock_timeout={BUSY_TIMEOUT_MS} -c idle_in_transaction_session_timeout={3 * BUSY_TIMEOUT_MS}"
    longest = f"-c statement_timeout={STATEMENT_SECONDS * 1000:.0f}"
    return {"connect_args": {"options": f"{waits} {longest}", **TO_POSTGRESQL}}


def normalized(url: str) -> URL:
    """The URL with its driver in full: what a bare `postgresql://` means differs between versions."""
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _open_sqlite(url: URL, options: Mapping[str, Any]) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {"isolation_level": None, "check_same_thread": False}
    engine = create_engine(url, connect_args=ours, hide_parameters=True, **options)
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _make_private(
    _dialect: Dialect, _entry: ConnectionPoolEntry, arguments: Sequence[Any], _options: dict[str, Any]
) -> None:
    """A file that is new is its owner's alone; SQLite gives its log the same mode."""
    file = str(arguments[0])
    if file != ":memory:" and not file.startswith("file:"):
        with suppress(OSError):  # it is there, or SQLite says what is in the way
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry | None = None) -> None:
    """The settings of one SQLite connection: readers never wait, commits survive a power cut, and
    what is deleted is overwritten."""
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        f"mmap_size = {MAPPED_BYTES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    add_functions(connection)


def _begin_immediate(connection: Connection) -> None:
    """Takes the write lock at once: a transaction that reads first and writes then cannot deadlock."""
    if guard.observers:
        guard.observe(_BEGIN)
    with cursor_of(connection, _BEGIN) as cursor:
        cursor.execute(_BEGIN)


_BEGIN = "BEGIN IMMEDIATE"

_passed: WeakSet[Compiled] = WeakSet()
"""What has been let through: SQLAlchemy compiles statements of one structure once, and keeps them."""


def _pass_guard(
    _connection: Connection,
    _cursor: DBAPICursor,
    text: str,
    _parameters: Any,
    context: ExecutionContext | None,
    _executemany: bool,
) -> None:
    compiled = getattr(context, "compiled", None)
    if compiled is None:
        if text not in {"BEGIN IMMEDIATE", "SELECT 1"} and not text.startswith("PRAGMA"):
            guard.refuse_text(text)
    elif compiled not in _passed:
        # the ORM's own state has the statement with the session's criteria, which the given one lacks
        guard.require_store(getattr(compiled.compile_state, "statement", compiled.statement))
        _passed.add(compiled)
    guard.observe(text)
    if context is not None:
        context.patron_began = perf_counter()  # type: ignore[attr-defined] # it is there for what one likes


def _count(
    _connection: Connection,
    _cursor: DBAPICursor,
    _text: str,
    _parameters: Any,
    context: ExecutionContext | None,
    _executemany: bool,
) -> None:
    CURRENT.facts.ran(perf_counter() - getattr(context, "patron_began", perf_counter()))
