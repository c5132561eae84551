"""A row that has been read, made one of a session's without being read again.

It was read by the compiled path a moment ago. Its version, which every UPDATE names, tells whether it still
is as it was: a second SELECT, through the ORM, would cost more than all else that a PATCH does.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from app.db.lapsing import UNTIL
from app.db.tables import ROW_VERSION, Base, StoreRow
from app.db.types import Ciphertext
from app.hypermedia import ResourceType
from app.reading import Caller
from app.schema import column_of, declared, secrets
from app.writing.joint import current
from app.writing.writer import loaded


def reattached(
    session: Session, resource_type: ResourceType, caller: Caller, seen: Mapping[str, Any]
) -> Base:
    """The row as it was seen, to be changed. What is not known of it is read when it is asked for.

    :param seen: its values by name, as they are shown.
    :raises Raced: where a transaction of several writes has changed or deleted it. Of others' changes the
        flush tells, by a `StaleDataError`.
    """
    if current() is not None:  # which may have the row already
        return loaded(session, resource_type, caller, seen)
    row_type: Any = resource_type.row
    known = {name: seen[name] for name in _plain(resource_type) if name in seen}
    if issubclass(row_type, StoreRow):
        known["store_id"] = caller.store_id
    row: Base = row_type()
    instance_dict(row).update(known, version=seen[ROW_VERSION])
    make_transient_to_detached(row)
    session.add(row)
    return row


@lru_cache(maxsize=128)
def _plain(resource_type: ResourceType) -> tuple[str, ...]:
    """The columns that are shown as they are stored, to whoever may write."""
    schema, columns = resource_type.schema, resource_type.table.c
    apart = {"store_id", "version"} | secrets(schema)
    shown = {name for name in declared(schema) if column_of(schema, name) != name}
    return tuple(
        str(each.name)
        for each in columns
        if isinstance(each.type, String | Integer | Boolean)
        and not isinstance(each.type, Ciphertext)
        and UNTIL not in each.info
        and str(each.name) not in apart | shown
    )
