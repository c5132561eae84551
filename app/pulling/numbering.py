"""Addresses and attributes keep the ids that they had elsewhere, where no other has them here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, select, update

from app.db.ids import Ids, is_id
from app.db.tables import StoreRow
from app.pulling.documents import Document
from app.resources.attribute import Attribute
from app.resources.customer_address import CustomerAddress

Named = tuple[Any, ...]

KINDS: Mapping[str, tuple[type[StoreRow], tuple[str, ...]]] = {
    "customer_addresses": (CustomerAddress, ("customer_id", "address_name")),
    "attributes": (Attribute, ("customer_id", "name", "visibility")),
}
"""By what those of a customer are embedded, and what they are told apart by."""


def keep_ids(engine: Engine, store_id: int, ids: Ids, owners: Iterable[tuple[int, Document]]) -> None:
    """Gives what belongs to some customers its ids back.

    :param owners: the id of each customer here, and the document that was taken.
    """
    several = list(owners)
    for name, (row, keys) in KINDS.items():
        table = row.__table__
        assert isinstance(table, Table)
        wanted = dict(_wanted(several, name, keys))
        if not wanted:
            continue
        with engine.connect() as connection:
            moved = _moved(connection, table, store_id, keys, wanted)
        if moved:
            ids.reserve(store_id, row.__tablename__, *moved.values())
            _move(engine, table, store_id, moved)


def _wanted(
    owners: Sequence[tuple[int, Document]], name: str, keys: tuple[str, ...]
) -> Iterator[tuple[Named, int]]:
    for owner_id, document in owners:
        for part in document.values["_embedded"].get(name, ()):
            own_id = part.get("id")
            if is_id(own_id):
                yield (owner_id, *(part.get(key) for key in keys[1:])), own_id


def _moved(
    connection: Connection, table: Table, store_id: int, keys: tuple[str, ...], wanted: Mapping[Named, int]
) -> dict[int, int]:
    """From the ids that rows have to those that they are to have."""
    own = select(table.c.id, *(table.c[key] for key in keys)).where(table.c.store_id == store_id)
    theirs = own.where(table.c.customer_id.in_({named[0] for named in wanted}))
    here = {tuple(named): row_id for row_id, *named in connection.execute(theirs)}
    moving = {here[named]: own_id for named, own_id in wanted.items() if here.get(named, own_id) != own_id}
    taken = set(connection.scalars(select(table.c.id).where(
        table.c.store_id == store_id, table.c.id.in_(moving.values())
    )))  # fmt: skip
    while stuck := {was for was, will in moving.items() if will in taken and will not in moving}:
        moving = {was: will for was, will in moving.items() if was not in stuck}
    return moving


def _move(engine: Engine, table: Table, store_id: int, moved: Mapping[int, int]) -> None:
    """Through numbers that no row has: some are to have what others have now."""
    own = table.c.store_id == store_id
    this = update(table).where(own, table.c.id == bindparam("was")).values(id=bindparam("will"))
    with engine.begin() as connection:
        connection.execute(this, [{"was": was, "will": -will} for was, will in moved.items()])
        connection.execute(this, [{"was": -will, "will": will} for will in moved.values()])
