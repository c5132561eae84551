"""A person is erased: what is about them goes, and of what the shop must keep, whatever tells who it was.

All of it is one transaction. The customers are locked first, so nothing is written for them meanwhile.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select, update

from app.audit import audit
from app.config import Misconfigured
from app.db.sessions import StoreSession, store_session
from app.db.tables import Base, now
from app.delays import SignInFailure
from app.encryption import Cipher
from app.events import DELETED, Event, note_deletion
from app.events.states import PENDING
from app.keeping import answers
from app.keeping.erasure import note
from app.keeping.personal_data import failures
from app.keeping.persons import Person, about, find, tables
from app.resources.customer import Customer
from app.resources.item import Item
from app.resources.subscription import Subscription, is_active
from app.resources.transaction import Transaction
from app.resources.transaction_template import TransactionTemplate
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus
from app.webhooks.claims import LEASE_SECONDS
from app.writing.attempts import attempted

ANONYMISED: Mapping[type[Any], Mapping[str, Any]] = {
    Transaction: dict.fromkeys(
        (
            "customer_id", "customer_first_name", "customer_last_name", "customer_tax_id", "customer_email",
            "customer_ip", "ip_country", "user_agent",
        )
    ),
    Subscription: {"third_party_id": "", "error_message": ""},
    Item: {"shipto": None},
    TransactionTemplate: {},
    WebhookLog: {"response_body": None},
    WebhookStatus: {"payload": None},
}  # fmt: skip
"""What is kept, and the columns that say who it was, with what they say afterwards."""

KEPT: Mapping[type[Any], tuple[str, ...]] = {
    Transaction: (
        "display_id", "locale_code", "status", "type", "source", "currency_code", "currency_symbol",
        "payment_method_type",
    ),
    Subscription: ("frequency", "payment_type"),
    Item: ("name", "code", "parent_code", "url", "image"),
    TransactionTemplate: ("currency_code", "currency_symbol"),
    WebhookLog: ("resource_type", "delivery", "response_code"),
    WebhookStatus: ("resource_type", "event", "delivery", "status", "lease"),
}  # fmt: skip
"""The texts that are kept: they say what was sold and how, not to whom."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who was erased, and by table how many rows went or say less."""

    person: Person
    rows: Mapping[str, int] = field(default_factory=dict)


def held(engine: Engine, cipher: Cipher, store_id: int, named: str) -> Outcome:
    """What an erasure would be about."""
    with engine.connect() as connection:
        person = find(connection, store_id, named)
        return Outcome(person, _counted(connection, cipher, person))


def erase(
    engine: Engine,
    cipher: Cipher,
    store_id: int,
    named: str,
    *,
    cancel: bool = False,
    again: int | None = None,
) -> Outcome:
    """Erases a person. The store's webhooks are told that the customers are deleted, by id alone.

    :param cancel: whether subscriptions that are active are cancelled; else they are in the way.
    :param again: when that was done before, in seconds since 1970; then webhooks have been told.
    :raises Misconfigured: where there is nothing about them, or a subscription is in the way.
    """
    outcome = attempted(lambda: _erase(engine, cipher, store_id, named, cancel=cancel, again=again))
    for each in outcome.person.customers:
        audit("customer_erased", store_id=store_id, customer_id=each)
    return outcome


def _erase(
    engine: Engine, cipher: Cipher, store_id: int, named: str, *, cancel: bool, again: int | None
) -> Outcome:
    with store_session(engine, store_id) as session:
        connection = session.connection()
        person = find(connection, store_id, named)
        customers = _locked(session, person)
        rows = _counted(connection, cipher, person)
        if not rows:
            raise Misconfigured(
                f"customer {named} does not exist in store {store_id}, and nothing tells of them"
            )
        _end_subscriptions(session, person, cancel=cancel)
        _withdraw(connection, person)
        answers.forget(connection, cipher, person)
        connection.execute(delete(SignInFailure).where(failures(person, cipher)))
        _forget(connection, person)
        receivers = _receivers(session) if again is None else []
        for each in customers:
            note_deletion(session, each, dict.fromkeys(receivers, _last_word(each.id)))
            session.delete(each)
        note(connection, store_id, person.customers, again)
        return Outcome(person, rows)


def _locked(session: StoreSession, person: Person) -> Sequence[Customer]:
    mine = (Customer.store_id == person.store_id, Customer.id.in_(person.customers))
    return session.scalars(select(Customer).where(*mine).order_by(Customer.id).with_for_update()).all()


def _counted(connection: Connection, cipher: Cipher, person: Person) -> dict[str, int]:
    """The rows by table; those that an erasure has been at already tell of nobody any more."""
    delays: Table = Base.metadata.tables[SignInFailure.__tablename__]
    conditions = [(table, _telling(table, person)) for table in tables()]
    counted = {
        table.name: connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in [*conditions, (delays, failures(person, cipher))]
    }
    counted["idempotency_key"] = sum(1 for _ in answers.told_of(connection, cipher, person))
    return {table: count for table, count in counted.items() if count}


def _telling(table: Table, person: Person) -> ColumnElement[bool]:
    """That rows are about a person, and where webhooks are told, that they still hold more than an id."""
    condition = about(table, person)
    last_words = [_last_word(each) for each in person.customers]
    if table is WebhookLog.__table__:
        condition &= table.c.response_body.is_not(None)
    if table is WebhookStatus.__table__:
        condition &= table.c.payload.is_not(None) & table.c.payload.not_in(last_words)
    if table is Event.__table__:
        condition &= (table.c.name != _DELETED) | table.c.payload.not_in(last_words)
    return condition


def _end_subscriptions(session: StoreSession, person: Person, *, cancel: bool) -> None:
    mine = (Subscription.store_id == person.store_id, Subscription.customer_id.in_(person.customers))
    such = select(Subscription).where(*mine, is_active(Subscription.__table__)).order_by(Subscription.id)
    active = session.scalars(such.with_for_update()).all()
    if active and not cancel:
        ids = ", ".join(str(each.id) for each in active)
        raise Misconfigured(
            f"subscriptions are active: {ids}. Cancel them first, or add --cancel-subscriptions"
        )
    for each in active:
        each.end_date, each.is_active = max(now(), each.start_date), False
    session.flush()


def _withdraw(connection: Connection, person: Person) -> None:
    """What waits to be told of the customers is not told; of the rest, it is told by what is left of it.

    Events come first: a worker that is making deliveries of them is waited for, and these are then seen.
    A delivery that a worker is just about to claim is claimed here for as long as that can take, or the
    worker would write down again what it has read before.
    """
    event, status = Base.metadata.tables["event"], Base.metadata.tables["webhook_status"]
    for table, name in ((event, "name"), (status, "event")):
        theirs = (about(table, person), table.c.resource_type == Customer.__tablename__)
        waiting = [] if table is event else [table.c.status == PENDING]
        connection.execute(delete(table).where(*theirs, table.c[name] != _DELETED, *waiting))
        for each in person.customers:
            gone = (*theirs, table.c.resource_id == each, table.c[name] == _DELETED)
            is_more = table.c.payload != _last_word(each)
            connection.execute(update(table).where(*gone, is_more).values(payload=_last_word(each)))
    until = int(time.time()) + LEASE_SECONDS - 1
    pending = (about(status, person), status.c.status == PENDING)
    connection.execute(update(status).where(*pending).values(lease="erased", lease_until=until))


def _forget(connection: Connection, person: Person) -> None:
    """Those come last by whom it is known what is theirs. What is the customer's alone goes with them."""
    for table in sorted(tables(), key=lambda each: _LAST.index(each.name) if each.name in _LAST else -1):
        kept = next((row for row in ANONYMISED if row.__table__ is table), None)
        if kept is not None:
            values = dict(ANONYMISED[kept])
            if values:
                values["version"] = table.c.version + 1
                connection.execute(update(table).where(_telling(table, person)).values(values))
        elif table.name not in {Customer.__tablename__, Event.__tablename__}:
            connection.execute(delete(table).where(about(table, person)))
    theirs = (Subscription.store_id == person.store_id, Subscription.customer_id.in_(person.customers))
    connection.execute(update(Subscription).where(*theirs).values(customer_id=None))


_LAST = tuple(each.__tablename__ for each in (TransactionTemplate, Subscription, Transaction))
_DELETED = f"{Customer.__tablename__}/{DELETED}"


def _last_word(customer_id: int) -> str:
    """What webhooks are told of a customer who is erased."""
    return orjson.dumps({"id": customer_id}).decode()


def _receivers(session: StoreSession) -> list[int]:
    wanted = (Webhook.store_id == session.store_id, Webhook.event_resource == Customer.__tablename__)
    return list(session.scalars(select(Webhook.id).where(*wanted)))
