"""The application with what an operator sees of it: ids, figures and one line of log for each request."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

from app.lines import write_line
from app.operations.current import CURRENT, Facts
from app.operations.endpoints import PATHS, Endpoints
from app.operations.metrics import Requests
from app.operations.request_ids import HEADER, request_id, trace

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from app.operations.tracing import Tracer

Headers = list[tuple[str, str]]


class Observed:
    """The application; what it does is not changed by being looked at."""

    def __init__(
        self, app: "WSGIApplication", endpoints: Endpoints, tracer: "Tracer | None", *, access_log: bool
    ) -> None:
        self._app, self._endpoints, self._tracer, self._access_log = app, endpoints, tracer, access_log
        self._requests = Requests()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers a request."""
        if environ["PATH_INFO"] in PATHS:
            return self._endpoints.answer(environ, start_response)
        began = perf_counter()
        given, facts = request_id(environ), CURRENT.facts
        facts.begin(given, *trace(environ))
        said: list[Any] = ["500", ()]

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            headers.append((HEADER, given))
            said[0], said[1] = status, headers
            return start_response(status, headers, exc_info)

        if self._tracer is not None:
            self._tracer.begin(facts)
        try:
            return self._app(environ, start)
        finally:
            self._ended(facts, environ["REQUEST_METHOD"], said[0], said[1], perf_counter() - began)

    def _ended(self, facts: Facts, method: str, status: str, headers: Headers, seconds: float) -> None:
        rule = facts.rule
        media_type = next((value for name, value in headers if name == "Content-Type"), "")
        statements, sql_seconds = facts.spent()
        format_name = self._requests.count(rule, method, status, media_type, seconds, statements, sql_seconds)
        if self._tracer is not None:
            self._tracer.end(facts, method, int(status[:3]), statements, sql_seconds)
        if self._access_log:
            _log(facts, method, int(status[:3]), format_name, seconds, statements, sql_seconds)


def _log(
    facts: Facts,
    method: str,
    status: int,
    format_name: str,
    seconds: float,
    statements: int,
    sql_seconds: float,
) -> None:
    """Writes the line. Nothing in it is a client's own words, but an id that was found well-formed: no path
    and no query, which may hold what is personal or secret."""
    line = {
        "event": "request",
        "route": facts.rule,
        "method": method[:10],
        "status": status,
        "format": format_name,
        "ms": round(seconds * 1000, 2),
        "statements": statements,
        "sql_ms": round(sql_seconds * 1000, 2),
        "request_id": facts.request_id,
        "level": "info",
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    if facts.trace_id:
        line["trace_id"] = facts.trace_id
    if facts.client:
        line["store_id"], line["client"] = facts.store_id, facts.client
    write_line(orjson.dumps(line).decode())
