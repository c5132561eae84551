"""Migrations: bringing a database to the state of the code, and telling when it is not there."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from app.config import Misconfigured
from app.db.engine import unguarded_engine

log = structlog.get_logger()

PATIENCE = 50
"""For how many seconds a process that starts waits for its database: gunicorn gives one up after 60."""

PAUSE_SECONDS = 0.5

_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database to a revision.

    :raises Misconfigured: where the database is newer than the code, or cannot be reached.
    """
    _refuse_newer(current(url))
    with _said():
        command.upgrade(configured(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes the database back to a revision; `base` is before the first.

    :raises Misconfigured: where there is no such revision, or the database cannot be reached.
    """
    _refuse_newer(current(url))
    with _said():
        command.downgrade(configured(url), revision)


def require_current(url: str) -> None:
    """Refuses a database whose schema is not the code's.

    :raises Misconfigured: saying which of the two is behind, and what to do.
    """
    revision = current(url)
    _refuse_newer(revision)
    if revision != scripts().get_current_head():
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
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def scripts() -> ScriptDirectory:
    """The migrations that this version of the code knows."""
    return ScriptDirectory(str(_SCRIPTS))


def configured(url: str) -> AlembicConfig:
    """Alembic's configuration; there is no file of it."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


@contextmanager
def _said() -> Iterator[None]:
    """Says in one line what went wrong with the database or the revision that was asked for."""
    try:
        yield
    except DBAPIError as error:
        raise Misconfigured(f"the database cannot be opened: {str(error.orig).splitlines()[0]}") from error
    except CommandError as error:
        raise Misconfigured(str(error)) from error


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise Misconfigured(
            f"the database is at revision {revision}, newer than this version of Patron: upgrade Patron"
        )


def write_revision(url: str, message: str) -> None:
    """Writes a migration, numbered on, from what this database has to what the models have.

    :raises Misconfigured: where the database is not at the newest revision.
    """
    number = f"{int(scripts().get_current_head() or 0) + 1:04d}"
    with _said():
        command.revision(configured(url), message, autogenerate=True, rev_id=number)
