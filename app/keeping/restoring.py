"""A backup is restored into an empty database, or in place of another, and forgets whom it must not know.

Nobody else may use the database meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, MetaData, inspect, select
from sqlalchemy.exc import DBAPIError

from app.config import Misconfigured
from app.db.engine import normalized, open_engine, unguarded_engine
from app.db.ids import Ids
from app.db.migrate import current, scripts, upgrade
from app.encryption import Cipher
from app.keeping.backup import Contents, counted, engine_of, require_sound, run_tool
from app.keeping.erasing import erase
from app.keeping.erasure import Erased, note, noted
from app.resources.customer import Customer
from app.resources.store import Store


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now: as it was in the backup, then brought to this version, and whom it forgot."""

    contents: Contents
    revision: str | None
    erased: int


def restore(
    url: str, file: Path, cipher: Cipher, *, force: bool = False, erasures: Iterable[Erased] = ()
) -> Restored:
    """Restores a backup, brings it to this version's revision, and erases who was erased since.

    :param force: in place of what is there; who was erased there stays erased.
    :param erasures: who was erased besides.
    :raises Misconfigured: where the backup is damaged, of another engine or a newer version, or would
        replace something.
    """
    parsed = normalized(url)
    engine = parsed.get_backend_name()
    if (of := engine_of(file)) != engine:
        raise Misconfigured(f"{file} is a backup of {of}, and the database is one of {engine}")
    wanted = set(erasures)
    if tables := _tables(url):
        if not force:
            raise Misconfigured(
                f"the database is not empty: {len(tables)} tables. Name another, or add --force"
            )
        wanted |= _noted(url)
    if engine == "sqlite":
        _require_known(file)
        _copy(file, Path(parsed.database or ""))
    else:
        _load(url, file)
    contents = _contents(url)
    upgrade(url)
    return Restored(contents, current(url), _forget(url, cipher, sorted(wanted)))


def _tables(url: str) -> list[str]:
    engine = unguarded_engine(url)
    try:
        return inspect(engine).get_table_names()
    except DBAPIError as error:
        raise Misconfigured(f"the database cannot be opened: {str(error.orig).splitlines()[0]}") from error
    finally:
        engine.dispose()


def _noted(url: str) -> set[Erased]:
    """Who was erased in the database that is replaced; nobody, where it is older than erasures are."""
    if "erasure" not in _tables(url):
        return set()
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return set(noted(connection))
    finally:
        engine.dispose()


def _require_known(file: Path) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        require_sound(opened, file)
        try:
            revision = opened.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        except (sqlite3.OperationalError, TypeError):
            raise Misconfigured(f"{file} is no backup of Patron's") from None
    if revision not in {each.revision for each in scripts().walk_revisions()}:
        raise Misconfigured(
            f"{file} is at revision {revision}, newer than this version: upgrade Patron first"
        )


def _copy(file: Path, target: Path) -> None:
    """All of it or nothing: SQLite writes what is in the way back if this is cut off."""
    with closing(sqlite3.connect(file)) as opened, closing(sqlite3.connect(target)) as written:
        opened.backup(written, pages=-1)
        written.execute("PRAGMA journal_mode = WAL")
        require_sound(written, target)


def _load(url: str, file: Path) -> None:
    """What is there goes first; the backup's contents are looked at before, so that it can be read."""
    run_tool(url, ["pg_restore", "--list", str(file)])
    engine = unguarded_engine(url)
    try:
        with engine.begin() as connection:
            there = MetaData()
            there.reflect(connection)
            there.drop_all(connection)
    finally:
        engine.dispose()
    name = normalized(url).database or "postgres"
    run_tool(
        url,
        ["pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
         "--schema=public", f"--dbname={name}", str(file)],
    )  # fmt: skip


def _contents(url: str) -> Contents:
    engine = unguarded_engine(url)
    try:
        with engine.connect() as connection:
            return Contents(engine.dialect.name, current(url), counted(connection))
    finally:
        engine.dispose()


def _forget(url: str, cipher: Cipher, erasures: Sequence[Erased]) -> int:
    """Erases again. Ids that were handed out after the backup and erased are not handed out anew."""
    engine, count = open_engine(url), 0
    try:
        ids = Ids(engine)
        with engine.connect() as connection:
            stores = set(connection.scalars(select(Store.id)))
        for each in (each for each in erasures if each.store_id in stores):
            ids.reserve(each.store_id, Customer.__tablename__, each.customer_id)
            count += _forget_one(engine, cipher, each)
    finally:
        engine.dispose()
    return count


def _forget_one(engine: Engine, cipher: Cipher, erased: Erased) -> bool:
    try:
        erase(engine, cipher, erased.store_id, str(erased.customer_id), cancel=True, again=erased.erased_at)
    except Misconfigured:  # the backup does not know them
        with engine.begin() as connection:
            note(connection, erased.store_id, [erased.customer_id], erased.erased_at)
        return False
    return True
