"""Who a person is in a store, and which rows are about them: it follows from the tables' foreign keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, false, or_, select

from app.db.ids import LARGEST
from app.db.tables import GLOBAL_TABLES, Base
from app.delays import SignInFailure
from app.emails import fold_email
from app.events import Event
from app.idempotency import IdempotencyKey
from app.keeping.erasure import Erasure
from app.portal.sessions import CustomerSession
from app.resources import TYPES
from app.resources.customer import Customer
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.resources.transaction_template import TransactionTemplate

IMPORTED = (TYPES, Event, CustomerSession)
"""Importing them fills the metadata."""

OWNERS = tuple(each.__tablename__ for each in (Customer, Subscription, TransactionTemplate, Transaction))
"""The tables whose rows other rows belong to, each after those that its own rows belong to."""

NAMED_BY: Mapping[str, str] = {TransactionTemplate.__tablename__: Subscription.__tablename__}
"""Tables whose rows do not name whom they belong to, and the table whose rows name them."""

TOLD_OF = ("resource_type", "resource_id")
"""The columns by which a row says of what resource it tells."""

BY_CONTENT: Mapping[str, str] = {
    IdempotencyKey.__tablename__: "answers are encrypted: those are found that tell of the person",
    SignInFailure.__tablename__: "accounts are keyed pseudonyms: those of the person's emails",
}
"""Tables of which it cannot be told by a condition alone what is about whom."""

ABOUT_NOBODY: Mapping[str, str] = {
    **dict.fromkeys(GLOBAL_TABLES, "it tells of stores, of who runs them and of their programs"),
    "customer_portal_settings": "it is the store's",
    "webhook": "it is the store's",
    "tally": "it counts",
    Erasure.__tablename__: "it holds ids of those who were erased",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in a store: the customers that they are, and the emails by which they are known."""

    store_id: int
    customers: tuple[int, ...]
    emails: tuple[str, ...] = field(repr=False)


def find(connection: Connection, store_id: int, named: str) -> Person:
    """The person of that id or email. An email is every customer who has it: guests are new each time.

    There may be nothing about them.
    """
    row = Customer
    mine = [row.store_id == store_id]
    if not named.strip(" @"):  # as of a variable that is not set: it would be all whose email is blank
        return Person(store_id, (), ())
    if named.isascii() and named.isdecimal():
        if not 0 < (customer_id := int(named)) <= LARGEST:
            return Person(store_id, (), ())
        found = connection.execute(select(row.id, row.email).where(*mine, row.id == customer_id)).all()
        return _person(store_id, [(customer_id, None), *((each.id, each.email) for each in found)])
    keyed = (*mine, row.is_anonymous.in_([False, True]), row.email_key == fold_email(named))
    found = connection.execute(select(row.id, row.email).where(*keyed).order_by(row.id)).all()
    return _person(store_id, [(None, named), *((each.id, each.email) for each in found)])


def others_of_email(connection: Connection, person: Person) -> list[int]:
    """The customers who have one of the person's emails, and are not named."""
    row = Customer
    keys = sorted({fold_email(each) for each in person.emails})
    such = (row.store_id == person.store_id, row.is_anonymous.in_([False, True]), row.email_key.in_(keys))
    apart = row.id.not_in(person.customers)
    return list(connection.scalars(select(row.id).where(*such, apart).order_by(row.id)))


def about(table: Table, person: Person) -> ColumnElement[bool]:
    """The condition that rows of a table are about a person; no row of a table where none can be is."""
    return and_(table.c.store_id == person.store_id, or_(false(), *_ways(table, person)))


def tables() -> Sequence[Table]:
    """The tables with rows about persons that a condition finds, owners before what belongs to them."""
    nobody = Person(0, (0,), ())
    found = [each for each in Base.metadata.sorted_tables if _ways(each, nobody)]
    return sorted(found, key=lambda each: OWNERS.index(each.name) if each.name in OWNERS else len(OWNERS))


def _person(store_id: int, found: Sequence[tuple[int | None, str | None]]) -> Person:
    ids = dict.fromkeys(each for each, _ in found if each is not None)
    emails = dict.fromkeys(email for _, email in found if email)
    folded = dict.fromkeys(fold_email(each) for each in emails)
    return Person(store_id, tuple(ids), tuple(dict.fromkeys((*emails, *folded))))


def _ways(table: Table, person: Person) -> list[ColumnElement[bool]]:
    if table.name == Customer.__tablename__:
        return [table.c.id.in_(person.customers)]
    if table.name in GLOBAL_TABLES:
        return []
    ways: list[ColumnElement[bool]] = [
        table.c[column].in_(_ids(owner, person)) for column, owner in _named(table).items()
    ]
    if table.name in NAMED_BY:
        ways.append(table.c.id.in_(_ids(NAMED_BY[table.name], person, naming=table.name)))
    if table.name == Transaction.__tablename__:
        ways.append(_unlinked(table, person))
    if table.name == Subscription.__tablename__:
        paid: Any = Base.metadata.tables[Transaction.__tablename__]
        theirs = select(paid.c.subscription_id).where(
            paid.c.store_id == person.store_id, _unlinked(paid, person)
        )
        ways.append(and_(table.c.customer_id.is_(None), table.c.id.in_(theirs)))
    if set(TOLD_OF) <= set(table.c.keys()):
        ways += _told(table, person)
    return ways


def _unlinked(transactions: Any, person: Person) -> ColumnElement[bool]:
    """That transactions are of a customer who was deleted, and had one of the person's emails."""
    return and_(transactions.c.customer_id.is_(None), transactions.c.customer_email.in_(person.emails))


def _named(table: Table) -> dict[str, str]:
    """The columns of a table that name whom a row belongs to, and the table of those."""
    earlier = OWNERS[: OWNERS.index(table.name)] if table.name in OWNERS else OWNERS
    return {
        constraint.column_keys[-1]: constraint.referred_table.name
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name in earlier
    }


def _told(table: Table, person: Person) -> list[ColumnElement[bool]]:
    """By the webhook too, where rows belong to one: their indexes begin with it."""
    kind, row_id = (table.c[each] for each in TOLD_OF)
    here: list[ColumnElement[bool]] = []
    webhook = Base.metadata.tables["webhook"]
    if any(each.referred_table is webhook for each in table.foreign_key_constraints):
        here = [table.c.webhook_id.in_(select(webhook.c.id).where(webhook.c.store_id == person.store_id))]
    return [and_(*here, kind == owner, row_id.in_(_ids(owner, person))) for owner in OWNERS]


def _ids(owner: str, person: Person, naming: str = "") -> Any:
    """The ids of an owner's rows about a person, or of the rows of another table that those name."""
    if owner == Customer.__tablename__:
        return person.customers
    table = Base.metadata.tables[owner]
    return select(table.c[f"{naming}_id" if naming else "id"]).where(about(table, person))
