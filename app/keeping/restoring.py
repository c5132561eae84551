"""A backup is restored into an empty database, or in place of another, and forgets whom it must not know.

Nobody else may use the database meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from app.config import Misconfigured
from app.db.engine import normalized, open_engine, unguarded_engine
from app.db.ids import Ids
from app.db.migrate import current, known, upgrade
from app.encryption import Cipher
from app.keeping.backup import Contents, counted, engine_of, revision_of
from app.keeping.erasing import erase
from app.keeping.erasure import Erased, note, noted
from app.keeping.key_rotation import require_readable
from app.keeping.staging import put_back, require_unused, staged, tables_of
from app.resources.customer import Customer
from app.resources.store import Store


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now: as it was in the backup, then brought to this version, and whom it forgot."""

    contents: Contents
    revision: str | None
    erased: int


def restore(
    url: str,
    file: Path,
    cipher: Cipher,
    *,
    force: bool = False,
    in_use: bool = False,
    unreadable: bool = False,
    erasures: Iterable[Erased] = (),
) -> Restored:
    """Restores a backup, brings it to this version's revision, and erases who was erased since.

    What is there is as it was where any of that fails.

    :param force: in place of what is there; who was erased there stays erased.
    :param in_use: even where others have the database open.
    :param unreadable: even where none of the keys can read what is stored with those who are erased again.
    :param erasures: who was erased besides.
    :raises Misconfigured: where the backup is damaged, of another engine or a newer version, or would
        replace something.
    """
    if (of := engine_of(file)) != (engine := normalized(url).get_backend_name()):
        raise Misconfigured(f"{file} is a backup of {of}, and the database is one of {engine}")
    _require_known(file, revision_of(url, file))
    if not in_use:
        require_unused(url)
    put_back(url)
    wanted = set(erasures)
    if tables := tables_of(url):
        if not force:
            many = len(tables)
            raise Misconfigured(f"the database is not empty: {many} tables. Name another, or add --force")
        wanted |= _noted(url, tables)
    with staged(url, file, alone=not in_use) as restored:
        contents = _contents(restored)
        if Store.__tablename__ not in contents.rows:
            raise Misconfigured(f"{file} is no backup of Patron's")
        erased = _brought_on(restored, cipher, sorted(wanted), unreadable=unreadable)
        return Restored(contents, current(restored), erased)


def _brought_on(url: str, cipher: Cipher, erasures: Sequence[Erased], *, unreadable: bool) -> int:
    """To this version and to who was erased since; how many were."""
    upgrade(url)
    return _forget(url, cipher, erasures, unreadable=unreadable)


def _noted(url: str, tables: Sequence[str]) -> set[Erased]:
    """Who was erased in the database that is replaced; nobody, where it is older than erasures are."""
    if "erasure" not in tables:
        return set()
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return set(noted(connection))
    finally:
        engine.dispose()


def _require_known(file: Path, revision: str | None) -> None:
    if revision is None:
        raise Misconfigured(f"{file} is no backup of Patron's")
    if revision not in known():
        raise Misconfigured(
            f"{file} is at revision {revision}, newer than this version: upgrade Patron first"
        )


def _contents(url: str) -> Contents:
    engine = unguarded_engine(url)
    try:
        with engine.connect() as connection:
            return Contents(engine.dialect.name, current(url), counted(connection))
    finally:
        engine.dispose()


def _forget(url: str, cipher: Cipher, erasures: Sequence[Erased], *, unreadable: bool) -> int:
    """Erases again. Ids that were handed out after the backup and erased are not handed out anew."""
    engine, count = open_engine(url), 0
    try:
        ids = Ids(engine)
        with engine.connect() as connection:
            stores = set(connection.scalars(select(Store.id))) & {each.store_id for each in erasures}
        if not unreadable:
            require_readable(engine, cipher, stores)
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
