"""What an operator may see of tokens, and revoke: never a token itself, which nobody but its holder has."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from app.audit import audit
from app.auth.grants import revoke_grant, revoke_token
from app.auth.tokens import Token, token_hash

COLUMNS = ("grant", "kind", "client", "scope", "store", "user", "created", "expires", "revoked")

_ORDER = (Token.date_created, Token.grant_id, Token.kind)

_GRANT = re.compile("[0-9a-f]{32}")


def tokens(engine: Engine, *, ended: bool, most: int) -> Iterator[tuple[str, ...]]:
    """A line for each of the newest tokens, the newest last, as `COLUMNS` names them.

    :param ended: also those that have expired or been revoked.
    :param most: so many, which are all that is held in memory.
    """
    shown = (
        select(
            Token.grant_id,
            Token.kind,
            Token.client,
            Token.scope,
            Token.store_id,
            Token.user_id,
            Token.date_created,
            Token.expires_at,
            Token.revoked_at,
        )
        .order_by(*(each.desc() for each in _ORDER))
        .limit(most)
    )
    if not ended:
        lasting = or_(Token.expires_at.is_(None), Token.expires_at > int(time.time()))
        shown = shown.where(Token.revoked_at.is_(None), lasting)
    with Session(engine) as session:
        for *said, created, expires, revoked in reversed(session.execute(shown).all()):
            moments = (created, moment_of(expires), moment_of(revoked))
            yield (*(str(each) if each is not None else "-" for each in said), *map(shown_moment, moments))


def revoke(engine: Engine, named: str) -> int:
    """Ends a grant, or a token that somebody has found; a refresh token takes its grant with it.

    :returns: how many tokens ended.
    """
    with Session(engine) as session, session.begin():
        if _GRANT.fullmatch(named):
            found, ended = Token.grant_id == named, revoke_grant(session, named)
        else:
            found, ended = Token.hash == token_hash(named), revoke_token(session, named)
        whose = session.execute(select(Token.grant_id, Token.client).where(found).limit(1)).first()
    if ended and whose:
        audit("token_revoked", reason="operator", grant=whose[0], client=whose[1])
    return ended


def moment_of(seconds: int | None) -> datetime | None:
    """The moment of a time in seconds, where there is one."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def shown_moment(moment: datetime | None) -> str:
    """A moment as operators see it."""
    return "-" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
