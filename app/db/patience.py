"""How much work a statement may be that strangers have put together: it ends then, whatever it has found.

Work is not the time that has passed: while others ask too, that is longer, and no fault of the statement.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, thread_time
from typing import Any, Protocol

from app.db.prepared import Prepared

Row = Sequence[Any]

_INTRICATE = {"parser stack overflow", "Expression tree is too large (maximum depth 1000)"}
"""What SQLite says of statements that are nested too deeply; newer ones than 3.45 can read most."""

STEPS = 50_000
"""After how many steps of its machine SQLite looks at the clock: half a millisecond, mostly.

It waits for Python's lock then, which others may hold: were it seldom less, threads would hinder one another.
"""

ALTOGETHER = 2
"""How many times what one statement may do all statements of a snapshot may."""

LONGEST = 20
"""How many times longer than its work a statement may take while others keep the server busy."""

_ACTIVE = """
SELECT greatest(1, count(*)) AS active FROM pg_stat_activity
WHERE state = 'active' AND coalesce(wait_event_type, '') NOT IN ('Activity', 'Client', 'Lock', 'Timeout')
"""
"""How many work on PostgreSQL at the moment, this session among them. It sees those of its own role."""

_BEGIN = f"""
SELECT set_config('jit', 'off', true),
  set_config('statement_timeout', (%s::integer * least(active, %s::integer))::text, true), active
FROM ({_ACTIVE}) AS busy
"""  # noqa: S608 - of constants
"""Gives statements their time. They are compiled by no JIT: it takes a second and cannot be interrupted."""


class Run(Protocol):
    """Runs a prepared statement with named values and gives all its rows."""

    def __call__(self, statement: Prepared, values: Mapping[str, Any], /) -> list[Row]:
        """All rows."""


class Impatient(Exception):
    """A statement is more work than it may be, or all of its snapshot are."""


class Crowded(Exception):
    """A statement was not done in time, since others kept the server busy; it may be asked again."""


class Incomputable(Exception):
    """A statement made a value that the database cannot hold."""


class Intricate(Exception):
    """A statement is nested more deeply than the database can read."""


class Unsupported(Exception):
    """A statement needs what PostgreSQL was built without: ICU, for the letters of all scripts."""


@dataclass(slots=True)
class _Left:
    """The seconds of work that one statement of a snapshot may be, and that all of them still may be."""

    each: float
    altogether: float

    def allowed(self) -> float:
        """How many the next one may be.

        :raises Impatient: where there is nothing left.
        """
        if self.altogether <= 0:
            raise Impatient
        return min(self.each, self.altogether)


@dataclass(frozen=True, slots=True)
class Patience:
    """The milliseconds of work that each statement may be; all of a snapshot may be twice that."""

    milliseconds: int

    def held(self, connection: Any, run: Run) -> Run:
        """The same, for the statements of a transaction that has just begun.

        They raise `Impatient`, `Crowded`, `Incomputable`, `Intricate` and `Unsupported`.
        """
        left = _Left(self.milliseconds / 1000, ALTOGETHER * self.milliseconds / 1000)
        if isinstance(connection, sqlite3.Connection):
            return self._on_sqlite(connection, run, left)
        return self._on_postgresql(connection, run, left)

    def within(self, connection: Any, run: Run) -> Run:
        """The same, for statements of a transaction that writes too, and holds others up meanwhile.

        They raise what those of `held` raise. Where they do, the transaction can only be undone.
        """
        left = _Left(self.milliseconds / 1000, ALTOGETHER * self.milliseconds / 1000)
        if isinstance(connection, sqlite3.Connection):
            return self._on_sqlite(connection, run, left)
        return self._within_postgresql(connection, run, left)

    def _on_sqlite(self, connection: sqlite3.Connection, run: Run, left: _Left) -> Run:
        """A thread's own time is its work: not what it waits for others, who have cores and Python's lock."""
        latest = monotonic() + LONGEST * self.milliseconds / 1000

        def held(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            begun = thread_time()
            end = begun + left.allowed()
            connection.set_progress_handler(lambda: thread_time() > end or monotonic() > latest, STEPS)
            try:
                return run(statement, values)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                    raise (Impatient if thread_time() > end else Crowded) from error
                if str(error) in _INTRICATE:
                    raise Intricate from error
                raise
            finally:
                connection.set_progress_handler(None, 0)
                left.altogether -= thread_time() - begun

        return held

    def _on_postgresql(self, connection: Any, run: Run, left: _Left) -> Run:
        """PostgreSQL does not tell a session's work, but how many share its cores: each has its part.

        So a statement has so many times longer. Where more work at its end than at its beginning, one cannot
        tell what it has had, and it is not blamed.
        """
        from psycopg import errors  # only where PostgreSQL is used: it is an extra

        *_, sharing = connection.execute(_BEGIN, (self.milliseconds, LONGEST)).fetchone()
        times = min(sharing, LONGEST)

        def held(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            if (allowed := left.allowed()) < left.each:
                connection.execute(f"SET LOCAL statement_timeout = {max(1, int(allowed * times * 1000))}")
            begun = monotonic()
            try:
                with _explained():
                    return run(statement, values)
            except errors.QueryCanceled as error:
                # Nothing can be asked in a transaction that has failed. A cursor would end what is prepared.
                connection.pgconn.exec_(b"ROLLBACK")
                (active,) = connection.execute(_ACTIVE).fetchone()
                raise (Crowded if active > sharing or sharing > LONGEST else Impatient) from error
            finally:
                left.altogether -= (monotonic() - begun) / times

        return held

    def _within_postgresql(self, connection: Any, run: Run, left: _Left) -> Run:
        """What is written in the transaction has the time that it had."""
        from psycopg import errors  # only where PostgreSQL is used: it is an extra

        def held(statement: Prepared, values: Mapping[str, Any]) -> list[Row]:
            (usual,) = connection.execute("SELECT current_setting('statement_timeout')").fetchone()
            allowed = max(1, int(left.allowed() * 1000))
            *_, sharing = connection.execute(_BEGIN, (allowed, LONGEST)).fetchone()
            begun = monotonic()
            try:
                with _explained():
                    rows = run(statement, values)
            except errors.QueryCanceled as error:
                raise (Crowded if sharing > LONGEST else Impatient) from error
            finally:
                left.altogether -= (monotonic() - begun) / min(sharing, LONGEST)
            connection.execute("SELECT set_config('statement_timeout', %s, true)", (usual,))
            return rows

        return held


@contextmanager
def _explained() -> Iterator[None]:
    """What PostgreSQL cannot compute or do is told apart."""
    from psycopg import DataError, errors  # only where PostgreSQL is used: it is an extra

    try:
        yield
    except DataError as error:
        raise Incomputable from error
    except errors.UndefinedObject as error:
        raise Unsupported from error
