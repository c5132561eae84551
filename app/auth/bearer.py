"""Bearer tokens (RFC 6750): from the Authorization header to the caller and the caller's store."""

import re
import time

from sqlalchemy import String, bindparam, select

from app.auth.tokens import STORE_FULL_ACCESS, Token, token_hash
from app.db.reader import Reader
from app.errors import Refusal, unauthorized
from app.reading import Caller
from app.resources.store import Store
from app.zones import zone

_HEADER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,200})", re.IGNORECASE)


class Bearer:
    """Finds who a token stands for. Each request looks it up, so that a revocation acts at once."""

    def __init__(self, reader: Reader, *, sandbox: bool) -> None:
        self._reader = reader
        columns = (Token.store_id, Token.scope, Token.client, Token.expires_at, Token.revoked_at)
        statement = (
            select(*columns, Store.timezone)
            .join_from(Token, Store, Store.id == Token.store_id)
            .where(Token.hash == bindparam("hash", type_=String))
        )
        if not sandbox:
            statement = statement.where(~Token.is_sandbox)
        self._lookup = reader.prepare(statement)

    def caller(self, header: str | None) -> Caller:
        """Who an Authorization header stands for.

        :raises Refusal: 401 where it stands for nobody, 403 where its scope is too small.
        """
        if not header:
            raise unauthorized("missing_token", "An access token is required: Authorization: Bearer {token}")
        matched = _HEADER.fullmatch(header.strip())
        if not matched:
            raise unauthorized("invalid_token", "The access token provided is invalid")
        rows = self._reader.run(self._lookup, {"hash": token_hash(matched[1])})
        if not rows:
            raise unauthorized("invalid_token", "The access token provided is invalid")
        store_id, scope, client, expires_at, revoked_at, timezone = rows[0]
        if revoked_at is not None:
            raise unauthorized("invalid_token", "The access token provided is invalid")
        if expires_at is not None and expires_at <= time.time():
            raise unauthorized("invalid_token", "The access token provided has expired")
        if scope != STORE_FULL_ACCESS:
            raise Refusal.of(403, f"the scope {scope} is too small here: {STORE_FULL_ACCESS} is needed")
        return Caller(store_id, client, zone(timezone))
