"""The compiled read path: SQL text made once, run on a connection that each thread keeps.

A statement becomes runnable text in one place, `app.db.prepared`, which refuses one that is not bound
to a store. Reading never builds SQL per request and never opens a connection per request.
"""

import sqlite3
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import Engine, Select
from sqlalchemy.orm import Session

from app.db import engine as settings
from app.db import guard
from app.db.engine import BUSY_TIMEOUT_MS, MAPPED_BYTES, TO_POSTGRESQL
from app.db.functions import add_functions
from app.db.kept import Kept
from app.db.patience import Patience
from app.db.patience import Row as Row
from app.db.patience import Run as Run
from app.db.prepared import Prepared, compiler_of, prepare
from app.operations.current import CURRENT

Done = TypeVar("Done")


class Unavailable(Exception):
    """The database does not answer; what was asked may be asked again."""


MOST_REMEMBERED = 1000

STEPS = 50_000
"""After how many steps of its machine SQLite looks whether a statement has run too long."""

CANCELED = "57014"
"""PostgreSQL's word for a statement that ran too long."""

_DATA_VERSION = "PRAGMA data_version"


class Reader:
    """Runs prepared statements for the threads of one process."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url
        self.dialect = engine.dialect.name
        self._compiler = compiler_of(self.dialect)
        self._kept = Kept()

    def prepare(self, statement: Select[Any]) -> Prepared:
        """The text of a statement.

        :raises UnboundStatement: where it is not bound to one store.
        """
        return prepare(statement, self._compiler)

    @contextmanager
    def snapshot(self, patience: Patience | None = None) -> Iterator[Run]:
        """Several statements that see the database at one moment.

        :param patience: how long each of them may take, where that is not left to itself.
        :raises Unavailable: when there is no connection to be had.
        """
        if (joined := self._joined) is not None:
            yield self._telling(patience.within(self._kept.writing, joined) if patience else joined)
            return
        connection = self._retried(self._begun)
        try:
            run = self._runner(connection)
            yield patience.held(connection, run) if patience else run
            self._command(connection, "COMMIT")
        except self._broken as error:
            self._drop()
            raise Unavailable(str(error)) from error
        except BaseException:
            self._roll_back(connection)
            raise
        finally:
            if patience and connection is self._kept.connection and self.dialect == "sqlite":
                self._limit(connection)  # as patience has done in its own way

    def within(self, session: Session) -> Run:
        """Runs statements in the transaction of a session, which sees its own writes."""
        connection = session.connection().connection.driver_connection
        assert connection is not None
        if self.dialect == "sqlite":
            return self._runner(connection)
        return self._runner(self._textual(connection.cursor()))

    @contextmanager
    def joining(self, session: Session) -> Iterator[None]:
        """Meanwhile this thread reads in the transaction of a session, as `within` does."""
        self._kept.joined = self.within(session)
        self._kept.writing = session.connection().connection.driver_connection
        try:
            yield
        finally:
            self._kept.joined = self._kept.writing = None

    def run(self, statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
        """One statement on its own.

        :raises Unavailable: when the database does not answer.
        """
        if (joined := self._joined) is not None:
            return self._telling(joined)(statement, values)
        return self._retried(lambda connection: self._runner(connection)(statement, values))

    def remembered(self) -> dict[Any, Any] | None:
        """What this thread may keep of what it has read: emptied as soon as anybody has written.

        SQLite tells a connection that others have written (PRAGMA data_version), and what is read here is
        written by others only. None on PostgreSQL, which does not tell, and in a transaction that this thread
        has joined, which may be undone.

        :raises Unavailable: when the database does not answer.
        """
        if self.dialect != "sqlite" or self._joined is not None:
            return None
        seen = self._retried(lambda connection: (connection, *connection.execute(_DATA_VERSION).fetchone()))
        kept: dict[Any, Any] = self._kept.__dict__
        if kept.get("seen") != seen:
            kept["seen"], kept["memory"] = seen, {}
        memory: dict[Any, Any] = kept["memory"]
        return memory

    def recalled(self, key: Hashable, look_up: Callable[[], Done]) -> Done:
        """What a look-up gives: found again without a look at the tables while nothing has been written.

        :param key: what was looked up, by whom: no other look-up has the same.
        """
        memory = self.remembered()
        if memory is None:
            return look_up()
        if key not in memory:
            if len(memory) > MOST_REMEMBERED:
                memory.clear()
            memory[key] = look_up()
        found: Done = memory[key]
        return found

    def close(self) -> None:
        """Closes this thread's connection."""
        self._drop()

    @property
    def _joined(self) -> Run | None:
        """How this thread reads while it has joined a transaction."""
        run: Run | None = getattr(self._kept, "joined", None)
        return run

    def _telling(self, run: Run) -> Run:
        """The same, which tells what becomes of the database in the reader's words."""

        def told(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            try:
                return run(statement, values)
            except self._broken as error:
                raise Unavailable(str(error)) from error

        return told

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
        except self._broken as error:
            self._drop()
            if _ran_too_long(error):
                raise Unavailable(str(error)) from error
        try:
            return attempt(self._connection())
        except self._broken as error:
            self._drop()
            raise Unavailable(str(error)) from error

    def _begun(self, connection: Any) -> Any:
        self._command(connection, self._begin)
        return connection

    def _command(self, connection: Any, words: str) -> None:
        """Begins or ends a transaction on this thread's connection."""
        if (libpq := self._kept.libpq) is not None:
            libpq.command(words.encode())
        else:
            connection.execute(words)

    def _runner(self, connection: Any) -> Run:
        kept = self._kept
        libpq = kept.libpq if connection is kept.connection else None
        execute, ran, deadline = connection.execute, CURRENT.facts.ran, kept.deadline

        def run(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            if guard.observers:
                guard.observe(statement.text)
            began = perf_counter()
            deadline.at = began + settings.STATEMENT_SECONDS
            text, given = statement.text, statement.arguments(values)
            rows: list[Row] = libpq.rows(text, given) if libpq else execute(text, given).fetchall()
            ran(perf_counter() - began)
            return rows

        return run

    def _connection(self) -> Any:
        connection = getattr(self._kept, "connection", None)
        if connection is None:
            connection = self._connect()
            self._kept.connection = connection
            if self.dialect != "sqlite":
                from app.db.libpq import Libpq  # only where PostgreSQL is used: it is an extra

                self._kept.libpq = Libpq(connection)
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
        add_functions(connection)
        self._limit(connection)
        return connection

    def _limit(self, connection: sqlite3.Connection) -> None:
        """Ends statements of this connection that run too long; PostgreSQL does so by itself."""
        connection.set_progress_handler(self._kept.deadline.has_passed, STEPS)

    def _connect_postgresql(self) -> Any:
        import psycopg

        dsn = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            prepare_threshold=1,
            **TO_POSTGRESQL,
            options=f"-c statement_timeout={settings.STATEMENT_SECONDS * 1000:.0f}",
        )
        return self._textual(connection)

    def _textual(self, reads: Any) -> Any:
        """A PostgreSQL connection or cursor that gives moments as the text that zones show."""
        from psycopg.types.string import TextLoader

        reads.adapters.register_loader("timestamp", TextLoader)
        return reads

    def _drop(self) -> None:
        connection = getattr(self._kept, "connection", None)
        self._kept.connection = self._kept.libpq = None
        if connection is not None:
            try:
                connection.close()
            except self._broken:
                return

    def _roll_back(self, connection: Any) -> None:
        try:
            self._command(connection, "ROLLBACK")
        except self._broken:
            self._drop()


def _ran_too_long(error: Exception) -> bool:
    """Whether the statement was ended for that: it would run as long once more."""
    interrupted = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return interrupted or getattr(error, "sqlstate", None) == CANCELED
