"""Migrations: bringing a database to the state of the code, and telling when it is not there.

Alembic is imported where it works: whoever starts only asks what revision a database is at.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import String, column, inspect, select, table
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from app.config import Misconfigured
from app.db.engine import unguarded_engine

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

log = structlog.get_logger()

PATIENCE = 50
"""For how many seconds a process that starts waits for its database: gunicorn gives one up after 60."""

PAUSE_SECONDS = 0.5

REVISION = select(column("version_num", String)).select_from(table("alembic_version"))
"""What revision a database is at, where Alembic has noted it."""

_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database to a revision.

    :raises Misconfigured: where the database is newer than the code, or cannot be reached.
    """
    from alembic import command

    _refuse_newer(current(url))
    with _working():
        command.upgrade(configured(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes the database back to a revision; `base` is before the first.

    :raises Misconfigured: where there is no such revision, or the database cannot be reached.
    """
    from alembic import command

    _refuse_newer(current(url))
    with _working():
        command.downgrade(configured(url), revision)


def require_current(url: str) -> None:
    """Refuses a database whose schema is not the code's.

    :raises Misconfigured: saying which of the two is behind, and what to do.
    """
    revision = current(url)
    _refuse_newer(revision)
    if revision != newest():
        raise Misconfigured(
            f"the database is at revision {revision or 'none'}, behind the code: run `patron db upgrade`"
        )


def await_current(url: str, seconds: float | None = None) -> None:
    """The same for a process that starts, and waits for a database that does not answer yet.

    :param seconds: for how long; `PATIENCE` where not given.
    :raises Misconfigured: where it still does not, or does not fit the code.
    """
    end = time.monotonic() + (PATIENCE if seconds is None else seconds)
    is_told = False
    while True:
        try:
            return require_current(url)
        except Misconfigured as error:
            if not isinstance(error.__cause__, OperationalError) or time.monotonic() > end:
                raise
        if not is_told:
            log.warning("waiting_for_database", seconds=round(end - time.monotonic()))
            is_told = True
        time.sleep(PAUSE_SECONDS)


def current(url: str) -> str | None:
    """The revision that the database is at.

    :raises Misconfigured: where it cannot be reached.
    """
    try:
        engine = unguarded_engine(url)
    except (ArgumentError, ImportError, ValueError) as error:
        raise Misconfigured("PATRON_DATABASE_URL makes no sense to SQLAlchemy: check its parts") from error
    try:
        with _said(), engine.connect() as connection:
            noted = inspect(connection).has_table("alembic_version")
            return connection.scalar(REVISION) if noted else None
    finally:
        engine.dispose()


def known() -> list[str]:
    """The revisions that this version of the code knows, as their files are called; the newest last."""
    names = (path.name for path in (_SCRIPTS / "versions").iterdir())
    return sorted(found[1] for name in names if (found := re.fullmatch(r"(\d+)_\w+\.py", name)))


def newest() -> str:
    """The revision of this version of the code."""
    return known()[-1]


def configured(url: str) -> "AlembicConfig":
    """Alembic's configuration; there is no file of it."""
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


@contextmanager
def _said() -> Iterator[None]:
    """Says in one line what went wrong with the database."""
    try:
        yield
    except DBAPIError as error:
        raise Misconfigured(f"the database cannot be opened: {str(error.orig).splitlines()[0]}") from error


@contextmanager
def _working() -> Iterator[None]:
    """The same, and with the revision that was asked for."""
    from alembic.util import CommandError

    with _said():
        try:
            yield
        except CommandError as error:
            raise Misconfigured(str(error)) from error


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in known():
        raise Misconfigured(
            f"the database is at revision {revision}, newer than this version of Patron: upgrade Patron"
        )


def write_revision(url: str, message: str) -> None:
    """Writes a migration, numbered on, from what this database has to what the models have.

    :raises Misconfigured: where the database is not at the newest revision.
    """
    from alembic import command

    number = f"{int(newest()) + 1:04d}"
    with _working():
        command.revision(configured(url), message, autogenerate=True, rev_id=number)
