"""/healthz, /readyz and /metrics: for machines on the operator's side, in front of the application.

They are no resources: no token, no format to choose, no counting of rates, nothing to keep.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from app.config import Config
from app.operations.readiness import Readiness

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from prometheus_client.registry import Collector

HEALTH = "application/health+json"
ALIVE = b'{"status":"pass"}'

FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")
"""What says that a proxy stands between: then it is not told whose address the request's is."""

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

Told = tuple[str, str, bytes]


class Endpoints:
    """Answers at the three paths."""

    def __init__(self, config: Config, readiness: Readiness, collectors: Sequence["Collector"] = ()) -> None:
        self._networks, self._token = config.metrics_networks, config.metrics_token
        self._readiness, self._collectors = readiness, collectors

    def answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The answer to a request for one of the paths."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        status, media_type, body = self._told(path, environ)
        headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
        if method not in {"GET", "HEAD"}:
            status, media_type, body = "405 Method Not Allowed", HEALTH, b'{"status":"fail"}'
            headers.append(("Allow", "GET, HEAD"))
        headers += [("Content-Type", media_type), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [] if method == "HEAD" else [body]

    def _told(self, path: str, environ: Mapping[str, Any]) -> Told:
        if path == "/healthz":
            return "200 OK", HEALTH, ALIVE
        if path == "/readyz":
            health = self._readiness.health()
            status = "503 Service Unavailable" if health.status == "fail" else "200 OK"
            return status, HEALTH, health.body
        if not self._may_see_metrics(environ):
            return "404 Not Found", "text/plain; charset=utf-8", b""
        from app.operations.metrics import CONTENT_TYPE, exposition

        return "200 OK", CONTENT_TYPE, exposition(self._collectors)

    def _may_see_metrics(self, environ: Mapping[str, Any]) -> bool:
        """Who has the token, or asks from one of the networks with no proxy between."""
        if self._token:
            scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
            is_bearer = scheme.lower() == "bearer"
            return hmac.compare_digest(given.encode(), self._token.encode()) and is_bearer
        if any(name in environ for name in FORWARDED):
            return False
        try:
            address = ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:  # a socket of the file system has none
            return False
        return any(address in network for network in self._networks)
