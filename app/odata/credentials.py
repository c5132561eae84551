"""Who asks the OData face: an account's code with an API key (HTTP Basic), or a bearer token."""

import base64
import binascii

from app.auth.api_keys import ADD, DELETE, EDIT, PERMISSIONS, VIEW, ApiKeys
from app.auth.bearer import Bearer
from app.errors import Refusal
from app.odata.exchange import Visitor
from app.operations.current import CURRENT

CHALLENGES = 'Basic realm="patron", charset="UTF-8", Bearer realm="patron"'

MISSING = "Sign in: HTTP Basic with the account code and an API key, or Authorization: Bearer {token}"
INVALID = "The account code and the API key do not belong together, or the key counts no more"
LONGEST = 1000
UNAUTHORIZED = 401

PERMISSION_OF = {"GET": VIEW, "HEAD": VIEW, "POST": ADD, "PATCH": EDIT, "PUT": EDIT, "DELETE": DELETE}
"""What one needs for a method, besides `view`."""


class Credentials:
    """Finds who an Authorization header stands for."""

    def __init__(self, bearer: Bearer, api_keys: ApiKeys) -> None:
        self._bearer = bearer
        self._api_keys = api_keys

    def visitor(self, header: str | None) -> Visitor:
        """Who asks, and what they may do.

        :raises Refusal: 401 where the header stands for nobody, 403 for a token whose scope reaches no store.
        """
        if not header or len(header) > LONGEST:
            raise _unauthorized(MISSING, "missing_credentials")
        scheme, _, said = header.strip().partition(" ")
        if scheme.lower() == "bearer":
            return self._with_token(header)
        if scheme.lower() != "basic":
            raise _unauthorized(MISSING, "missing_credentials")
        code, key = _parted(said.strip())
        holder = self._api_keys.holder(code, key) if code and key else None
        if holder is None:
            raise _unauthorized(INVALID, "invalid_credentials")
        CURRENT.facts.asked_by(holder[0].store_id, holder[0].client)
        return Visitor(*holder)

    def _with_token(self, header: str) -> Visitor:
        try:
            caller = self._bearer.caller(header)
        except Refusal as refusal:
            if refusal.status != UNAUTHORIZED:
                raise
            raise _unauthorized(refusal.faults[0].message, "invalid_token") from refusal
        return Visitor(caller, frozenset(PERMISSIONS if caller.scope.writes else (VIEW,)))


def require_permission(visitor: Visitor, method: str) -> None:
    """Holds what is asked for against what the visitor may do; a write shows what is there, so it needs both.

    :raises Refusal: 403, naming what is missing.
    """
    needed = dict.fromkeys((VIEW, PERMISSION_OF.get(method, VIEW)))
    missing = [each for each in needed if each not in visitor.permissions]
    if missing:
        names = " and ".join(missing)
        message = f"your API key or token lacks the permission to {names} customers"
        raise Refusal.of(403, message, code="permission_missing")


def _parted(encoded: str) -> tuple[str, str]:
    """The two halves of what Basic says; nothing where that cannot be read."""
    try:
        code, _, key = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):  # as UnicodeDecodeError is
        return "", ""
    return ("", "") if "\0" in code else (code, key)


def _unauthorized(message: str, code: str) -> Refusal:
    return Refusal.of(401, message, code=code, headers={"WWW-Authenticate": CHALLENGES})
