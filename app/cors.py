"""CORS (Fetch §3.2): which pages of other origins may use a face of Patron from a browser.

There is no mode with credentials: what proves who asks is a header that pages have to set. What a browser
adds by itself, the explorer's cookie, lets no page of another origin read anything.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cache

from flask import Flask, Response

from app.application import request_environ
from app.auth.explorer_session import from_explorer, has_cookie
from app.origins import normal_origin

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
SECONDS = "600"
"""How long a browser remembers what a preflight told it."""

ANY = "*"


@dataclass(frozen=True, slots=True)
class Policy:
    """What pages may send to a face besides what every page may, and what they may read of its answers."""

    headers: str
    exposed: str

    def preflight(self) -> Response:
        """The answer to a preflight, to which `allow` adds the origin where that is allowed."""
        answer = Response(status=204)
        del answer.headers["Content-Type"]
        answer.headers["Access-Control-Allow-Methods"] = METHODS
        answer.headers["Access-Control-Allow-Headers"] = self.headers
        answer.headers["Access-Control-Max-Age"] = SECONDS
        return answer

    def allow(self, response: Response, origins: Container[str]) -> None:
        """Lets the page that asks read an answer, errors too, where its origin is among these."""
        origin = request_environ().get("HTTP_ORIGIN")
        if origin and (ANY in origins or normal_origin(origin) in origins):
            response.headers["Access-Control-Allow-Origin"] = ANY if ANY in origins else origin
            response.headers["Access-Control-Expose-Headers"] = self.exposed
        vary = response.headers.get("Vary")
        response.headers["Vary"] = f"{vary}, Origin" if vary else "Origin"


HYPERMEDIA = Policy(
    headers="accept, authorization, cache-control, content-type, foxy-api-version, foxycart-api-version, "
    "idempotency-key, if-match, if-none-match, prefer, x-http-method-override, x-requested-with",
    exposed="Accept-Patch, Accept-Post, Allow, Content-Location, ETag, Link, Location, Preference-Applied, "
    "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate",
)


def is_preflight() -> bool:
    """Whether a browser asks what a page may do, before it does that."""
    environ = request_environ()
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def let_pages_in(
    app: Flask, origins: frozenset[str], apart_from: re.Pattern[str], documentation: str
) -> None:
    """Lets pages of these origins use the addresses that the application has by now, what is beneath, and
    what is nobody's: that nothing is there is theirs to read, too.

    :param apart_from: the paths beneath that are another face's.
    :param documentation: the path of pages that they may show in a frame, as HAL's browsers do.
    """
    roots = _roots(app)
    others = cache(lambda: _roots(app) - roots)  # which are added after these

    def is_theirs() -> bool:
        path = request_environ()["PATH_INFO"]
        return _root(path) not in others() and not apart_from.match(path)

    def arrive() -> Response | None:
        return HYPERMEDIA.preflight() if is_preflight() and is_theirs() else None

    def leave(response: Response) -> Response:
        if is_theirs():
            HYPERMEDIA.allow(response, () if _is_for_our_own_pages(response) else origins)
        if _root(request_environ()["PATH_INFO"]) == _root(documentation):
            _let_frame(response, origins)
        return response

    if origins:
        app.before_request(arrive)
        app.after_request(leave)


def _roots(app: Flask) -> frozenset[str]:
    return frozenset(_root(rule.rule) for rule in app.url_map.iter_rules())


def _root(path: str) -> str:
    return path.split("/", 2)[1] if path.startswith("/") else path


def _let_frame(response: Response, origins: frozenset[str]) -> None:
    """Lets pages of these origins show this one, which in a frame has neither a script nor a sign-in."""
    policy = response.headers.get("Content-Security-Policy")
    if policy:
        framed_by = f"frame-ancestors {' '.join(sorted(origins))}"
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", framed_by)


def _is_for_our_own_pages(response: Response) -> bool:
    """What may show what a person is signed in to see; an error to who would rather have HTML is no other."""
    return response.mimetype == "text/html" or from_explorer() or has_cookie()
