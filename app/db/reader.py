"""The compiled read path: SQL text made once, run on a connection that each thread keeps.

A statement becomes runnable text in one place, `prepare`, which refuses one that is not bound to a
store. Reading never builds SQL per request and never opens a connection per request.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect, Engine, FromClause, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.orm import Session

from app.db import guard
from app.db.engine import BUSY_TIMEOUT_MS, MAPPED_BYTES

Row = Sequence[Any]
Done = TypeVar("Done")


class Unavailable(Exception):
    """The database does not answer; what was asked may be asked again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as text, with the names of its parameters in their order and their defaults."""

    text: str
    parameters: tuple[tuple[str, Any], ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order that the text wants."""
        return [values.get(name, default) for name, default in self.parameters]


class Run(Protocol):
    """Runs a prepared statement with named values and gives all its rows."""

    def __call__(self, statement: Prepared, values: Mapping[str, Any], /) -> list[Row]:
        """All rows."""


class _HintingCompiler(SQLiteCompiler):
    """SQLAlchemy's own, which drops the hints of a statement, with `INDEXED BY` kept."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        """What stands behind the table's name."""
        return text


def _sqlite() -> Dialect:
    dialect: Dialect = sqlite.dialect(paramstyle="qmark")
    dialect.statement_compiler = _HintingCompiler
    return dialect


class Reader:
    """Runs prepared statements for the threads of one process."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url
        self.dialect = engine.dialect.name
        self._compiler: Dialect = (
            _sqlite() if self.dialect == "sqlite" else postgresql.psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call] # SQLAlchemy has not typed its dialects
        )
        self._kept = threading.local()

    def prepare(self, statement: Select[Any]) -> Prepared:
        """The text of a statement.

        :raises UnboundStatement: where it is not bound to one store.
        """
        guard.require_store(statement)
        compiled = statement.compile(dialect=self._compiler, compile_kwargs={"render_postcompile": True})
        binds = compiled.binds
        names: Sequence[str] = compiled.positiontup or ()
        defaults = tuple(
            (name, binds[name].value if name in binds else compiled.params[name]) for name in names
        )
        return Prepared(str(compiled), defaults)

    @contextmanager
    def snapshot(self) -> Iterator[Run]:
        """Several statements that see the database at one moment.

        :raises Unavailable: when there is no connection to be had.
        """
        connection = self._retried(self._begun)
        try:
            yield self._runner(connection)
            connection.execute("COMMIT")
        except self._broken as error:
            self._drop()
            raise Unavailable(str(error)) from error
        except BaseException:
            self._roll_back(connection)
            raise

    def within(self, session: Session) -> Run:
        """Runs statements in the transaction of a session, which sees its own writes."""
        connection = session.connection().connection.driver_connection
        assert connection is not None
        if self.dialect == "sqlite":
            return self._runner(connection)
        return self._runner(self._textual(connection.cursor()))

    def run(self, statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
        """One statement on its own.

        :raises Unavailable: when the database does not answer.
        """
        return self._retried(lambda connection: self._runner(connection)(statement, values))

    def close(self) -> None:
        """Closes this thread's connection."""
        self._drop()

    @property
    def _begin(self) -> str:
        return "BEGIN" if self.dialect == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    @property
    def _broken(self) -> tuple[type[Exception], ...]:
        if self.dialect == "sqlite":
            return (sqlite3.OperationalError, sqlite3.InterfaceError)
        import psycopg  # only where PostgreSQL is used: it is an extra

        return (psycopg.OperationalError, psycopg.InterfaceError)

    def _retried(self, attempt: Callable[[Any], Done]) -> Done:
        """What an attempt gives; a kept connection that has gone meanwhile is replaced, once."""
        try:
            return attempt(self._connection())
        except self._broken:
            self._drop()
        try:
            return attempt(self._connection())
        except self._broken as error:
            self._drop()
            raise Unavailable(str(error)) from error

    def _begun(self, connection: Any) -> Any:
        connection.execute(self._begin)
        return connection

    def _runner(self, connection: Any) -> Run:
        execute = connection.execute

        def run(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            if guard.observers:
                guard.observe(statement.text)
            rows: list[Row] = execute(statement.text, statement.arguments(values)).fetchall()
            return rows

        return run

    def _connection(self) -> Any:
        connection = getattr(self._kept, "connection", None)
        if connection is None:
            connection = self._connect()
            self._kept.connection = connection
        return connection

    def _connect(self) -> Any:
        try:
            return self._connect_sqlite() if self.dialect == "sqlite" else self._connect_postgresql()
        except self._broken as error:
            raise Unavailable(str(error)) from error

    def _connect_sqlite(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._url.database or "", isolation_level=None, cached_statements=512, check_same_thread=False
        )
        for pragma in (f"busy_timeout = {BUSY_TIMEOUT_MS}", f"mmap_size = {MAPPED_BYTES}", "query_only = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _connect_postgresql(self) -> Any:
        import psycopg

        dsn = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=1, connect_timeout=5)
        return self._textual(connection)

    def _textual(self, reads: Any) -> Any:
        """A PostgreSQL connection or cursor that gives moments as the text that zones show."""
        from psycopg.types.string import TextLoader

        reads.adapters.register_loader("timestamp", TextLoader)
        return reads

    def _drop(self) -> None:
        connection = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if connection is not None:
            try:
                connection.close()
            except self._broken:
                return

    def _roll_back(self, connection: Any) -> None:
        try:
            connection.execute("ROLLBACK")
        except self._broken:
            self._drop()
