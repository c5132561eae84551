"""What an operator's commands have in common: the database they are about, and what is piped into them."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Id(click.ParamType[int, int]):
    """An id: what none can be is refused before a database is asked."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        from app.db.ids import LARGEST

        return int(click.IntRange(1, LARGEST).convert(value, param, ctx))


def said_of(error: Exception) -> str | None:
    """What is said of an error that a database, or who uses it meanwhile, has brought about; else None."""
    from sqlalchemy import exc

    from app.db.reader import Unavailable
    from app.errors import Refusal

    if isinstance(error, Refusal):
        return "\n".join(fault.message for fault in error.faults)
    if isinstance(error, exc.OperationalError | exc.InterfaceError | exc.InternalError):
        return f"the database says: {str(error.orig).partition(chr(10))[0]}"
    if isinstance(error, sqlite3.OperationalError | Unavailable | exc.TimeoutError):
        return f"the database says: {error}"
    return None


@contextmanager
def database() -> Iterator["Engine"]:
    """The database that the environment names."""
    from app.config import from_environment
    from app.db.engine import open_engine
    from app.db.migrate import require_current

    require_current(url := from_environment().database_url)
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def piped_line() -> str:
    """The first line of standard input, which must be text."""
    from app.config import Misconfigured

    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Misconfigured("what was read from standard input is not UTF-8") from None
