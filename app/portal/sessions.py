"""Customers' sessions: random tokens, stored as hashes, that last while they are used.

A session belongs to one store. It ends when it is not used for its lifetime, when the customer signs
out, is deleted or deactivated, and when the password is changed by anybody else.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Integer,
    String,
    bindparam,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, UOWTransaction, mapped_column
from sqlalchemy.orm.attributes import History, get_history
from sqlalchemy.orm.base import PassiveFlag

from app.auth.bearer import HEADER
from app.auth.tokens import new_token, token_hash
from app.db.reader import Reader
from app.db.sessions import StoreSession
from app.db.tables import Base, owned_by
from app.db.types import Ciphertext
from app.errors import Refusal
from app.resources.customer import Customer
from app.resources.customer_portal_settings import CustomerPortalSettings

log = structlog.get_logger()

SLACK = 60
"""Seconds between two writes of a session's end; it lasts at most so much longer than its lifetime."""

PROTECTED = "This route is protected. Please login."


class CustomerSession(Base):
    """A session. `temporary` is the temporary password that opened it: it may be changed for another.

    One that `must_reset` allows nothing but a new password.
    """

    __tablename__ = "customer_session"
    __table_args__ = (
        owned_by("customer", "customer_id"),
        Index("ix_customer_session_store_id_customer_id", "store_id", "customer_id"),
        Index("ix_customer_session_store_id_expires_at", "store_id", "expires_at"),
        {"sqlite_with_rowid": False},
    )

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[int]
    lifetime: Mapped[int]
    expires_at: Mapped[int] = mapped_column(BigInteger)
    must_reset: Mapped[bool]
    temporary: Mapped[str | None] = mapped_column(Ciphertext(500))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A customer's session as it was found."""

    store_id: int
    hash: str
    customer_id: int
    lifetime: int
    expires_at: int
    must_reset: bool
    temporary: str | None


class Sessions:
    """Finds, extends and ends sessions."""

    def __init__(self, reader: Reader, engine: Engine) -> None:
        self._reader = reader
        self._engine = engine
        row = CustomerSession
        columns = (row.customer_id, row.lifetime, row.expires_at, row.must_reset, row.temporary)
        whose = (Customer.store_id == row.store_id) & (Customer.id == row.customer_id)
        named = (
            CustomerSession.store_id == bindparam("store", type_=Integer),
            CustomerSession.hash == bindparam("hash", type_=String),
        )
        able = (Customer.is_active, ~Customer.is_anonymous)
        self._lookup = reader.prepare(select(*columns).join_from(row, Customer, whose).where(*named, *able))

    def signed_in(self, store_id: int, longest: int, header: str | None) -> SignedIn:
        """The session that an Authorization header names.

        :param longest: how many seconds sessions of the store last now; those that were to last longer
            do not.
        :raises Refusal: 401 where this store has no such session, or it has ended.
        """
        matched = HEADER.fullmatch(header.strip()) if header else None
        if not matched:
            raise protected()
        hashed = token_hash(matched[1])
        rows = self._reader.run(self._lookup, {"store": store_id, "hash": hashed})
        if not rows:
            raise protected()
        customer_id, given, expires_at, must_reset, temporary = rows[0]
        lifetime = min(given, longest)
        expires_at -= given - lifetime
        if expires_at <= time.time():
            raise protected()
        return SignedIn(store_id, hashed, customer_id, lifetime, expires_at, must_reset == 1, temporary)

    def extend(self, session: SignedIn) -> None:
        """Lets a session last for its lifetime from now on. Where that fails, the request does not."""
        now = int(time.time())
        if session.expires_at >= now + session.lifetime:
            return
        later = now + session.lifetime + SLACK
        with _attempting("session_not_extended"), self._engine.begin() as connection:
            another = (CustomerSession.expires_at < later) | (CustomerSession.lifetime > session.lifetime)
            mine = update(CustomerSession).where(*_named(session), another)
            connection.execute(mine.values(expires_at=later, lifetime=session.lifetime))

    def end(self, session: SignedIn) -> None:
        """Signs out."""
        with self._engine.begin() as connection:
            connection.execute(delete(CustomerSession).where(*_named(session)))


def open_session(
    connection: Connection,
    store_id: int,
    customer_id: int,
    lifetime: int,
    *,
    must_reset: bool,
    temporary: str | None = None,
) -> str:
    """Writes a new session and gives its token; sessions of the store that have run out are forgotten."""
    now = int(time.time())
    old = (CustomerSession.store_id == store_id, CustomerSession.expires_at <= now)
    connection.execute(delete(CustomerSession).where(*old))
    token = new_token()
    opened = {
        "store_id": store_id,
        "hash": token_hash(token),
        "customer_id": customer_id,
        "lifetime": lifetime,
        "expires_at": now + lifetime + SLACK,
        "must_reset": must_reset,
        "temporary": temporary,
    }
    connection.execute(insert(CustomerSession).values(opened))
    return token


def keep(session: StoreSession, mine: SignedIn) -> bool:
    """Goes on with the session in which a customer has just changed the password, which ended them all.

    :returns: whether that is what has happened.
    """
    if mine.customer_id not in session.info.get(_ENDED, ()):
        return False
    kept = {
        "store_id": mine.store_id,
        "hash": mine.hash,
        "customer_id": mine.customer_id,
        "lifetime": mine.lifetime,
        "expires_at": int(time.time()) + mine.lifetime + SLACK,
        "must_reset": False,
    }
    session.connection().execute(insert(CustomerSession).values(kept))
    return True


def protected() -> Refusal:
    """The refusal of whoever has no session."""
    return Refusal.of(401, PROTECTED, headers={"WWW-Authenticate": 'Bearer realm="patron"'})


def former_email(session: StoreSession, customer_id: int) -> str | None:
    """The email that a customer had until this transaction; None where it has not changed it."""
    emails: dict[int, str] = session.info.get(_EMAILS, {})
    return emails.get(customer_id)


_ENDED, _EMAILS = "sessions_ended", "former_emails"


@event.listens_for(StoreSession, "after_flush")
def _end_sessions(session: StoreSession, _context: UOWTransaction) -> None:
    """Ends the sessions of a customer whose password is another now, or who may no longer sign in.

    With the settings of a store's portal all its sessions end.
    """
    if any(isinstance(row, CustomerPortalSettings) for row in session.deleted):
        of_store = delete(CustomerSession).where(CustomerSession.store_id == session.store_id)
        session.connection().execute(of_store)
    for row in session.dirty:
        if not isinstance(row, Customer):
            continue
        if emails := _history(row, "email").deleted:
            session.info.setdefault(_EMAILS, {})[row.id] = emails[0]
            _end(session, row, CustomerSession.temporary.is_not(None))  # mailed to the email that was
        if _must_sign_in_again(row):
            _end(session, row)
            session.info.setdefault(_ENDED, set()).add(row.id)


def _end(session: StoreSession, row: Customer, *which: ColumnElement[bool]) -> None:
    theirs = (CustomerSession.store_id == session.store_id, CustomerSession.customer_id == row.id)
    session.connection().execute(delete(CustomerSession).where(*theirs, *which))


def _must_sign_in_again(row: Customer) -> bool:
    return _history(row, "password_hash").has_changes() or (
        _history(row, "is_active").has_changes() and not row.is_active
    )


def _history(row: Customer, name: str) -> History:
    """What has become of a value, as far as that is known without a look at the database."""
    return get_history(row, name, PassiveFlag.PASSIVE_NO_INITIALIZE)


def _named(session: SignedIn) -> tuple[Any, ...]:
    return (CustomerSession.store_id == session.store_id, CustomerSession.hash == session.hash)


@contextmanager
def _attempting(what: str) -> Iterator[None]:
    """Does what a request would like but does not need."""
    try:
        yield
    except SQLAlchemyError as error:
        log.warning(what, error=type(error).__name__)
