"""What a browser keeps between the pages of /authorize: a signed cookie, for an hour."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.auth.sign_in import SignedIn, Users
from app.encryption import derived_key

COOKIE = "patron_session"
SECONDS = 60 * 60


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A visit: `form_token` stands in every form, so that no other site's page can send one (CSRF)."""

    form_token: str = field(repr=False)
    user: SignedIn | None = None

    def sent_by_us(self, form_token: str) -> bool:
        """Whether a form is one of this visit's."""
        return hmac.compare_digest(form_token.encode(), self.form_token.encode())

    def signed_in(self, user: SignedIn) -> "BrowserSession":
        """A new visit, by a user: forms from before no longer count."""
        return replace(new_session(), user=user)


def new_session() -> BrowserSession:
    """The visit of somebody whom we do not know."""
    return BrowserSession(secrets.token_urlsafe(32))


class BrowserSessions:
    """Reads and writes the cookie. It ends an hour after sign-in, or when the password changes."""

    def __init__(self, secret_keys: Sequence[str], users: Users) -> None:
        """Cookies signed with the first of the keys, and read with any."""
        keys = [derived_key(each, b"patron: browser sessions") for each in reversed(secret_keys)]
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeTimedSerializer(keys, "authorize", signer_kwargs=options)
        self._users = users

    def current(self) -> BrowserSession | None:
        """The visit that this request belongs to, if it belongs to one."""
        try:
            kept: dict[str, Any] = self._serializer.loads(request.cookies.get(COOKIE, ""), max_age=SECONDS)
            form_token, user_id, mark = kept["form_token"], kept["user"], kept["mark"]
        except (BadData, KeyError, TypeError):
            return None
        user = self._users.known(user_id) if user_id else None
        if user is not None and not hmac.compare_digest(user.mark, mark):
            user = None
        return BrowserSession(form_token, user)

    def kept(self, session: BrowserSession, response: Response, base: str) -> Response:
        """A response that lets the browser keep a new visit; other sites' forms do not send the cookie."""
        user = session.user
        kept = {"form_token": session.form_token, "user": user and user.id, "mark": user and user.mark}
        response.set_cookie(
            COOKIE,
            str(self._serializer.dumps(kept)),
            max_age=SECONDS,
            path=f"{urlsplit(base).path}/authorize",
            secure=base.lower().startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
        return response
