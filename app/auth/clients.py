"""OAuth clients as the endpoints meet them: found by name, and held to their secret (RFC 6749 §2.3)."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from sqlalchemy import String, bindparam, select

from app.auth.declined import Declined, invalid_request
from app.auth.tokens import token_hash
from app.db.reader import Reader
from app.resources.client import Client

NOT_FOUND = "Client credentials were not found in the headers or body"
NO_SECRET = "This client is invalid or must authenticate using a client secret"  # noqa: S105 - a sentence
INVALID = "The client credentials are invalid"

CHALLENGE = {"WWW-Authenticate": 'Basic realm="patron"'}

_NAME = re.compile(r"[!-~]{1,100}")
_NOBODYS = token_hash("")
"""Compared with where there is no secret, so that it takes as long."""


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client of which everything is known that the endpoints ask."""

    id: int
    client_id: str
    secret_hash: str | None = field(repr=False)
    is_public: bool
    redirect_uri: str
    project_name: str
    company_name: str
    company_url: str | None

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use a grant (asked by Authlib): one that proves nothing has nothing of its own."""
        return not (self.is_public and grant_type == "client_credentials")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a client says to prove who it is. It has no repr, which would show the secret."""

    client_id: str
    secret: str


class Clients:
    """Finds clients. Those of a sandbox are known to the sandbox alone."""

    def __init__(self, reader: Reader, *, sandbox: bool) -> None:
        self._reader = reader
        statement = select(
            Client.id,
            Client.client_id,
            Client.secret_hash,
            Client.is_public,
            Client.redirect_uri,
            Client.project_name,
            Client.company_name,
            Client.company_url,
        ).where(Client.client_id == bindparam("client_id", type_=String))
        self._lookup = reader.prepare(statement if sandbox else statement.where(~Client.is_sandbox))

    def named(self, client_id: str) -> KnownClient | None:
        """The client of that name, if there is one."""
        if not _NAME.fullmatch(client_id):
            return None
        rows = self._reader.run(self._lookup, {"client_id": client_id})
        return KnownClient(*rows[0]) if rows else None

    def authenticated(self, header: str, fields: Mapping[str, str]) -> KnownClient:
        """The client that a request comes from, by HTTP Basic, by its body, or by both alike.

        :raises Declined: where it proves nothing; 401 where it tried by the header.
        """
        by_header = _basic(header)
        try:
            return self._proved(_agreed(by_header, fields))
        except Declined as declined:
            if by_header is None or declined.error != "invalid_client":
                raise
            raise Declined(declined.error, declined.description, 401, CHALLENGE) from None

    def _proved(self, sent: Credentials) -> KnownClient:
        """Compares in constant time, and does not tell a name that is unknown from a wrong secret."""
        client = self.named(sent.client_id)
        stored = (client and client.secret_hash) or _NOBODYS
        same = hmac.compare_digest(token_hash(sent.secret), stored)
        if client is not None and client.is_public and not sent.secret:
            return client
        if not sent.secret:
            raise Declined("invalid_client", NO_SECRET)
        if client is None or client.is_public or not client.secret_hash or not same:
            raise Declined("invalid_client", INVALID)
        return client


def _agreed(by_header: Credentials | None, fields: Mapping[str, str]) -> Credentials:
    """The credentials of the header or of the body; where both have them, they must agree."""
    client_id, secret = fields.get("client_id", ""), fields.get("client_secret", "")
    if by_header is None:
        if not client_id:
            raise Declined("invalid_client", NOT_FOUND)
        return Credentials(client_id, secret)
    same_name = not client_id or client_id == by_header.client_id
    if not same_name or (secret and not hmac.compare_digest(secret.encode(), by_header.secret.encode())):
        raise invalid_request("The client credentials in the header are not those in the body")
    return by_header


def _basic(header: str) -> Credentials | None:
    """What an Authorization header of the scheme Basic says; None for another scheme, or none.

    :raises Declined: 401 where it says nothing that can be read.
    """
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        client_id, secret = (unquote_plus(each, errors="strict") for each in (name, secret))
    except (binascii.Error, ValueError):  # as UnicodeDecodeError is
        separator = ""
    if not separator:
        raise Declined("invalid_client", INVALID, 401, CHALLENGE)
    return Credentials(client_id, secret)
