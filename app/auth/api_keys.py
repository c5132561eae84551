"""API keys: with a store's code, they are what Liftoff's clients sign in with; stored only as hashes."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import BigInteger, ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.scopes import STORE_FULL_ACCESS, STORE_READ_ACCESS
from app.auth.tokens import token_hash
from app.db.reader import Reader
from app.db.tables import Base, now
from app.db.types import Moment
from app.reading import Caller
from app.resources.store import Store
from app.zones import zone

VIEW, ADD, EDIT, DELETE = PERMISSIONS = "view", "add", "edit", "delete"
"""What may be done with customers and their addresses."""


class ApiKey(Base):
    """What is known of a key. `hash` is what is left of it: it cannot be shown again.

    `name` is no secret: by it the key is revoked. `permissions` have commas between them.
    A sandbox's own keys are `is_sandbox`: no other server takes them.
    """

    __tablename__ = "api_key"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid4().hex)
    store_id: Mapped[int] = mapped_column(ForeignKey(Store.id, ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(100))
    permissions: Mapped[str] = mapped_column(String(40))
    is_sandbox: Mapped[bool] = mapped_column(default=False)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    date_created: Mapped[datetime] = mapped_column(Moment, default=now)


Holder = tuple[Caller, frozenset[str]]
"""Who has a key: a caller of the API, and what they may do."""


class ApiKeys:
    """Finds who a key stands for; a revocation acts at once.

    As with tokens, what was found is found again without a look at the tables while nothing is written.
    """

    def __init__(self, reader: Reader, *, sandbox: bool) -> None:
        self._reader = reader
        columns = (ApiKey.name, ApiKey.store_id, ApiKey.permissions, Store.timezone)
        statement = (
            select(*columns)
            .join_from(ApiKey, Store, Store.id == ApiKey.store_id)
            .where(
                ApiKey.hash == bindparam("hash", type_=String),
                Store.code == bindparam("code", type_=String),
                ApiKey.revoked_at.is_(None),
            )
        )
        self._lookup = reader.prepare(statement if sandbox else statement.where(~ApiKey.is_sandbox))

    def holder(self, code: str, key: str) -> Holder | None:
        """Who has a key of the store with this code; None where it is none."""
        return self._reader.recalled((code, key), lambda: self._looked_up(code, key))

    def _looked_up(self, code: str, key: str) -> Holder | None:
        rows = self._reader.run(self._lookup, {"hash": token_hash(key), "code": code})
        if not rows:
            return None
        name, store_id, permissions, timezone = rows[0]
        may = frozenset(permissions.split(",")).intersection(PERMISSIONS)
        scope = STORE_FULL_ACCESS if may - {VIEW} else STORE_READ_ACCESS
        return Caller(store_id, f"apikey-{name}", zone(timezone), scope), may
