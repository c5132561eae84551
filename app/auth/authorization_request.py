"""What a client asks of a user through the browser (RFC 6749 §4.1.1), and the code that comes of it."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.auth.clients import Clients, KnownClient
from app.auth.declined import Declined, invalid_request
from app.auth.scopes import SCOPES, STORE_FULL_ACCESS, STORE_READ_ACCESS, USER_FULL_ACCESS, Scope
from app.auth.tokens import AuthorizationCode, new_token, token_hash
from app.redirect_uris import is_redirect_uri, is_same

CODE_SECONDS = 60

OFFERED = (USER_FULL_ACCESS, STORE_FULL_ACCESS, STORE_READ_ACCESS)
"""The scopes that a user can consent to."""

SHORT = {"user": USER_FULL_ACCESS.name, "store": STORE_FULL_ACCESS.name}
"""hAPI's short names for scopes."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a browser is sent back to, once client and address are known to belong together."""

    client: KnownClient
    redirect_uri: str
    state: str | None
    issuer: str

    def answering(self, **members: str) -> str:
        """The address with an answer in its query, and who gave it (RFC 9207)."""
        named = members | ({"state": self.state} if self.state is not None else {}) | {"iss": self.issuer}
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(named)}"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What is asked for; all of it has been checked."""

    destination: Destination
    scope: Scope
    code_challenge: str | None

    @property
    def client(self) -> KnownClient:
        """Who asks."""
        return self.destination.client


def destination(clients: Clients, parameters: Mapping[str, str], issuer: str) -> Destination:
    """Where an answer may go: to the one address that the client has registered, and nowhere else.

    On the user's own machine that is one for every port (RFC 8252 §7.3).

    :raises Declined: where the client is unknown, names another address, or has registered, before that was
        looked at, one that no browser can be sent to. Nobody is redirected then.
    """
    name = parameters.get("client_id")
    if not name:
        raise invalid_request("No client id supplied")
    client = clients.named(name)
    if client is None:
        raise Declined("invalid_client", "The client id supplied is invalid")
    sent = parameters.get("redirect_uri", client.redirect_uri)
    if not is_same(sent, client.redirect_uri):
        raise Declined("redirect_uri_mismatch", "The redirect URI provided is missing or does not match")
    if not is_redirect_uri(sent):
        raise invalid_request("The client has registered a redirect URI that no browser can be sent to")
    return Destination(client, sent, parameters.get("state"), issuer)


def requested(parameters: Mapping[str, str], to: Destination) -> AuthorizationRequest:
    """What is asked for.

    :raises Declined: where that cannot be had; the client may be told.
    """
    if parameters.get("response_type") != "code":
        raise Declined("unsupported_response_type", "Invalid or missing response type")
    if to.state is None:
        raise invalid_request("The state parameter is required")
    asked = parameters.get("scope", "")
    scope = SCOPES.get(SHORT.get(asked, asked))
    if scope not in OFFERED:
        raise Declined("invalid_scope", "An unsupported scope was requested")
    return AuthorizationRequest(to, scope, _challenge(parameters, to.client))


def _challenge(parameters: Mapping[str, str], client: KnownClient) -> str | None:
    """The challenge of PKCE, which a client without a secret must send (RFC 7636 §4.3)."""
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if challenge is None and method is None:
        if client.is_public:
            raise invalid_request("This client must send a code_challenge")
        return None
    if method != "S256":
        raise invalid_request("The code_challenge_method must be S256")
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise invalid_request("The code_challenge must be 43 characters of base64url")
    return challenge


def add_code(session: Session, request: AuthorizationRequest, user_id: int, store_id: int | None) -> str:
    """A code for what a user has consented to, added to a session that the caller commits."""
    code = new_token()
    session.add(
        AuthorizationCode(
            hash=token_hash(code),
            scope=request.scope.name,
            client_row=request.client.id,
            user_id=user_id,
            store_id=store_id,
            redirect_uri=request.destination.redirect_uri,
            code_challenge=request.code_challenge,
            expires_at=int(time.time()) + CODE_SECONDS,
        )
    )
    return code
