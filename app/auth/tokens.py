"""Access tokens: random, stored only as hashes, each for one store."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Base, now
from app.db.types import Moment

STORE_FULL_ACCESS = "store_full_access"


class Token(Base):
    """What is known of an access token. `hash` is what is left of it: it cannot be shown again."""

    __tablename__ = "token"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(30))
    client: Mapped[str] = mapped_column(String(100))
    is_sandbox: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    date_created: Mapped[datetime] = mapped_column(Moment, default=now)


def new_token() -> str:
    """A token of 43 characters, random enough that no two are alike and none can be guessed."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored: a token is random, so a plain SHA-256 suffices and can be looked up."""
    return hashlib.sha256(token.encode()).hexdigest()
