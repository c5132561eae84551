"""Access and refresh tokens: random, stored only as hashes, each for one client, user or store."""

import hashlib
import secrets
from datetime import datetime
from uuid import uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Base, now
from app.db.types import Moment
from app.resources.client import Client
from app.resources.store import Store
from app.resources.user import User

ACCESS, REFRESH = "access", "refresh"


class Token(Base):
    """What is known of a token. `hash` is what is left of it: it cannot be shown again.

    Tokens that stem from one another share a `grant_id`, by which all of them can be named and revoked.
    A sandbox's own tokens are `is_sandbox`: no other server takes them.
    """

    __tablename__ = "token"
    __table_args__ = (Index("ix_token_client_row_kind_expires_at", "client_row", "kind", "expires_at"),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    grant_id: Mapped[str] = mapped_column(String(32), index=True, default=lambda: new_grant())
    kind: Mapped[str] = mapped_column(String(10), default=ACCESS)
    scope: Mapped[str] = mapped_column(String(30))
    client: Mapped[str] = mapped_column(String(100))
    client_row: Mapped[int | None] = mapped_column(ForeignKey(Client.id, ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey(Store.id, ondelete="CASCADE"), index=True)
    is_sandbox: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)
    date_created: Mapped[datetime] = mapped_column(Moment, default=now)


class AuthorizationCode(Base):
    """A code that a client exchanges for tokens, once; those tokens have the code's `grant_id`."""

    __tablename__ = "authorization_code"
    __table_args__ = (
        Index("ix_authorization_code_client_row_used_at_expires_at", "client_row", "used_at", "expires_at"),
    )

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    grant_id: Mapped[str] = mapped_column(String(32), default=lambda: new_grant())
    scope: Mapped[str] = mapped_column(String(30))
    client_row: Mapped[int] = mapped_column(ForeignKey(Client.id, ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey(Store.id, ondelete="CASCADE"), index=True)
    redirect_uri: Mapped[str] = mapped_column(String(200))
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)


def new_token() -> str:
    """A token of 43 characters, random enough that no two are alike and none can be guessed."""
    return secrets.token_urlsafe(32)


def new_grant() -> str:
    """The name of a grant: not a secret, and not to be guessed either."""
    return uuid4().hex


def token_hash(token: str) -> str:
    """What is stored: a token is random, so a plain SHA-256 suffices and can be looked up."""
    return hashlib.sha256(token.encode()).hexdigest()
