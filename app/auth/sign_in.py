"""Users who sign in to give consent: who they are, and which stores are theirs."""

from dataclasses import dataclass, field

from sqlalchemy import Integer, String, bindparam, select

from app.audit import audit
from app.db.reader import Reader
from app.delays import Delays
from app.emails import fold_email
from app.encryption import Cipher
from app.passwords import Stored, check
from app.resources.store import Store
from app.resources.user import HASH_CONFIG, HASH_TYPE, User, UserStore

USERS = 0
"""Where waits are counted for users, who belong to no store."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user. `mark` is another one as soon as the password is: sessions that hold an old one have ended."""

    id: int
    name: str
    email: str
    mark: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnStore:
    """A store that a user may let clients reach."""

    id: int
    name: str
    domain: str


class Users:
    """Finds users. Those of a sandbox, whose password is known to all, sign in to the sandbox alone."""

    def __init__(self, reader: Reader, delays: Delays, cipher: Cipher, *, sandbox: bool) -> None:
        self._reader, self._delays, self._cipher = reader, delays, cipher
        found = select(User.id, User.first_name, User.last_name, User.email, User.password_hash)
        if not sandbox:
            found = found.where(~User.is_sandbox)
        by_email = found.where(User.email_key == bindparam("email_key", type_=String))
        self._by_email = reader.prepare(by_email)
        self._by_id = reader.prepare(found.where(User.id == bindparam("id", type_=Integer)))
        self._stores = reader.prepare(
            select(Store.id, Store.store_name, Store.store_domain)
            .join_from(UserStore, Store, Store.id == UserStore.store_id)
            .where(UserStore.user_id == bindparam("user", type_=Integer))
            .order_by(Store.id)
        )

    def sign_in(self, email: str, password: str, address: str) -> SignedIn | None:
        """The user with that email and password. An unknown one costs and says what a wrong password does.

        :raises Refusal: 429 while the account waits.
        :raises Overloaded: where too many passwords are being hashed.
        """
        self._delays.require(USERS, email, address)
        rows = self._reader.run(self._by_email, {"email_key": fold_email(email)})
        hashed = rows[0][4] if rows else None
        stored = Stored(hashed, None, HASH_TYPE, HASH_CONFIG) if hashed else None
        if not check(password, stored, HASH_TYPE, HASH_CONFIG).ok or not rows:
            self._delays.failed(USERS, email, address)
            whose = self._cipher.account(USERS, email)
            audit("sign_in_failed", user_id=rows[0][0] if rows else None, account=whose, address=address)
            return None
        self._delays.succeeded(USERS, email, address)
        audit("signed_in", user_id=rows[0][0], address=address)
        return self._signed_in(*rows[0])

    def known(self, user_id: int) -> SignedIn | None:
        """The user of that id, unless there is none who could sign in."""
        rows = self._reader.run(self._by_id, {"id": user_id})
        return self._signed_in(*rows[0]) if rows and rows[0][4] else None

    def stores(self, user: SignedIn) -> list[OwnStore]:
        """The user's stores."""
        return [OwnStore(*row) for row in self._reader.run(self._stores, {"user": user.id})]

    def _signed_in(self, user_id: int, first: str, last: str, email: str, hashed: str) -> SignedIn:
        return SignedIn(user_id, f"{first} {last}".strip(), email, self._cipher.fingerprint(hashed.encode()))
