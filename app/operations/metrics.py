"""The figures of this process for Prometheus: what is counted, and under which labels.

Labels come from closed sets: the rules of routes, never paths; names of formats; types of hashes. None is
an id, a name or an address. Where PROMETHEUS_MULTIPROC_DIR names a folder, the processes of a node count
there together, and each answers for all.
"""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event

from app.config import Config
from app.db.engine import normalized
from app.operations.places import FOLDER
from app.passwords import GATE, timers

disable_created_metrics()  # type: ignore[no-untyped-call] # the library has not typed it

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
HASHING = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

REGISTRY = CollectorRegistry()
"""Of this process alone: so that nothing of a library's own is told by the way."""

REQUESTS = Counter(
    "patron_requests", "Requests answered.", ("route", "method", "status", "format"), registry=REGISTRY
)
LATENCY = Histogram(
    "patron_request_seconds",
    "From a request's arrival in the application to its answer.",
    ("route", "method"),
    buckets=LATENCIES,
    registry=REGISTRY,
)
STATEMENTS = Counter("patron_sql_statements", "SQL statements run.", registry=REGISTRY)
SQL_SECONDS = Counter("patron_sql_seconds", "What they took, the database and its driver.", registry=REGISTRY)
HASHES = Histogram(
    "patron_hash_seconds",
    "Passwords hashed, by type and strength: log2 of how many MD5s one costs.",
    ("type", "strength"),
    buckets=HASHING,
    registry=REGISTRY,
)
HASHES_WAITING = Gauge(
    "patron_hashes_waiting",
    "Requests that wait for a core to hash a password on.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
HASHES_REFUSED = Counter("patron_hashes_refused", "Passwords for which there was no room.", registry=REGISTRY)
POOL_IN_USE = Gauge(
    "patron_pool_connections_in_use",
    "Connections that transactions have now.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
POOL_SIZE = Gauge(
    "patron_pool_connections_at_most",
    "Connections that transactions can have.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
ATTEMPTS = Counter(
    "patron_webhook_attempts",
    "Attempts to tell webhooks: successful, pending (tried again later), failed (given up: dead).",
    ("result",),
    registry=REGISTRY,
)
BUILD = Gauge(
    "patron_build_info",
    "What runs; always 1.",
    ("version", "python", "database"),
    multiprocess_mode="max",
    registry=REGISTRY,
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FORMATS = {
    "application/hal+json": "hal+json",
    "application/json": "json",
    "application/hal+xml": "hal+xml",
    "application/xml": "xml",
    "application/vnd.siren+json": "siren+json",
    "application/prs.hal-forms+json": "hal-forms+json",
    "application/problem+json": "problem+json",
    "application/schema+json": "schema+json",
    "application/openapi+json": "openapi+json",
    "multipart/mixed": "multipart",
    "text/html": "html",
    "text/plain": "text",
    "text/css": "css",
    "text/javascript": "javascript",
    "": "none",
}
"""What stands under `format`, by the media type of the answer; all else is `other`."""

MOST_KNOWN = 10_000


class Requests:
    """Counts requests. What is counted under one set of labels is looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[Any, Any, str]] = {}

    def count(
        self,
        rule: str | None,
        method: str,
        status: str,
        content_type: str,
        seconds: float,
        statements: int,
        sql_seconds: float,
    ) -> str:
        """Counts one, and gives the name of its format.

        :param rule: the route's rule; None where no route was found.
        :param status: the status line.
        """
        key = (rule, method, status, content_type)
        known = self._known.get(key)
        if known is None:
            known = self._children(rule, method, status, content_type)
            if len(self._known) < MOST_KNOWN:
                self._known[key] = known
        requests, latency, format_name = known
        requests.inc()
        latency.observe(seconds)
        if statements:
            STATEMENTS.inc(statements)
            SQL_SECONDS.inc(sql_seconds)
        return format_name

    def _children(
        self, rule: str | None, method: str, status: str, content_type: str
    ) -> tuple[Any, Any, str]:
        format_name = FORMATS.get(content_type.partition(";")[0].strip().lower(), "other")
        route, method = rule or "none", method if method in METHODS else "other"
        return (
            REQUESTS.labels(route, method, status[:3], format_name),
            LATENCY.labels(route, method),
            format_name,
        )


class AtTheGate:
    """What is told of the gate of hashing."""

    def waits(self, more: int) -> None:
        """One more waits, or one fewer."""
        HASHES_WAITING.inc(more)

    def refused(self) -> None:
        """One found no room."""
        HASHES_REFUSED.inc()


def hashed(hash_type: str, strength: float, seconds: float) -> None:
    """Counts a hash."""
    HASHES.labels(hash_type, str(round(strength))).observe(seconds)


def watch_hashes() -> None:
    """Has hashes counted from now on; once in a process."""
    GATE.watched = AtTheGate()
    if hashed not in timers:
        timers.append(hashed)


def describe(config: Config, engine: Engine, connections: int) -> None:
    """Says what runs, and watches its pool of connections."""
    backend = normalized(config.database_url).get_backend_name()
    BUILD.labels(version("patron"), platform.python_version(), backend).set(1)
    POOL_SIZE.set(connections)
    event.listen(engine, "checkout", lambda *_: POOL_IN_USE.inc())
    event.listen(engine, "checkin", lambda *_: POOL_IN_USE.dec())


def exposition(more: Sequence[Collector]) -> bytes:
    """All figures as text, those of all processes of the node where they count together.

    :param more: what is found out when it is asked for.
    """
    registry = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library has not typed it
    else:
        ProcessCollector(registry=registry)
        registry.register(REGISTRY)
    for each in more:
        registry.register(each)
    return generate_latest(registry)
