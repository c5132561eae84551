"""CORS: which pages of other origins may use a store's portal from a browser (Fetch §3.2)."""

from flask import Request, Response

from app.portal.portals import Portal, normal_origin

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
HEADERS = "authorization, cache-control, content-type, foxy-api-version"
EXPOSED = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After"
SECONDS = "600"
"""How long a browser remembers what a preflight told it."""


def is_preflight(request: Request) -> bool:
    """Whether a browser asks what a page may do, before it does that."""
    return (
        request.method == "OPTIONS"
        and "HTTP_ORIGIN" in request.environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.environ
    )


def preflight() -> Response:
    """The answer to a preflight, to which `allow` adds the origin where that is allowed."""
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Methods"] = METHODS
    answer.headers["Access-Control-Allow-Headers"] = HEADERS
    answer.headers["Access-Control-Max-Age"] = SECONDS
    return answer


def allow(response: Response, portal: Portal, origin: str | None) -> None:
    """Lets a page read an answer, errors too, where its origin is among the portal's.

    There is no mode with credentials: sessions are proved by a header that pages have to set.
    """
    if origin and normal_origin(origin) in portal.origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    vary = response.headers.get("Vary")
    response.headers["Vary"] = f"{vary}, Origin" if vary else "Origin"
