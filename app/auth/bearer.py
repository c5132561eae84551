"""Bearer tokens (RFC 6750): from the Authorization header to the caller, and what that caller reaches."""

import re
import time
from typing import Any

from sqlalchemy import String, bindparam, select

from app.auth.scopes import CLIENT_FULL_ACCESS, SCOPES, Reach, reaching
from app.auth.tokens import ACCESS, Token, token_hash
from app.db.reader import Reader, Row
from app.errors import Refusal, unauthorized
from app.operations.current import CURRENT
from app.reading import Caller
from app.resources.store import Store
from app.zones import zone

EXPIRED = "The access token provided has expired"
INVALID = "The access token provided is invalid"

STRANGER = Caller(0, "sandbox", zone("UTC"), CLIENT_FULL_ACCESS)
"""Who asks a sandbox for a client or a user without a token."""

HEADER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,200})", re.IGNORECASE)


class Bearer:
    """Finds who a token stands for; a revocation acts at once.

    Where the engine tells that nothing has been written since, what was found is found again without a
    look at the tables.
    """

    def __init__(self, reader: Reader, *, sandbox: bool) -> None:
        self._reader = reader
        self._sandbox = sandbox
        columns = (Token.store_id, Token.scope, Token.client, Token.client_row, Token.user_id)
        statement = (
            select(*columns, Token.expires_at, Token.revoked_at, Store.timezone)
            .join_from(Token, Store, Store.id == Token.store_id, isouter=True)
            .where(Token.hash == bindparam("hash", type_=String), Token.kind == ACCESS)
        )
        if not sandbox:
            statement = statement.where(~Token.is_sandbox)
        self._lookup = reader.prepare(statement)

    def anyone(self, header: str) -> Caller:
        """Who an Authorization header stands for, whatever that caller's scope.

        :raises Refusal: 401 where it stands for nobody.
        """
        matched = HEADER.fullmatch(header.strip())
        token = matched[1] if matched else ""
        found = self._reader.recalled(token, lambda: self._looked_up(token)) if matched else None
        if found is None:
            raise unauthorized("invalid_token", INVALID)
        caller, expires_at = found
        if expires_at is not None and expires_at <= time.time():
            raise unauthorized("invalid_token", EXPIRED)
        CURRENT.facts.asked_by(caller.store_id, caller.client)
        return caller

    def caller(self, header: str | None, reach: Reach = "store", *, writing: bool = False) -> Caller:
        """Who an Authorization header stands for, where that caller may do what is asked.

        :param reach: whose resources are asked for.
        :raises Refusal: 401 where it stands for nobody, 403 where its scope is too small.
        """
        if not header:
            raise unauthorized("missing_token", "An access token is required: Authorization: Bearer {token}")
        return self.holding(self.anyone(header), reach, writing=writing)

    def holding(self, caller: Caller, reach: Reach, *, writing: bool) -> Caller:
        """The same caller, where that one may do what is asked.

        :raises Refusal: 403 where the scope is too small.
        """
        scope = caller.scope
        if scope.reach != reach:
            needed = " or ".join(reaching(reach))
            raise Refusal.of(403, f"the scope {scope.name} is too small here: {needed} is needed")
        if writing and not scope.writes:
            raise Refusal.of(403, f"the scope {scope.name} is too small here: it does not write")
        return caller

    def founder(self, header: str | None, *, writing: bool) -> Caller:
        """Who may make what belongs to nobody yet: a client, and in a sandbox anybody.

        :raises Refusal: 401 where the header stands for nobody, 403 where the scope is too small.
        """
        return STRANGER if self._sandbox and not header else self.caller(header, "client", writing=writing)

    def _looked_up(self, token: str) -> tuple[Caller, int | None] | None:
        rows = self._reader.run(self._lookup, {"hash": token_hash(token)})
        return _caller(rows[0]) if rows else None


def _caller(row: Row) -> tuple[Caller, int | None] | None:
    """The caller, and when the token ends; None for one that has been revoked."""
    store_id, scope, client, client_row, user_id, expires_at, revoked_at, timezone = row
    if revoked_at is not None or scope not in SCOPES:
        return None
    known: dict[str, Any] = {"client_row": client_row or 0, "user_id": user_id or 0}
    return Caller(store_id or 0, client, zone(timezone or "UTC"), SCOPES[scope], **known), expires_at
