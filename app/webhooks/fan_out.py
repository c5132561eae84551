"""From events to deliveries: one for each webhook that asked, in the order in which things happened."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select
from sqlalchemy.types import Integer

from app.db.ids import Ids
from app.db.reader import Reader
from app.events import ALSO_WANTED_BY, MODIFIED, Event
from app.resources.subscription import Subscription, is_active
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus, is_pending

AT_ONCE = 500
"""How many events become deliveries in one transaction."""

KIND = WebhookStatus.__tablename__

((CUSTOMER, SUBSCRIPTION),) = ALSO_WANTED_BY.items()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A delivery that is to be."""

    event: Any
    webhook_id: int
    resource_type: str
    resource_id: int
    name: str

    @property
    def group(self) -> tuple[int, str, int]:
        """Within what the order is kept: a webhook, and the resource that it is told of."""
        return self.webhook_id, self.resource_type, self.resource_id

    @property
    def delivery(self) -> str:
        """The name by which receivers know it: the same whoever makes it, and whenever."""
        is_own = self.resource_type == self.event.resource_type
        return f"{self.event.id}-{self.webhook_id}" + ("" if is_own else f"-{self.resource_id}")


class FanOut:
    """Turns a store's events into deliveries, each event once, whoever else is at it."""

    def __init__(self, engine: Engine, reader: Reader, ids: Ids) -> None:
        self._engine, self._reader, self._ids = engine, reader, ids
        self._spare: dict[int, list[int]] = {}
        here = Event.store_id == bindparam("store", type_=Integer)
        self._waiting = reader.prepare(select(Event.id).where(here).limit(AT_ONCE))

    def __call__(self, store_id: int, now: int) -> bool:
        """Does it for as many as one transaction takes; tells whether there may be more.

        :param now: seconds since 1970.
        """
        waiting = len(self._reader.run(self._waiting, {"store": store_id}))
        if not waiting:
            return False
        spare, missing = self._spare.setdefault(store_id, []), waiting
        while missing > 0:  # ids are taken before a transaction begins: it may need more than was thought
            spare.extend(self._ids.take(store_id, KIND) for _ in range(missing))
            with self._engine.connect() as connection, connection.begin() as transaction:
                events = _taken(connection, store_id)
                wanted = list(_wanted(connection, store_id, events))
                missing = len(wanted) - len(spare)
                if missing > 0:
                    transaction.rollback()
                else:
                    _insert(connection, store_id, wanted, spare, now)
        return waiting == AT_ONCE


def _taken(connection: Connection, store_id: int) -> Sequence[Any]:
    """The first events of a store, taken away; two workers wait for one another and never share one."""
    first = select(*Event.__table__.columns).where(Event.store_id == store_id)
    events = connection.execute(first.order_by(Event.sequence).limit(AT_ONCE).with_for_update()).all()
    taken = [each.id for each in events]
    if taken:
        connection.execute(delete(Event).where(Event.store_id == store_id, Event.id.in_(taken)))
    return events


def _wanted(connection: Connection, store_id: int, events: Sequence[Any]) -> Iterator[_Wanted]:
    """What is to be told: also to the webhooks of subscriptions, of customers who have active ones."""
    named = select(Webhook.id, Webhook.event_resource).where(Webhook.store_id == store_id)
    webhooks: dict[str, list[int]] = {}
    for webhook_id, resource in connection.execute(named.order_by(Webhook.id)):
        webhooks.setdefault(resource, []).append(webhook_id)
    changed = {each.resource_id for each in events if each.name == f"{CUSTOMER}/{MODIFIED}"}
    owned = _subscriptions(connection, store_id, changed if SUBSCRIPTION in webhooks else ())
    for each in events:
        for webhook_id in webhooks.get(each.resource_type, ()):
            if each.webhook_id in {None, webhook_id}:
                yield _Wanted(each, webhook_id, each.resource_type, each.resource_id, each.name)
        if each.name == f"{CUSTOMER}/{MODIFIED}":
            for subscription in owned.get(each.resource_id, ()):
                for webhook_id in webhooks[SUBSCRIPTION]:
                    name = f"{SUBSCRIPTION}/{MODIFIED}"
                    yield _Wanted(each, webhook_id, SUBSCRIPTION, subscription, name)


def _subscriptions(connection: Connection, store_id: int, owners: Iterable[int]) -> Mapping[int, list[int]]:
    """The active subscriptions of customers."""
    found: dict[int, list[int]] = {}
    owners = sorted(owners)
    if owners:
        statement = select(Subscription.customer_id, Subscription.id).where(
            Subscription.store_id == store_id,
            Subscription.customer_id.in_(owners),
            is_active(Subscription.__table__),
        )
        for owner, subscription in connection.execute(statement):
            found.setdefault(owner, []).append(subscription)
    return found


def _insert(
    connection: Connection, store_id: int, wanted: Sequence[_Wanted], spare: list[int], now: int
) -> None:
    last = _last(connection, store_id, wanted)
    rows = []
    for each in wanted:
        # behind all that waits already, whatever the clocks of several machines say, and no sooner
        before, at = last.get(each.group, (0, now))
        sequence, next_at = max(each.event.sequence, before + 1), max(at, now)
        last[each.group] = (sequence, next_at)
        rows.append(
            {
                "store_id": store_id,
                "id": spare.pop(0),
                "webhook_id": each.webhook_id,
                "resource_type": each.resource_type,
                "resource_id": each.resource_id,
                "event": each.name,
                "delivery": each.delivery,
                "sequence": sequence,
                "next_at": next_at,
                "payload": each.event.payload,
            }
        )
    if rows:
        connection.execute(insert(WebhookStatus), rows)


def _last(
    connection: Connection, store_id: int, wanted: Sequence[_Wanted]
) -> dict[tuple[int, str, int], tuple[int, int]]:
    """The largest sequence that waits in each group, so far as anything does, and until when."""
    columns = (WebhookStatus.webhook_id, WebhookStatus.resource_type, WebhookStatus.resource_id)
    statement = (
        select(*columns, func.max(WebhookStatus.sequence), func.max(WebhookStatus.next_at))
        .where(
            WebhookStatus.store_id == store_id,
            is_pending(WebhookStatus.__table__),
            WebhookStatus.webhook_id.in_(sorted({each.webhook_id for each in wanted})),
            WebhookStatus.resource_type.in_(sorted({each.resource_type for each in wanted})),
            WebhookStatus.resource_id.in_(sorted({each.resource_id for each in wanted})),
        )
        .group_by(*columns)
    )
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in connection.execute(statement)}
