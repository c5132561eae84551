"""The secret key is changed: what other keys have encrypted is encrypted with the first one.

Servers go on meanwhile. A value is written only where it is still the one that was read, and the row's
version stays: what clients see is what they saw.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, bindparam, or_, select, tuple_, update

from app.config import Misconfigured
from app.db.tables import Base, is_global
from app.db.types import Ciphertext
from app.encryption import Cipher, Unreadable
from app.idempotency import IdempotencyKey
from app.keeping.persons import IMPORTED
from app.resources.store import Store

assert IMPORTED

AT_ONCE = 200
"""How many rows are written in one transaction."""


@dataclass(slots=True)
class Rotated:
    """By column, how many values were encrypted anew, and how many none of the keys can read."""

    anew: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)

    def require_readable(self, otherwise: str = "") -> None:
        """Refuses where something could not be read.

        :raises Misconfigured: saying where, and what to do.
        """
        if self.unreadable:
            left = ", ".join(f"{count} in {column}" for column, count in sorted(self.unreadable.items()))
            raise Misconfigured(
                f"none of the keys can read: {left}. Add theirs to PATRON_OTHER_SECRET_KEYS{otherwise}"
            )


def encrypted() -> dict[Table, list[str]]:
    """The tables that hold what is encrypted, and in which columns."""
    found = {
        table: [each.name for each in table.columns if isinstance(each.type, Ciphertext)]
        for table in Base.metadata.sorted_tables
    }
    kept: Any = IdempotencyKey.__table__
    return {table: names for table, names in {**found, kept: ["answer"]}.items() if names}


def require_readable(engine: Engine, cipher: Cipher, stores: Collection[int]) -> None:
    """Refuses where these stores have something that none of the keys can read.

    :raises Misconfigured: saying where, and what to do.
    """
    rotate(engine, cipher, dry=True, only=stores).require_readable(", or add --forget-unreadable")


def rotate(
    engine: Engine, cipher: Cipher, *, dry: bool = False, only: Collection[int] | None = None
) -> Rotated:
    """Encrypts all values anew that the first key has not made. It may be cut off, and run again.

    :param dry: only counts them.
    :param only: of these stores, where given.
    """
    done = Rotated()
    with engine.connect() as connection:
        found = connection.scalars(select(Store.id).order_by(Store.id)).all()
    stores = [each for each in found if only is None or each in only]
    for table, names in encrypted().items():
        assert not is_global(table)
        for store_id in stores:
            for page in _pages(engine, table, names, store_id):
                changes = list(_changes(table, names, page, cipher, done))
                if changes and not dry:
                    with engine.begin() as connection:
                        for name, rows in changes:
                            _write(connection, table, name, store_id, rows)
    return done


def _pages(engine: Engine, table: Table, names: Sequence[str], store_id: int) -> Iterator[Sequence[Any]]:
    """The rows that have something encrypted, so many at once, in the order of their keys."""
    keys = [each for each in table.primary_key.columns if each.name != "store_id"]
    some = or_(*(table.c[name].is_not(None) for name in names))
    columns = select(*keys, *(table.c[name] for name in names)).where(table.c.store_id == store_id, some)
    after: list[ColumnElement[bool]] = []
    while True:
        with engine.connect() as connection:
            found = connection.execute(columns.where(*after).order_by(*keys).limit(AT_ONCE)).all()
        if found:
            yield found
        if len(found) < AT_ONCE:
            return
        after = [tuple_(*keys) > tuple_(*found[-1][: len(keys)])]


def _changes(
    table: Table, names: Sequence[str], page: Sequence[Any], cipher: Cipher, done: Rotated
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    keys = [each.name for each in table.primary_key.columns if each.name != "store_id"]
    for name in names:
        column = f"{table.name}.{name}"
        rows: list[Mapping[str, Any]] = []
        for row in page:
            stored = getattr(row, name)
            try:
                anew = cipher.encrypted_anew(stored) if stored else None
            except Unreadable:
                done.unreadable[column] = done.unreadable.get(column, 0) + 1
                continue
            if anew is not None:
                done.anew[column] = done.anew.get(column, 0) + 1
                of = {f"of_{key}": getattr(row, key) for key in keys}
                rows.append({**of, "stored_so_far": stored, "stored_anew": anew})
        if rows:
            yield name, rows


def _write(
    connection: Connection, table: Table, name: str, store_id: int, rows: Sequence[Mapping[str, Any]]
) -> None:
    keys = [each for each in table.primary_key.columns if each.name != "store_id"]
    same = (
        table.c[name] == bindparam("stored_so_far"),
        *(key == bindparam(f"of_{key.name}") for key in keys),
    )
    anew = update(table).where(table.c.store_id == store_id, *same).values({name: bindparam("stored_anew")})
    connection.execute(anew, list(rows))
