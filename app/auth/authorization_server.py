"""The grants of the token endpoint: Authlib holds requests to their rules, Patron's tables answer.

Of Authlib nothing else is used: it sees neither Flask nor the request's raw bytes, and it stores nothing.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.audit import audit
from app.auth.clients import KnownClient
from app.auth.declined import Declined, invalid_grant, invalid_request
from app.auth.grants import PUBLIC_REFRESH_SECONDS, REFRESH_SECONDS, Issued, alone, issue, revoke_grant
from app.auth.scopes import CLIENT_FULL_ACCESS
from app.auth.tokens import REFRESH, AuthorizationCode, Token, token_hash
from app.resources.user import UserStore

REQUIRED: Mapping[str, str | None] = {
    "refresh_token": "refresh_token",
    "client_credentials": None,
    "authorization_code": "code",
}
"""The grants that there are, and the parameter that each needs."""

_SAID = {
    "invalid_scope": "The scope requested is invalid for this request",
    "unauthorized_client": "The grant type is unauthorized for this client_id",
    "Invalid 'redirect_uri' in request.": "The redirect URI is missing or do not match",
}
"""What bshaffer's server, and so hAPI, says for an error of Authlib's, or for one of its sentences."""


def require_grant(fields: Mapping[str, str]) -> None:
    """Refuses a request for a grant that there is not, or without what the grant needs.

    :raises Declined: saying which.
    """
    grant_type = fields.get("grant_type")
    if not grant_type:
        raise invalid_request("The grant type was not specified in the request")
    if grant_type not in REQUIRED:
        shown = "".join(each if " " <= each <= "~" else "?" for each in grant_type[:60])
        raise Declined("unsupported_grant_type", f'Grant type "{shown}" not supported')
    needed = REQUIRED[grant_type]
    if needed and not fields.get(needed):
        raise invalid_request(f'Missing parameter: "{needed}" is required')


class TokenServer(AuthorizationServer):  # type: ignore[misc] # Authlib has no type hints
    """Answers requests for tokens, each in one transaction and one client's after another."""

    def __init__(self, engine: Engine, *, sandbox: bool) -> None:
        super().__init__()
        self.sandbox = sandbox
        self._engine = engine
        self.register_grant(RefreshGrant)
        self.register_grant(ClientGrant)
        self.register_grant(CodeGrant, [SameChallenge(required=True)])

    def granted(self, client: KnownClient, fields: Mapping[str, str], address: str) -> Issued:
        """The tokens that a client which has proved who it is gets for its request.

        What is declined is committed too: it may have revoked a grant.

        :param address: where it asks from.

        :raises Declined: where it gets none.
        """
        with Session(self._engine) as session, session.begin():
            if not alone(session, client.id):
                raise invalid_grant("The client is no longer registered")
            try:
                issued: Issued = self.create_token_response(_Request(client, fields, address, session))
            except Declined as declined:
                session.commit()
                raise declined from None
        return issued

    def authenticate_client(self, request: Any, _methods: Any, _endpoint: str = "token") -> Any:
        """The client, which has been authenticated; `none` is Authlib's word for a public one's way."""
        request.auth_method = "none" if request.client.is_public else "client_secret_basic"
        return request.client

    def create_oauth2_request(self, request: Any) -> Any:
        """The request as it was made below."""
        return request

    def handle_response(self, _status: int, payload: Any, _headers: Any) -> Any:
        """The tokens; who asked makes a response of them."""
        return payload

    def handle_error_response(self, _request: Any, error: OAuth2Error) -> Any:
        """What Authlib declines, in our words where it has others."""
        code, sentence = str(error.error), str(error.get_error_description())
        raise Declined(code, _SAID.get(code) or _SAID.get(sentence) or sentence)

    def send_signal(self, *_: Any, **__: Any) -> None:
        """Nobody listens."""


class _Request(OAuth2Request):  # type: ignore[misc]
    """A token request as Authlib asks about it, with the session of its transaction."""

    def __init__(
        self, client: KnownClient, fields: Mapping[str, str], address: str, session: Session
    ) -> None:
        # Authlib wants to see TLS, which ends at the proxy; where the sandbox has none, nobody else listens
        super().__init__("POST", "https://patron/token")
        self.payload = BasicOAuth2Payload(dict(fields))
        self.client = client
        self.address = address
        self.session = session

    @property
    def form(self) -> Any:
        """The fields of the body: parameters of the query are none."""
        return self.payload.data


@dataclass(frozen=True, slots=True)
class _Presented:
    """A refresh token or code that a client has presented, as Authlib asks about it."""

    row: Token | AuthorizationCode
    redirect_uri: str | None = None

    def check_client(self, client: KnownClient) -> bool:
        return self.row.client_row == client.id

    def get_scope(self) -> str:
        return self.row.scope

    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    @property
    def code_challenge(self) -> str | None:
        return self.row.code_challenge if isinstance(self.row, AuthorizationCode) else None


class _Issuing:
    """What our grants have in common: tokens are made where they are stored."""

    request: Any
    server: Any
    GRANT_TYPE: str

    def generate_token(self, user: Any = None, scope: Any = None, **options: Any) -> Issued:
        """New tokens. Authlib's `user` is what was presented, and says whose they are."""
        client, row = self.request.client, user.row if user else None
        return issue(
            self.request.session,
            scope=scope,
            client=client.client_id,
            client_row=client.id,
            user_id=row.user_id if row else None,
            store_id=row.store_id if row else None,
            grant_id=row.grant_id if row else None,
            is_sandbox=self.server.sandbox,
            with_refresh=options.get("include_refresh_token", True),
            refresh_seconds=PUBLIC_REFRESH_SECONDS if client.is_public else REFRESH_SECONDS,
        )

    def end_grant(self, row: Token | AuthorizationCode) -> None:
        """Ends all that was made of a code or refresh token which has come a second time."""
        request = self.request
        if revoke_grant(request.session, row.grant_id):
            audit(
                "token_revoked",
                reason="used_again",
                client=request.client.client_id,
                grant=row.grant_id,
                address=request.address,
            )

    def save_token(self, _token: Issued) -> None:
        """They are stored already."""

    def authenticate_user(self, presented: _Presented) -> _Presented:
        """What was presented, while its user still has the store.

        :raises Declined: where the user has lost it.
        """
        row, session = presented.row, self.request.session
        theirs = row.user_id is None or row.store_id is None
        if not theirs and session.get(UserStore, (row.user_id, row.store_id)) is None:
            raise invalid_grant("The user no longer has access to the store")
        return presented


class RefreshGrant(_Issuing, grants.RefreshTokenGrant):  # type: ignore[misc]
    """A refresh token becomes an access token.

    A client with a secret keeps it, as hAPI's do. One without gets a new one each time, and where an old
    one comes back somebody has stolen one of them: the whole grant ends (RFC 9700 §4.14.2).
    """

    def authenticate_refresh_token(self, token: str) -> _Presented:
        """The refresh token of this client.

        :raises Declined: where it is none, or no longer one.
        """
        session, client = self.request.session, self.request.client
        found = select(Token).where(
            Token.hash == token_hash(token), Token.kind == REFRESH, Token.client_row == client.id
        )
        row = session.scalar(found if self.server.sandbox else found.where(~Token.is_sandbox))
        if row is None or row.revoked_at is not None:
            if row is not None and client.is_public:
                self.end_grant(row)
            raise invalid_grant("Invalid refresh token")
        if row.expires_at is not None and row.expires_at <= time.time():
            raise invalid_grant("Refresh token has expired")
        return _Presented(row)

    def issue_token(self, user: _Presented, presented: _Presented) -> Issued:
        """An access token, with the refresh token that goes on."""
        public = self.request.client.is_public
        issued = self.generate_token(user, presented.get_scope(), include_refresh_token=public)
        return issued if public else issued.beside(self.request.form["refresh_token"])

    def revoke_old_credential(self, presented: _Presented) -> None:
        """Ends a refresh token that a new one takes the place of."""
        if self.request.client.is_public:
            presented.row.revoked_at = int(time.time())  # type: ignore[union-attr] # it is a token's


class ClientGrant(_Issuing, grants.ClientCredentialsGrant):  # type: ignore[misc]
    """A client's secret becomes an access token for what is the client's own."""

    def validate_requested_scope(self) -> None:
        """Refuses any scope but the client's.

        :raises Declined: for another.
        """
        scopes = self.request.payload.data
        if scopes.setdefault("scope", CLIENT_FULL_ACCESS.name) != CLIENT_FULL_ACCESS.name:
            raise Declined("invalid_scope", "An unsupported scope was requested")


class CodeGrant(_Issuing, grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code that a user has consented to becomes tokens, once."""

    def query_authorization_code(self, code: str, client: KnownClient) -> _Presented:
        """The code of this client. Where it has been used before, what was made of it ends.

        :raises Declined: where it is none, or no longer one.
        """
        session = self.request.session
        row = session.scalar(
            select(AuthorizationCode).where(
                AuthorizationCode.hash == token_hash(code), AuthorizationCode.client_row == client.id
            )
        )
        if row is None or row.used_at is not None:
            if row is not None:
                self.end_grant(row)
            raise invalid_grant("Authorization code doesn't exist or is invalid for the client")
        if row.expires_at <= time.time():
            raise invalid_grant("The authorization code has expired")
        # the SDK sends no redirect_uri: only one that is sent is compared
        return _Presented(row, row.redirect_uri if self.request.payload.redirect_uri else None)

    def delete_authorization_code(self, presented: _Presented) -> None:
        """Keeps the code as used: it is to be known when it comes again."""
        presented.row.used_at = int(time.time())  # type: ignore[union-attr] # it is a code's


def _same_challenge(verifier: str, challenge: str) -> bool:
    return hmac.compare_digest(create_s256_code_challenge(verifier), challenge)


class SameChallenge(CodeChallenge):  # type: ignore[misc]
    """PKCE by S256 alone (RFC 7636): a code that came with a challenge needs the verifier."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]
    CODE_CHALLENGE_METHODS: ClassVar = {"S256": _same_challenge}

    def get_authorization_code_challenge_method(self, _code: _Presented) -> str:
        """The one that there is."""
        return "S256"
