"""Which deliveries are due, and who tells them: a claim is a lease, so that a worker may die of it.

The next to be told of a resource to a webhook is the earliest that is pending. While that waits for its
next attempt, those behind it wait too.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    FromClause,
    Integer,
    Select,
    Table,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from app.db.reader import Reader
from app.encryption import Cipher
from app.events import Event
from app.resources.store import Store
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus, is_pending

LEASE_SECONDS = 60
"""How long a worker has for what it has claimed: then another may tell it."""

_STORE = bindparam("store", type_=Integer)
_NOW = bindparam("now", type_=BigInteger)
_STATUS: Table = WebhookStatus.__table__  # type: ignore[assignment] # a table it is


@dataclass(frozen=True, slots=True)
class Delivery:
    """One that is due. `payload` is what was sent before, or is sent for something that is gone; it was
    first tried when it was `begun_at`, in seconds since 1970.
    """

    store_id: int
    id: int
    webhook_id: int
    resource_type: str
    resource_id: int
    event: str
    delivery: str
    attempts: int
    begun_at: int | None
    payload: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receiver:
    """An active webhook. Its key is None where it cannot be read."""

    id: int
    url: str | None
    query: str | None
    key: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """What this worker tells until the lease runs out."""

    lease: str
    ids: frozenset[int]
    made_at: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """How many seconds ago it was made."""
        return time.monotonic() - self.made_at


class Claims:
    """What is due in a store, and the claims that are made on it."""

    def __init__(self, engine: Engine, reader: Reader, cipher: Cipher) -> None:
        self._engine, self._reader, self._cipher = engine, reader, cipher
        self._store = reader.prepare(select(Store.store_domain, Store.timezone).where(Store.id == _STORE))
        self._stores = reader.prepare(select(Store.id))
        self._webhooks = reader.prepare(
            select(Webhook.id, Webhook.url, Webhook.query, Webhook.encryption_key)
            .where(Webhook.store_id == _STORE, Webhook.is_active == 1)
            .order_by(Webhook.id)
        )
        self._due = reader.prepare(_due())
        self._anything = reader.prepare(_anything())

    def stores(self) -> list[int]:
        """The ids of all stores."""
        return [row[0] for row in self._reader.run(self._stores, {})]

    def store(self, store_id: int) -> tuple[str, str] | None:
        """The domain and the timezone of a store; None where there is no such store."""
        rows = self._reader.run(self._store, {"store": store_id})
        return (rows[0][0], rows[0][1]) if rows else None

    def receivers(self, store_id: int) -> list[Receiver]:
        """The active webhooks of a store."""
        rows = self._reader.run(self._webhooks, {"store": store_id})
        return [Receiver(row[0], row[1], row[2], self._cipher.decrypt(row[3])) for row in rows]

    def is_anything_due(self, store_id: int, now: int) -> bool:
        """Whether a store has events that wait, or deliveries that an active webhook should be told."""
        return bool(self._reader.run(self._anything, {"store": store_id, "now": now})[0][0])

    def due(self, store_id: int, webhook_id: int, most: int, now: int) -> list[Delivery]:
        """What a webhook should be told now: of each resource the earliest, unless that has to wait."""
        values = {"store": store_id, "webhook": webhook_id, "now": now, "most": most}
        return [Delivery(store_id, *row) for row in self._reader.run(self._due, values)]

    def claim(self, store_id: int, wanted: Iterable[tuple[Delivery, str | None]], now: int) -> Claim:
        """Claims deliveries that were seen to be due, each with what it is told by from now on.

        It has those of which nobody else was quicker, neither to claim nor to try: each try is counted, so
        one that has been tried as often as it was seen to be is due still. No more is asked, or PostgreSQL
        looks for them among all that are pending.
        """
        lease = uuid4().hex
        here = (_STATUS.c.store_id == store_id, _STATUS.c.id == bindparam("of"))
        claiming = (
            update(_STATUS)
            .where(*here, _is_free(_STATUS), _STATUS.c.attempts == bindparam("tried"))
            .values(lease=lease, lease_until=now + LEASE_SECONDS, payload=bindparam("payload"))
            .values(begun_at=func.coalesce(_STATUS.c.begun_at, now))
        )
        rows = [
            {"of": each.id, "tried": each.attempts, "payload": payload, "now": now}
            for each, payload in sorted(wanted, key=_first)
        ]
        mine = select(_STATUS.c.id).where(
            _STATUS.c.store_id == store_id,
            _STATUS.c.id.in_([row["of"] for row in rows]),
            _STATUS.c.lease == lease,
        )
        with self._engine.begin() as connection:
            connection.execute(claiming, rows)
            return Claim(lease, frozenset(connection.scalars(mine)))

    def release(self, store_id: int, lease: str, ids: Iterable[int]) -> None:
        """Gives back what has not been tried: another may tell it at once."""
        mine = (_STATUS.c.store_id == store_id, _STATUS.c.id.in_(sorted(ids)), _STATUS.c.lease == lease)
        with self._engine.begin() as connection:
            connection.execute(update(_STATUS).where(*mine).values(lease=None, lease_until=0))


def _first(pair: tuple[Delivery, str | None]) -> int:
    """Rows are locked in one order by all, so that nobody waits for ever."""
    return pair[0].id


def _is_free(table: FromClause) -> ColumnElement[bool]:
    """Whether nobody has claimed it; a lease that ends too far ahead was made while a clock was wrong."""
    return or_(table.c.lease_until <= _NOW, table.c.lease_until > _NOW + LEASE_SECONDS)


def _due() -> Any:
    status, earlier = _STATUS.alias("due"), _STATUS.alias("earlier")
    names = (
        "id", "webhook_id", "resource_type", "resource_id", "event", "delivery", "attempts", "begun_at",
        "payload",
    )  # fmt: skip
    of_group = [earlier.c[name] == status.c[name] for name in ("webhook_id", "resource_type", "resource_id")]
    is_blocked = exists(
        select(literal_column("1"))
        .select_from(earlier)
        .with_hint(earlier, "INDEXED BY ix_webhook_status_in_order", "sqlite")
        .where(
            earlier.c.store_id == _STORE,
            status.c.store_id == _STORE,
            *of_group,
            is_pending(earlier),
            tuple_(earlier.c.sequence, earlier.c.id) < tuple_(status.c.sequence, status.c.id),
        )
        .correlate(status)
    )
    return (
        select(*(status.c[name] for name in names))
        .with_hint(status, "INDEXED BY ix_webhook_status_due", "sqlite")
        .where(
            status.c.store_id == _STORE,
            status.c.webhook_id == bindparam("webhook", type_=Integer),
            is_pending(status),
            status.c.next_at <= _NOW,
            _is_free(status),
            ~is_blocked,
        )
        .order_by(status.c.next_at)
        .limit(bindparam("most", type_=Integer))
    )


def _anything() -> Any:
    events: Select[Any] = select(literal_column("1")).select_from(Event).where(Event.store_id == _STORE)
    due: Select[Any] = (
        select(literal_column("1"))
        .select_from(_STATUS)
        .with_hint(_STATUS, "INDEXED BY ix_webhook_status_due", "sqlite")
        .where(
            _STATUS.c.store_id == _STORE,
            Webhook.store_id == _STORE,
            _STATUS.c.webhook_id == Webhook.id,
            is_pending(_STATUS),
            _STATUS.c.next_at <= _NOW,
            _is_free(_STATUS),
        )
        .correlate(Webhook)
    )
    active: Select[Any] = (
        select(literal_column("1"))
        .select_from(Webhook)
        .where(Webhook.store_id == _STORE, Webhook.is_active == 1, exists(due))
    )
    return select(or_(exists(events), exists(active)))
