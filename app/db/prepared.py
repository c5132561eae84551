"""SQL text that is made once: where all statements that skip SQLAlchemy on their way are made.

What is not bound to a store never becomes text here.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Dialect, FromClause, Insert, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import guard
from app.operations.current import CURRENT


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as text, with the names of its parameters in their order and their defaults."""

    text: str
    parameters: tuple[tuple[str, Any], ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order that the text wants."""
        return [values.get(name, default) for name, default in self.parameters]


MOST_KEPT = 2048
_kept: dict[Hashable, Prepared] = {}
"""What has been made: the applications of a process, and the faces of one, have many statements in common."""


def prepare(statement: Select[Any] | Insert, compiler: Dialect) -> Prepared:
    """The text of a statement.

    :raises UnboundStatement: where it is not bound to one store.
    """
    form = _form(statement, compiler)
    if form is None:
        return _made(statement, compiler)
    prepared = _kept.get(form)
    if prepared is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        prepared = _kept[form] = _made(statement, compiler)
    return prepared


_PLAIN = {NoneType, bool, int, str}
"""Of these, values that are equal and of one type are the same in every respect."""


def _form(statement: Select[Any] | Insert, compiler: Dialect) -> Hashable | None:
    """What statements with the same text and the same values have in common; None where nobody can tell.

    It is the key by which SQLAlchemy's engines keep compiled statements, to which values are no matter.
    """
    key = statement._generate_cache_key()
    if key is None:
        return None
    values = [(type(each.value), each.value) for each in key.bindparams]
    is_plain = all(kind in _PLAIN for kind, _ in values)
    return (compiler.name, key.key, *values) if is_plain else None


def _made(statement: Select[Any] | Insert, compiler: Dialect) -> Prepared:
    guard.require_store(statement)
    compiled = statement.compile(dialect=compiler, compile_kwargs={"render_postcompile": True})
    binds = compiled.binds
    names: Sequence[str] = compiled.positiontup or ()
    defaults = tuple((name, binds[name].value if name in binds else compiled.params[name]) for name in names)
    return Prepared(str(compiled), defaults)


def compiler_of(dialect: str) -> Dialect:
    """What makes text of statements, with parameters by position."""
    if dialect == "sqlite":
        return _sqlite()
    made: Dialect = postgresql.psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call] # SQLAlchemy has not typed its dialects
    return made


def write(session: Session, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> int:
    """Writes rows in the transaction of a session, and tells how many.

    :raises DBAPIError: of SQLAlchemy, as its own statements would.
    """
    written = 0
    with cursor_of(session.connection(), statement.text) as cursor:
        for values in rows:
            if guard.observers:
                guard.observe(statement.text)
            began = perf_counter()
            cursor.execute(statement.text, statement.arguments(values))
            CURRENT.facts.ran(perf_counter() - began)
            written += cursor.rowcount
    return written


@contextmanager
def cursor_of(connection: Connection, text: str) -> Iterator[Any]:
    """The driver's own cursor on a connection, for a statement that has passed the guard.

    :raises DBAPIError: of SQLAlchemy, for what the driver raises.
    """
    broken = connection.dialect.dbapi.Error  # type: ignore[union-attr] # an engine's dialect has one
    cursor = connection.connection.cursor()
    try:
        yield cursor
    except broken as error:
        raise DBAPIError.instance(
            text, None, error, broken, hide_parameters=True, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


class _HintingCompiler(SQLiteCompiler):
    """SQLAlchemy's own, which drops the hints of a statement, with `INDEXED BY` kept."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        """What stands behind the table's name."""
        return text


def _sqlite() -> Dialect:
    dialect: Dialect = sqlite.dialect(paramstyle="qmark")
    dialect.statement_compiler = _HintingCompiler
    return dialect
