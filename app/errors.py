"""From an exception to the error resource that tells the client, and the one table of statuses.

Every answer that is no success comes from here, in the media type the client asked for; its `logref`
stands in the server's log too (hAPI §5.2).
"""

import secrets
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy.exc
import structlog
from flask import Flask, Response, current_app, request
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map

from app import cards
from app.db.reader import Unavailable
from app.passwords import Overloaded
from representations import Curie, Embedded, Rel, Resource, Shape

log = structlog.get_logger()

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "insufficient_scope",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    414: "query_too_long",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal_error",
    501: "not_implemented",
    503: "unavailable",
}
"""The status of every kind of failure, and the code of an entry that has none of its own."""

NOT_OFFERED = 501
"""The one of the five hundreds that is no failure: what is asked for is understood, and not offered."""

MOST_FAULTS = 100
"""How many entries a client is told: one body may have faults by the thousand, each of many lines."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the offending property where there is one, and a stable code."""

    message: str
    property: str | None = None
    code: str | None = None


@dataclass(eq=False)
class Refusal(Exception):
    """What a client is refused, and why. `top` are members beside the entries, as OAuth wants them."""

    status: int
    faults: tuple[Fault, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    top: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        status: int,
        *messages: str,
        properties: Sequence[str] = (),
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Refusal":
        """A refusal with an entry for each message, the properties in the same order."""
        named = [*properties, *[None] * (len(messages) - len(properties))]
        faults = tuple(
            Fault(message, name, code or CODES[status]) for message, name in zip(messages, named, strict=True)
        )
        return cls(status, faults, headers or {})


def unauthorized(error: str, description: str) -> Refusal:
    """A 401 as OAuth clients read it (RFC 6750 §3): `error` and `error_description` at the top."""
    challenge = 'Bearer realm="patron"'
    if error != "missing_token":
        challenge += f', error="{error}", error_description="{description}"'
    name = "invalid_request" if error == "missing_token" else error
    return Refusal(
        401,
        (Fault(description, "Authorization", error),),
        {"WWW-Authenticate": challenge},
        {"error": name, "error_description": description},
    )


class ErrorDocument:
    """The shapes of hAPI's error document, made once with the curie of the server."""

    def __init__(self, curie: Curie) -> None:
        def rel(name: str) -> Rel:
            return Rel(name, curie)

        entry = ("logref", "message", "property", "code")
        self._entry = Shape(rel("error"), entry, curie=curie)
        self._plain = Shape(rel("errors"), ("total",), hidden=("status",), curie=curie)
        top = ("total", "error", "error_description")
        self._oauth = Shape(rel("errors"), top, hidden=("status",), curie=curie)
        self._embedded = Embedded(rel("errors"), rel("error"), many=True)

    def resource(self, refusal: Refusal, logref: str) -> Resource:
        """The document of a refusal."""
        entries = [
            Resource(self._entry, (logref, fault.message, fault.property, fault.code))
            for fault in refusal.faults[:MOST_FAULTS]
        ]
        total = len(entries)
        embedded = ((self._embedded, entries),)
        if refusal.top:
            top = (total, refusal.top["error"], refusal.top["error_description"], refusal.status)
            return Resource(self._oauth, top, embedded)
        return Resource(self._plain, (total, refusal.status), embedded)


def handle_errors(app: Flask, document: ErrorDocument) -> None:
    """Lets every failure of the application answer with an error resource."""
    from app.respond import answer_error

    def answer(error: Exception) -> Response:
        return answer_error(*explained(error, document))

    app.register_error_handler(Exception, answer)


def explained(error: Exception, document: ErrorDocument) -> tuple[Resource, int, Mapping[str, str]]:
    """What a client is told of a failure, its status and headers; the log is told under the same logref."""
    refusal, logref = refused(error)
    return document.resource(refusal, logref), refusal.status, refusal.headers


def refused(error: Exception) -> tuple[Refusal, str]:
    """What a failure is to a client, and the logref under which the log is told of it."""
    refusal, logref = _refusal(error), new_logref()
    _log(error, refusal, logref)
    return refusal, logref


def new_logref() -> str:
    """A name for one failure, in hAPI's form and unique: it stands in the answer and in the log."""
    return f"id-{int(time.time())}-{secrets.token_hex(3)}"


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, MethodNotAllowed):
        allow = ", ".join(each for each in _METHODS if each in (error.valid_methods or ()))
        message = f"{_no_route()}: Method Not Allowed (Allow: {allow})"
        return Refusal.of(405, message, headers={"Allow": allow})
    if isinstance(error, NotFound):
        return Refusal.of(404, _no_route())
    if isinstance(error, HTTPException) and error.code in CODES:
        return Refusal.of(error.code, error.description or CODES[error.code])
    if isinstance(error, _DATABASE):
        message = "the database does not answer: try again shortly"
        return Refusal.of(503, message, headers={"Retry-After": "1"})
    if isinstance(error, Overloaded):
        message = "too many passwords are being hashed: try again shortly"
        return Refusal.of(503, message, headers={"Retry-After": "2"})
    return Refusal.of(500, "something went wrong on the server: its log has the details under this logref")


_DATABASE = (Unavailable, OperationalError, InterfaceError, sqlalchemy.exc.TimeoutError)
"""What is raised while the database does not answer, or has no connection to give."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _no_route() -> str:
    return f'No route found for "{shortened(request.method)} {shortened(request.path, 200)}"'


def _log(error: Exception, refusal: Refusal, logref: str) -> None:
    said: dict[str, Any] = {
        "logref": logref,
        "status": refusal.status,
        "method": request.method,
        "path": _impersonal_path(),
        "codes": [fault.code for fault in refusal.faults[:MOST_FAULTS]],
    }
    if refusal.status >= 500 and refusal.status != NOT_OFFERED:
        causes = [type(each).__name__ for each in (error, error.__cause__) if each is not None]
        if reason := _database_reason(error):
            said["database"] = reason
        log.error("failed", error=causes, where=_where(error), **said)
    else:
        log.info("refused", **said)


def _impersonal_path() -> str:
    """The path as the log may hold it: of what is neither a number nor a word of the routes, nobody knows
    whether it is a name, an address or a secret."""
    words = _words(current_app.url_map)
    segments = (each if each.isdecimal() or each in words else "…" for each in request.path[:400].split("/"))
    return shortened("/".join(segments), 200)


@lru_cache(maxsize=1)
def _words(routes: Map) -> frozenset[str]:
    """The segments that are the same in every address of a route."""
    segments = (each for rule in routes.iter_rules() for each in rule.rule.split("/"))
    return frozenset(each for each in segments if "<" not in each)


def _database_reason(error: BaseException | None) -> str:
    """The name or number that the database gave to its trouble, never its text: SQLITE_FULL, 53100; or ""."""
    while error is not None:
        of_driver = getattr(error, "orig", None) or error
        named = getattr(of_driver, "sqlite_errorname", None) or getattr(of_driver, "sqlstate", None)
        if named:
            return str(named)
        error = error.__cause__
    return ""


def shortened(text: str, longest: int = 80) -> str:
    """Text of a request as an error message repeats it: printable, not too long, no card number in it."""
    text = cards.masked(text[: 2 * longest])
    printable = "".join(each if each.isprintable() else "\ufffd" for each in text[:longest])
    return repr(printable + ("…" if len(text) > longest else ""))[1:-1]


def _where(error: BaseException) -> list[str]:
    """The way to the failure, innermost last, without the values that a stack trace may show."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
