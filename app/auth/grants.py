"""Grants: tokens that stem from one consent are issued together, and revoked together."""

import time
from dataclasses import dataclass, replace

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.auth.tokens import ACCESS, REFRESH, AuthorizationCode, Token, new_grant, new_token, token_hash
from app.resources.client import Client

ACCESS_SECONDS = 7200
REFRESH_SECONDS = 315_360_000
"""Ten years, as Foxy's: a confidential client keeps its refresh token, whose secret guards it."""

PUBLIC_REFRESH_SECONDS = 30 * 24 * 60 * 60
"""A public client gets a new one whenever it uses one; what nobody uses for so long ends."""

ENDED_KEPT = 24 * 60 * 60
"""What has ended is kept so long, so that its holder is told that it has expired."""

FORGOTTEN = 100
"""What is deleted at once, at most, whenever something is issued."""

TOKEN_TYPE = "Bearer"  # noqa: S105 - a word of RFC 6750


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens as they are shown, once: what is stored of them is hashes. Its repr shows neither."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    token_type: str
    scope: str
    grant_id: str

    def __repr__(self) -> str:
        return f"Issued(scope={self.scope!r}, grant_id={self.grant_id!r})"

    def beside(self, refresh_token: str) -> "Issued":
        """The same beside a refresh token that the client has already."""
        return replace(self, refresh_token=refresh_token)

    @property
    def members(self) -> dict[str, str | int]:
        """The members of a token answer (RFC 6749 §5.1), in hAPI's order."""
        shown: dict[str, str | int] = {
            "access_token": self.access_token,
            "expires_in": self.expires_in,
            "token_type": self.token_type,
            "scope": self.scope,
        }
        return shown if self.refresh_token is None else shown | {"refresh_token": self.refresh_token}


def issue(
    session: Session,
    *,
    scope: str,
    client: str,
    client_row: int | None,
    user_id: int | None,
    store_id: int | None,
    grant_id: str | None = None,
    is_sandbox: bool,
    with_refresh: bool,
    refresh_seconds: int = REFRESH_SECONDS,
) -> Issued:
    """New tokens, added to a session that the caller commits.

    :param client: the client's `client_id`, which attributes of visibility `restricted` are kept by.
    :param grant_id: the grant that they belong to; a new one where none is given.
    :param with_refresh: with a refresh token beside the access token.
    """
    access, refresh = new_token(), new_token() if with_refresh else None
    moment = int(time.time())
    whose = {
        "grant_id": grant_id or new_grant(),
        "scope": scope,
        "client": client,
        "client_row": client_row,
        "user_id": user_id,
        "store_id": store_id,
        "is_sandbox": is_sandbox,
    }
    if client_row is not None:
        forget_ended(session, client_row)
    session.add(Token(hash=token_hash(access), kind=ACCESS, expires_at=moment + ACCESS_SECONDS, **whose))
    if refresh is not None:
        lasts = moment + refresh_seconds
        session.add(Token(hash=token_hash(refresh), kind=REFRESH, expires_at=lasts, **whose))
    return Issued(access, refresh, ACCESS_SECONDS, TOKEN_TYPE, scope, str(whose["grant_id"]))


def forget_ended(session: Session, client_row: int) -> None:
    """Deletes some of a client's access tokens and unused codes that ended long ago.

    Codes that were used and refresh tokens are kept: they are to be known when they come again.
    """
    before = int(time.time()) - ENDED_KEPT
    access = (Token.client_row == client_row, Token.kind == ACCESS, Token.expires_at < before)
    code = AuthorizationCode
    unused = (code.client_row == client_row, code.used_at.is_(None), code.expires_at < before)
    for row, ended in ((Token, access), (AuthorizationCode, unused)):
        some = select(row.hash).where(*ended).order_by(row.expires_at).limit(FORGOTTEN)
        old = delete(row).where(row.hash.in_(some))
        session.execute(old.execution_options(synchronize_session=False))


def alone(session: Session, client_row: int) -> bool:
    """Lets the grants of one client change one after another: whoever comes second sees what the first did.

    Without that a grant could be revoked while a refresh, which does not see it yet, adds a token to it.

    :returns: whether there is such a client.
    """
    row = select(Client.id).where(Client.id == client_row).with_for_update(key_share=True)
    return session.scalar(row) is not None


def revoke_grant(session: Session, grant_id: str) -> int:
    """Ends all tokens of a grant at once.

    :returns: how many there were that had not ended before.
    """
    client_row = session.scalar(select(Token.client_row).where(Token.grant_id == grant_id).limit(1))
    if client_row is not None:
        alone(session, client_row)
    living = update(Token).where(Token.grant_id == grant_id, Token.revoked_at.is_(None))
    result = session.execute(living.values(revoked_at=int(time.time())))
    return int(result.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has one


def revoke_token(session: Session, token: str, client_row: int | None = None) -> int:
    """Ends a token at once, and with a refresh token its whole grant (RFC 7009 §2.1).

    :param client_row: the client whose token it must be; that of any where none is given.
    :returns: how many tokens ended: none where it is unknown, another client's, or has ended before.
    """
    if client_row is not None:
        alone(session, client_row)
    found = select(Token).where(Token.hash == token_hash(token))
    row = session.scalar(found if client_row is None else found.where(Token.client_row == client_row))
    if row is None:
        return 0
    if row.kind == REFRESH:
        return revoke_grant(session, row.grant_id)
    ended = row.revoked_at is not None
    row.revoked_at = row.revoked_at or int(time.time())
    return 0 if ended else 1
