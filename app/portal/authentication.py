"""Signing in with an email and a password, permanent or temporary.

Every failure looks alike and costs alike. Passwords are checked outside any transaction; what a sign-in
writes holds only if the password is still the one that was checked.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import Engine, Integer, String, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.audit import audit
from app.db.indexes import indexes
from app.db.reader import Reader
from app.db.tables import now
from app.db.types import STORED_FORMAT
from app.delays import Delays
from app.emails import fold_email
from app.encryption import Cipher
from app.errors import Refusal
from app.passwords import Outcome, Stored, check
from app.portal.portals import Portal
from app.portal.sessions import open_session
from app.resources.customer import Customer
from app.writing.attempts import Raced, attempted

log = structlog.get_logger()

TEMPORARY_MINUTES = 30

INCORRECT = "Incorrect email and/or password."

Way = Literal["permanent", "temporary"]


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """What is known of a registered customer who signs in. It has no repr: it holds secrets."""

    customer_id: int
    email: str
    is_active: bool
    must_reset: bool
    stored: Stored | None
    temporary: str | None
    temporary_since: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A session that has been opened: its token is shown once."""

    token: str
    customer_id: int
    email: str
    must_reset: bool


class Accounts:
    """Finds registered customers by the email under which they sign in."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        row = Customer
        columns = (
            row.id, row.email, row.is_active, row.force_password_reset, row.password_hash, row.password_salt,
            row.password_hash_type, row.password_hash_config, row.forgot_password,
            row.forgot_password_timestamp,
        )  # fmt: skip
        registered = select(*columns).where(
            row.store_id == bindparam("store", type_=Integer), ~row.is_anonymous
        )
        table = Customer.__table__
        index, _ = indexes(table).best(("store_id", "is_anonymous", "email_key"))
        of_email = registered.where(row.email_key == bindparam("email", type_=String))
        self._by_email = reader.prepare(of_email.with_hint(table, f"INDEXED BY {index}", "sqlite"))
        self._by_id = reader.prepare(registered.where(row.id == bindparam("id", type_=Integer)))

    def of_email(self, store_id: int, email: str) -> Account | None:
        """The customer of a store who has this email, in any spelling."""
        return self._account(self._by_email, {"store": store_id, "email": fold_email(email)})

    def of_id(self, store_id: int, customer_id: int) -> Account | None:
        """The customer of a store who has this id."""
        return self._account(self._by_id, {"store": store_id, "id": customer_id})

    def _account(self, statement: Any, values: dict[str, Any]) -> Account | None:
        rows = self._reader.run(statement, values)
        if not rows:
            return None
        customer_id, email, is_active, must_reset, hashed, salt, kind, config, temporary, since = rows[0]
        stored = Stored(hashed, salt, kind, config) if hashed and kind else None
        return Account(customer_id, email, is_active == 1, must_reset == 1, stored, temporary, since)


class Authentication:
    """Signs customers in."""

    def __init__(self, engine: Engine, accounts: Accounts, delays: Delays, cipher: Cipher) -> None:
        self._engine, self._accounts = engine, accounts
        self._delays, self._cipher = delays, cipher

    def sign_in(self, portal: Portal, email: str, password: str, address: str) -> Opened:
        """Opens a session.

        :raises Refusal: 401 for whatever reason there is none, 429 while an account has to wait.
        """
        self._delays.require(portal.store_id, email, address)
        opened = attempted(lambda: self._sign_in(portal, email, password))
        if opened is None:
            self._delays.failed(portal.store_id, email, address)
            account = self._accounts.of_email(portal.store_id, email)
            audit(
                "sign_in_failed",
                store_id=portal.store_id,
                customer_id=account.customer_id if account else None,
                account=self._cipher.account(portal.store_id, email),
                address=address,
            )
            raise Refusal.of(401, INCORRECT, headers={"WWW-Authenticate": 'Bearer realm="patron"'})
        self._delays.succeeded(portal.store_id, email, address)
        audit("signed_in", store_id=portal.store_id, customer_id=opened.customer_id, address=address)
        return opened

    def knows(
        self, portal: Portal, customer_id: int, temporary: str | None, given: str, address: str
    ) -> bool:
        """Whether a customer who is signed in gives the password so far, or the one that signed them in.

        :raises Refusal: 429 while the account has to wait.
        """
        account = self._accounts.of_id(portal.store_id, customer_id)
        if account is None:
            return False
        self._delays.require(portal.store_id, account.email, address)
        outcome = check(given, account.stored, portal.hash_type, portal.hash_config)
        known = outcome.ok or self._is(temporary, given)
        if not known:
            self._delays.failed(portal.store_id, account.email, address)
        return known

    def _sign_in(self, portal: Portal, email: str, password: str) -> Opened | None:
        account = self._accounts.of_email(portal.store_id, email)
        outcome = check(password, account.stored if account else None, portal.hash_type, portal.hash_config)
        if account is None:
            return None
        way = self._way(account, password, outcome)
        if way is None:
            return None
        opened = self._open(portal, account, way)
        if way == "permanent" and outcome.rehash:
            self._rehash(portal, account, outcome.rehash)
        return opened

    def _way(self, account: Account, password: str, outcome: Outcome) -> Way | None:
        temporary = self._is(account.temporary, password)
        if not account.is_active:
            return None
        if outcome.ok:
            return "permanent"
        since = account.temporary_since or ""
        fresh = since > (now() - timedelta(minutes=TEMPORARY_MINUTES)).strftime(STORED_FORMAT)
        return "temporary" if temporary and fresh else None

    def _is(self, encrypted: str | None, given: str) -> bool:
        known = self._cipher.decrypt(encrypted) or ""
        return bool(known) and hmac.compare_digest(known.encode(), given.encode("utf-8", "surrogatepass"))

    def _open(self, portal: Portal, account: Account, way: Way) -> Opened:
        """Opens the session in the transaction that notes the sign-in; a temporary password is used up.

        :raises Raced: where the customer's password has been changed, or the temporary one used, since.
        """
        must_reset = way == "temporary" or account.must_reset
        changed: dict[str, Any] = {"last_login_date": now(), "version": Customer.version + 1}
        if way == "temporary":
            same = Customer.forgot_password == account.temporary
            changed |= {"forgot_password": None, "forgot_password_timestamp": None}
        else:
            assert account.stored is not None
            same = Customer.password_hash == account.stored.hash
        mine = (Customer.store_id == portal.store_id, Customer.id == account.customer_id)
        able = (Customer.is_active, ~Customer.is_anonymous, same)
        with self._engine.begin() as connection:
            noted = connection.execute(update(Customer).where(*mine, *able).values(changed))
            if not noted.rowcount:
                raise Raced
            token = open_session(
                connection,
                portal.store_id,
                account.customer_id,
                portal.lifetime,
                must_reset=must_reset,
                temporary=account.temporary if way == "temporary" else None,
            )
        return Opened(token, account.customer_id, account.email, must_reset)

    def _rehash(self, portal: Portal, account: Account, better: Stored) -> None:
        """Stores the password as the store hashes now, unless it has been changed; that may as well fail."""
        assert account.stored is not None
        mine = (
            Customer.store_id == portal.store_id,
            Customer.id == account.customer_id,
            Customer.password_hash == account.stored.hash,
        )
        columns = {
            "password_hash": better.hash,
            "password_salt": better.salt,
            "password_hash_type": better.type,
            "password_hash_config": better.config,
            "version": Customer.version + 1,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(update(Customer).where(*mine).values(columns))
        except SQLAlchemyError as error:
            log.warning("rehash_failed", store_id=portal.store_id, error=type(error).__name__)
