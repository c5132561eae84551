"""Who asks from the explorer: a cookie holds the token, and counts only for the explorer's own pages.

Pages of other origins can send a browser here, but can neither read what it shows, as no answer that
such a cookie counted for carries a CORS header, nor send the header by which the explorer's script says
that it is asking, as no preflight allows that.
"""

from urllib.parse import urlsplit

from flask import Response, request

from app import origin
from app.application import request_environ
from app.auth.bearer import Bearer
from app.auth.house import House
from app.auth.scopes import Reach
from app.errors import Refusal
from app.reading import Caller
from representations import OFFERS, explorer, negotiate

NAME = "patron_explorer"
SIGNED_OUT = "none"
"""What the cookie holds of who does not want to be signed in, where a sandbox would do it."""

ASKING = "HTTP_X_PATRON_EXPLORER"
NOBODY = 401
NEAR = frozenset({"127.0.0.1", "::1"})
PASSED_ON = frozenset({"HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_VIA"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""The names of this machine: behind any other that leads here, somebody else's page may stand."""

FRAMES = frozenset({"iframe", "frame", "embed", "object"})
"""Where a browser shows a page within another (Fetch Metadata §2.1), which may be anybody's."""


class ExplorerSession:
    """Finds who asks, by token or from the explorer."""

    def __init__(self, bearer: Bearer, house: House | None, base_url: str | None) -> None:
        self._bearer, self._house = bearer, house
        self._own_host = urlsplit(base_url).netloc.lower() if base_url else None

    def anyone(self) -> Caller | None:
        """Who asks, where anybody may.

        :raises Refusal: 401 for a token that stands for nobody.
        """
        header = request_environ().get("HTTP_AUTHORIZATION")
        if header:
            return self._bearer.anyone(header)
        return self._from_explorer() if from_explorer() else None

    def caller(self, reach: Reach, *, writing: bool) -> Caller:
        """Who asks, where that needs a token that reaches so far.

        :raises Refusal: 401 where nobody does, 403 where the scope is too small.
        """
        header = request_environ().get("HTTP_AUTHORIZATION")
        known = self._from_explorer() if not header and from_explorer() else None
        if known is None:
            return self._bearer.caller(header, reach, writing=writing)
        return self._bearer.holding(known, reach, writing=writing)

    def signed_in(self) -> bool:
        """Whether this browser's requests stand for somebody."""
        try:
            return self._from_explorer() is not None
        except Refusal:
            return False

    def _from_explorer(self) -> Caller | None:
        kept = request.cookies.get(_cookie(origin.base_url()), "")
        if self._house is None or not self._is_ours():
            return self._bearer.anyone(f"Bearer {kept}") if kept and kept != SIGNED_OUT else None
        return self._tried(kept) or (self._house.caller() if kept != SIGNED_OUT else None)

    def _tried(self, kept: str) -> Caller | None:
        """Who a cookie stands for, which may be an earlier sandbox's."""
        return self._bearer.anyone(f"Bearer {kept}") if kept and self.is_known(kept) else None

    def is_known(self, token: str) -> bool:
        """Whether a token stands for somebody."""
        try:
            return self._bearer.anyone(f"Bearer {token}") is not None
        except Refusal as refusal:
            if refusal.status != NOBODY:
                raise
            return False

    def _is_ours(self) -> bool:
        """Whether the request came from this machine, and by a name that can be nobody else's.

        Names can be made to lead here; what a proxy passes on may come from anywhere.
        """
        environ = request_environ()
        if environ.get("REMOTE_ADDR") not in NEAR or any(each in environ for each in PASSED_ON):
            return False
        host = environ.get("HTTP_HOST", "").lower()
        return host == self._own_host or host.rpartition(":")[0] in LOOPBACK or host in LOOPBACK


def from_explorer() -> bool:
    """Whether a request can only be one of the explorer's: a page to look at, or asked by its script."""
    environ = request_environ()
    if ASKING in environ:
        return bool(environ.get("HTTP_SEC_FETCH_SITE", "same-origin") == "same-origin")
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or environ.get("HTTP_SEC_FETCH_DEST") in FRAMES:
        return False
    offer = negotiate(environ.get("HTTP_ACCEPT", ""), OFFERS)
    return offer is not None and offer.format is explorer


def has_cookie() -> bool:
    """Whether a browser sent the explorer's cookie along."""
    return any(name.endswith(NAME) for name in request.cookies)


def _cookie(base: str) -> str:
    """The cookie's name, by which browsers hold it to where it came from (RFC 6265bis §4.1.3)."""
    parts = urlsplit(base)
    if parts.scheme.lower() != "https":
        return NAME
    return f"__Secure-{NAME}" if parts.path.strip("/") else f"__Host-{NAME}"


def keep(response: Response, token: str, base: str) -> Response:
    """Lets the browser keep a token until it is closed, or keep in mind that there is to be none."""
    parts = urlsplit(base)
    response.set_cookie(
        _cookie(base),
        token or SIGNED_OUT,
        path=parts.path or "/",
        secure=parts.scheme.lower() == "https",
        httponly=True,
        samesite="Strict",
    )
    return response
