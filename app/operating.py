"""What an operator's commands have in common: the database they are about, and what is piped into them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine


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
