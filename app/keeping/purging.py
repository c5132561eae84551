"""What has ended and is needed no more is deleted, little by little, so that nobody who writes waits for it.

Each table that grows has a rule here, or belongs to rows whose deletion takes its rows along, or stands
below with the reason why it is kept.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, delete, select, tuple_

from app.auth.grants import ENDED_KEPT
from app.auth.tokens import ACCESS, REFRESH, AuthorizationCode, Token
from app.db.expressions import lowest
from app.delays import SignInFailure
from app.events.states import FAILED, SUCCESSFUL
from app.idempotency import KEPT_SECONDS, IdempotencyKey
from app.portal.sessions import CustomerSession
from app.resources.client import Client
from app.resources.store import Store
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus

AT_ONCE = 500
"""How many rows are deleted in one transaction."""

DAY = 24 * 60 * 60
USED_CODES_KEPT = 30 * DAY
"""A code that comes a second time ends what it was exchanged for; nobody sends one later than that."""

USERS = 0
"""The store under which failed sign-ins of users stand."""

Condition = ColumnElement[bool]

KEPT: Mapping[str, str] = {
    "store": "the operator makes and deletes them",
    "client": "the operator and sandboxes make them",
    "user": "clients make them, for people",
    "api_key": "operators make them by hand; what was revoked is listed",
    "id_block": "one row for each kind in each store",
    "tally": "one row for each kind in each store",
    "event": "workers empty it",
    "customer": "the shop's; `patron erase` erases them",
    "webhook": "the shop's",
    "customer_portal_settings": "one row for each store",
    "transaction": "the shop's books",
    "transaction_template": "the shop's books: it is of a subscription",
    "subscription": "the shop's books",
    "erasure": "two numbers for each: a backup may be restored at any time",
}
"""The tables that are not purged, and whose rows go with no others, with the reason."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rows of a table have ended: by one of its indexes, for each of its heads.

    `heads` are those that an index begins with, for each of which there is one; `ended` is what holds of
    rows of such a head, ordered by `by`, given the seconds since 1970 and the days that deliveries are kept.
    """

    name: str
    row: type[Any]
    heads: Callable[[Engine], Iterator[Sequence[Condition]]]
    ended: Callable[[int, int], Sequence[Condition]]
    by: Any


def rules() -> tuple[Rule, ...]:
    """All of them."""
    return (
        *_of_access(),
        Rule(
            "idempotency keys",
            IdempotencyKey,
            _of_stores(IdempotencyKey),
            lambda now, _: (IdempotencyKey.claimed_at < now - KEPT_SECONDS,),
            IdempotencyKey.claimed_at,
        ),
        Rule(
            "failed sign-ins",
            SignInFailure,
            _of_stores(SignInFailure, USERS),
            lambda now, _: (SignInFailure.kept_until < 1000 * now,),
            SignInFailure.kept_until,
        ),
        Rule("deliveries", WebhookStatus, _of_webhooks(WebhookStatus), _told, _walk(WebhookStatus)),
        Rule("webhook logs", WebhookLog, _of_webhooks(WebhookLog), _logged, _walk(WebhookLog)),
    )


def _of_access() -> tuple[Rule, ...]:
    """What proves who asks, and has ended."""
    return (
        Rule("access tokens", Token, _of_clients(Token, ACCESS), _expired(Token), Token.expires_at),
        Rule("refresh tokens", Token, _of_clients(Token, REFRESH), _expired(Token), Token.expires_at),
        Rule(
            "authorization codes",
            AuthorizationCode,
            _of_clients(AuthorizationCode),
            lambda now, _: (
                AuthorizationCode.used_at.is_(None),
                AuthorizationCode.expires_at < now - ENDED_KEPT,
            ),
            AuthorizationCode.expires_at,
        ),
        Rule(
            "used authorization codes",
            AuthorizationCode,
            _of_clients(AuthorizationCode),
            lambda now, _: (AuthorizationCode.used_at < now - USED_CODES_KEPT,),
            AuthorizationCode.used_at,
        ),
        Rule(
            "sessions",
            CustomerSession,
            _of_stores(CustomerSession),
            lambda now, _: (CustomerSession.expires_at < now,),
            CustomerSession.expires_at,
        ),
    )


def purge(
    engine: Engine, days: int, now: int | None = None, *, go_on: Callable[[], bool] = lambda: True
) -> dict[str, int]:
    """Deletes what has ended; tells by rule how many rows that were.

    :param days: for how many days deliveries and logs are kept.
    :param go_on: asked between transactions: whether to go on.
    """
    moment = int(time.time()) if now is None else now
    counted: dict[str, int] = {}
    for rule in rules():
        for head in rule.heads(engine):
            ended = (*head, *rule.ended(moment, days))
            while go_on():
                with engine.begin() as connection:
                    count = connection.execute(deleting(rule, ended, engine.dialect.name)).rowcount
                counted[rule.name] = counted.get(rule.name, 0) + count
                if count < AT_ONCE:
                    break
    return {name: count for name, count in counted.items() if count}


def deleting(rule: Rule, ended: Sequence[Condition], dialect: str) -> Any:
    """Deletes the first of a rule's rows. What another worker is deleting is passed over.

    On PostgreSQL they are chosen in a common table expression, once: a subquery it may run again and again,
    each time with other rows that are not locked yet. SQLite runs that once, and counts none behind a WITH.
    """
    table: Table = rule.row.__table__
    key = list(table.primary_key.columns)
    some: Any = select(*key).where(*ended).order_by(rule.by).limit(AT_ONCE)
    if dialect == "postgresql":
        some = select(*some.with_for_update(skip_locked=True).cte("chosen").c)
    named = key[0] if len(key) == 1 else tuple_(*key)
    return delete(table).where(named.in_(some), *(each for each in ended if _names_store(each)))


def _names_store(condition: Any) -> bool:
    return getattr(getattr(condition, "left", None), "name", "") == "store_id"


def _of_clients(row: Any, kind: str | None = None) -> Callable[[Engine], Iterator[Sequence[Condition]]]:
    """One head for each client; of tokens, also for those of none."""

    def heads(engine: Engine) -> Iterator[Sequence[Condition]]:
        with engine.connect() as connection:
            clients = connection.scalars(select(Client.id).order_by(Client.id)).all()
        if kind is None:
            yield from ((row.client_row == each,) for each in clients)
        else:
            yield from ((row.client_row == each, row.kind == kind) for each in clients)
            yield row.client_row.is_(None), row.kind == kind

    return heads


def _of_stores(row: Any, *further: int) -> Callable[[Engine], Iterator[Sequence[Condition]]]:
    def heads(engine: Engine) -> Iterator[Sequence[Condition]]:
        yield from ((row.store_id == each,) for each in (*_stores(engine), *further))

    return heads


def _of_webhooks(row: Any) -> Callable[[Engine], Iterator[Sequence[Condition]]]:
    def heads(engine: Engine) -> Iterator[Sequence[Condition]]:
        for store_id in _stores(engine):
            with engine.connect() as connection:
                mine = select(Webhook.id).where(Webhook.store_id == store_id).order_by(Webhook.id)
                webhooks = connection.scalars(mine).all()
            yield from ((row.store_id == store_id, row.webhook_id == each) for each in webhooks)

    return heads


def _stores(engine: Engine) -> Sequence[int]:
    with engine.connect() as connection:
        return connection.scalars(select(Store.id).order_by(Store.id)).all()


def _expired(row: Any) -> Callable[[int, int], Sequence[Condition]]:
    return lambda now, _: (row.expires_at < now - ENDED_KEPT,)


def _told(now: int, days: int) -> Sequence[Condition]:
    """Not what is pending: its webhook may be switched on again."""
    return *_logged_before(WebhookStatus, now, days), WebhookStatus.status.in_([SUCCESSFUL, FAILED])


def _logged(now: int, days: int) -> Sequence[Condition]:
    return _logged_before(WebhookLog, now, days)


def _logged_before(row: Any, now: int, days: int) -> tuple[Condition, ...]:
    before = datetime.fromtimestamp(now - days * DAY, UTC)
    return (_walk(row) < before,)


def _walk(row: Any) -> Any:
    """The date of a row as an index holds it."""
    return lowest(row.__table__.c.date_created)
