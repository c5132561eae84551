"""What came of attempts, written down: the delivery's state, a line of its log, the webhook's health."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Table,
    bindparam,
    case,
    insert,
    select,
    update,
)
from sqlalchemy.types import Integer, String

from app.db.ids import Ids
from app.db.tables import now as this_second
from app.events.states import FAILED, PENDING, SUCCESSFUL
from app.operations.metrics import ATTEMPTS
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus, is_pending
from app.webhooks.claims import Delivery
from app.webhooks.schedule import LAST, gap_after
from app.webhooks.sending import Answer

log = structlog.get_logger()

EXHAUSTED = 12
"""How many deliveries in a row may be given up before a webhook is switched off."""

MOST_KEPT = 1000
"""How many characters of an answer the log keeps."""

GONE = "gone"
"""What is said of a delivery whose resource is there no more, and that had nothing frozen to tell."""

SPOILT = "spoilt"
"""What is said of a delivery whose frozen payload cannot be read: it will be no better the next time."""

_HOPELESS = frozenset({GONE, SPOILT})
"""What is not tried again, and is no fault of a receiver."""

_STATUS: Table = WebhookStatus.__table__  # type: ignore[assignment] # tables they are
_WEBHOOK: Table = Webhook.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt; None for the answer where it was not made."""

    delivery: Delivery
    lease: str
    answer: Answer | None
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken it."""
        return self.answer is not None and self.answer.is_success


@dataclass(frozen=True, slots=True)
class _Judged:
    """An outcome, and what follows from it."""

    outcome: Outcome
    status: str
    next_at: int

    @property
    def is_given_up(self) -> bool:
        """Whether the receiver could not be told, however often it was tried."""
        answer = self.outcome.answer
        return self.status == FAILED and answer is not None and answer.code not in _HOPELESS


class Results:
    """Writes down what came of attempts."""

    def __init__(self, engine: Engine, ids: Ids) -> None:
        self._engine, self._ids = engine, ids

    def record(self, store_id: int, outcomes: Sequence[Outcome], now: int) -> None:
        """Writes down, in one transaction, what came of attempts of one store.

        :param now: seconds since 1970.
        """
        judged = [_judge(each, now) for each in sorted(outcomes, key=lambda each: each.delivery.id)]
        logs = [self._ids.take(store_id, WebhookLog.__tablename__) for _ in judged]
        with self._engine.begin() as connection:
            there = _there(connection, store_id, {each.outcome.delivery.webhook_id for each in judged})
            held = _held(connection, store_id, judged)
            judged = [
                each
                for each in judged
                if each.outcome.delivery.webhook_id in there
                and held.get(each.outcome.delivery.id) == each.outcome.lease
            ]
            if not judged:
                return
            _settle(connection, store_id, judged)
            _put_off_those_behind(connection, store_id, judged)
            connection.execute(insert(WebhookLog), list(_lines(store_id, judged, logs)))
            off = list(_count(connection, store_id, judged))
        for each in judged:
            ATTEMPTS.labels(each.status).inc()
        for webhook_id in off:
            log.error(
                "webhook_switched_off",
                store_id=store_id,
                webhook_id=webhook_id,
                remedy="mend its receiver, then set is_active to 1: what waits is told then",
            )


def _judge(outcome: Outcome, now: int) -> _Judged:
    answer = outcome.answer
    assert answer is not None
    if answer.is_success:
        return _Judged(outcome, SUCCESSFUL, now)
    last = (outcome.delivery.begun_at or now) + LAST
    gap = None if answer.code in _HOPELESS else gap_after(outcome.delivery.attempts + 1, answer.retry_after)
    if gap is None or now >= last:
        return _Judged(outcome, FAILED, now)
    return _Judged(outcome, PENDING, min(now + gap, last))


def _there(connection: Connection, store_id: int, webhooks: set[int]) -> set[int]:
    """Those of the webhooks that have not been deleted meanwhile; nobody deletes them before the commit."""
    named = select(Webhook.id).where(Webhook.store_id == store_id, Webhook.id.in_(sorted(webhooks)))
    return set(connection.scalars(named.order_by(Webhook.id).with_for_update(read=True, key_share=True)))


def _held(connection: Connection, store_id: int, judged: Sequence[_Judged]) -> dict[int, str | None]:
    """By whom deliveries are claimed now: where it is another, what it does counts, not this worker's."""
    ids = [each.outcome.delivery.id for each in judged]
    mine = select(_STATUS.c.id, _STATUS.c.lease).where(_STATUS.c.store_id == store_id, _STATUS.c.id.in_(ids))
    return {row.id: row.lease for row in connection.execute(mine)}


def _settle(connection: Connection, store_id: int, judged: Sequence[_Judged]) -> None:
    """Sets the state of those whose lease is still this worker's: it may have run out just now."""
    status = bindparam("said", type_=String)
    statement = (
        update(_STATUS)
        .where(
            _STATUS.c.store_id == store_id,
            _STATUS.c.id == bindparam("of", type_=Integer),
            _STATUS.c.lease == bindparam("held", type_=String),
        )
        .values(
            status=status,
            attempts=_STATUS.c.attempts + 1,
            next_at=bindparam("next", type_=BigInteger),
            payload=case((status == SUCCESSFUL, None), else_=_STATUS.c.payload),
            lease=None,
            lease_until=0,
            version=_STATUS.c.version + 1,
            date_modified=this_second(),
        )
    )
    rows = [
        {
            "of": each.outcome.delivery.id,
            "held": each.outcome.lease,
            "said": each.status,
            "next": each.next_at,
        }
        for each in judged
    ]
    connection.execute(statement, rows)


def _put_off_those_behind(connection: Connection, store_id: int, judged: Sequence[_Judged]) -> None:
    """Lets those that wait for one that is tried again be looked at no sooner than that."""
    rows = [
        {
            "webhook": each.outcome.delivery.webhook_id,
            "type": each.outcome.delivery.resource_type,
            "resource": each.outcome.delivery.resource_id,
            "next": each.next_at,
        }
        for each in judged
        if each.status == PENDING
    ]
    if not rows:
        return
    statement = (
        update(_STATUS)
        .where(
            _STATUS.c.store_id == store_id,
            _STATUS.c.webhook_id == bindparam("webhook", type_=Integer),
            _STATUS.c.resource_type == bindparam("type", type_=String),
            _STATUS.c.resource_id == bindparam("resource", type_=Integer),
            is_pending(_STATUS),
            _STATUS.c.next_at < bindparam("next", type_=BigInteger),
        )
        .values(next_at=bindparam("next", type_=BigInteger))
    )
    connection.execute(statement, rows)


def _lines(store_id: int, judged: Sequence[_Judged], ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    for each, line in zip(judged, ids, strict=False):
        delivery, answer = each.outcome.delivery, each.outcome.answer
        assert answer is not None
        yield {
            "store_id": store_id,
            "id": line,
            "webhook_id": delivery.webhook_id,
            "resource_type": delivery.resource_type,
            "resource_id": delivery.resource_id,
            "delivery": delivery.delivery,
            "response_code": answer.code,
            "response_body": _kept(answer.body),
        }


def _kept(body: str) -> str:
    """The beginning of an answer, without what neither PostgreSQL nor XML can hold."""
    return "".join(each if each.isprintable() or each in "\t\n\r" else "\ufffd" for each in body[:MOST_KEPT])


def _count(connection: Connection, store_id: int, judged: Sequence[_Judged]) -> Iterator[int]:
    """Counts for each webhook what was given up in a row; those that are switched off for it."""
    heard = {each.outcome.delivery.webhook_id for each in judged if each.status == SUCCESSFUL}
    given_up = Counter(each.outcome.delivery.webhook_id for each in judged if each.is_given_up)
    for webhook_id in sorted(heard):
        here = (_WEBHOOK.c.store_id == store_id, _WEBHOOK.c.id == webhook_id)
        connection.execute(update(_WEBHOOK).where(*here, _WEBHOOK.c.exhausted > 0).values(exhausted=0))
    for webhook_id, more in sorted(given_up.items()):
        here = (_WEBHOOK.c.store_id == store_id, _WEBHOOK.c.id == webhook_id)
        counted = _WEBHOOK.c.exhausted + more
        connection.execute(update(_WEBHOOK).where(*here).values(exhausted=counted))
        too_many = (*here, _WEBHOOK.c.exhausted >= EXHAUSTED, _WEBHOOK.c.is_active == 1)
        off = {"is_active": 0, "version": _WEBHOOK.c.version + 1, "date_modified": this_second()}
        if connection.execute(update(_WEBHOOK).where(*too_many).values(**off)).rowcount:
            yield webhook_id
