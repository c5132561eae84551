"""The outbox: where events wait for a worker, and how they come there."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Insert,
    Integer,
    String,
    Text,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.prepared import Prepared, compiler_of, prepare, write
from app.db.tables import Base

ALSO_WANTED_BY: Mapping[str, str] = {"customer": "subscription"}
"""Whose webhooks besides its own want to hear of a resource: a change of a customer is one of the
subscriptions that they have."""


class Event(Base):
    """Something that happened and that no worker has looked at yet: the outbox.

    `sequence` orders the events of one resource that wait here. It is counted after the change has been
    written, while the resource is locked; what waits no more is not looked at. One for a single webhook
    names it; what is gone when the worker comes brings its `payload`. `happened_at` is in seconds since 1970.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_of_resource", "store_id", "resource_type", "resource_id", "sequence"),
        {"sqlite_with_rowid": False},
    )

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    resource_type: Mapped[str] = mapped_column(String(20))
    resource_id: Mapped[int]
    sequence: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(40))
    webhook_id: Mapped[int | None]
    payload: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Told:
    """An event, perhaps for one webhook alone, and perhaps with what it is told."""

    resource: str
    row_id: int
    done: str
    webhook_id: int | None = None
    payload: str | None = field(default=None, repr=False)


def put(session: Session, store_id: int, happened: Iterable[Told]) -> int:
    """Writes events in the transaction of a session, and tells how many: those that a webhook could want."""
    recording = _prepared(session.get_bind().dialect.name)
    return write(session, recording, [_values(store_id, each) for each in happened])


def _values(store_id: int, each: Told) -> dict[str, Any]:
    now = time.time_ns()
    return {
        "store": store_id,
        "event": uuid4().hex,
        "resource": each.resource,
        "also": ALSO_WANTED_BY.get(each.resource, each.resource),
        "row": each.row_id,
        "clock": now // 1_000,
        "name": f"{each.resource}/{each.done}",
        "webhook": each.webhook_id,
        "payload": each.payload,
        "seconds": now // 1_000_000_000,
    }


@lru_cache(maxsize=2)
def _prepared(dialect: str) -> Prepared:
    """The statement as text: to find it among SQLAlchemy's costs more than to run it."""
    return prepare(_recording(), compiler_of(dialect))


def _recording() -> Insert:
    """Inserts an event where a webhook of the store could want it."""
    webhook = Base.metadata.tables["webhook"]
    store = bindparam("store", type_=Integer)
    resource, row = bindparam("resource", type_=String), bindparam("row", type_=Integer)
    clock = bindparam("clock", type_=BigInteger)
    after = func.max(case((Event.sequence >= clock, Event.sequence + 1)))
    waiting = (Event.store_id == store, Event.resource_type == resource, Event.resource_id == row)
    wanted = (
        webhook.c.store_id == store,
        webhook.c.event_resource.in_([resource, bindparam("also", type_=String)]),
    )
    values: dict[str, ColumnElement[Any]] = {
        "store_id": store,
        "id": bindparam("event", type_=String),
        "resource_type": resource,
        "resource_id": row,
        "sequence": func.coalesce(select(after).where(*waiting).scalar_subquery(), clock),
        "name": bindparam("name", type_=String),
        "webhook_id": bindparam("webhook", type_=Integer),
        "payload": bindparam("payload", type_=Text),
        "happened_at": bindparam("seconds", type_=BigInteger),
    }
    found = select(*values.values()).where(exists(select(literal(1)).where(*wanted)))
    return insert(Event).from_select(list(values), found)
