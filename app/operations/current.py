"""What is known of the request that a thread works on: who asks, under which ids, what the database took."""

import threading
from typing import Any


class Facts:
    """The facts of one thread's request; of no request, they are empty. Each thread keeps one of these.

    `trace_id` and `parent_id` are those of W3C Trace Context in hexadecimal, empty where none was sent.
    `rule` is that of the route, None where there is none or it has not been looked for yet. `seconds` is what
    the statements have taken: the database, and its driver. `span` is OpenTelemetry's, where spans are made.
    """

    __slots__ = (
        "client",
        "flags",
        "parent_id",
        "request_id",
        "rule",
        "seconds",
        "span",
        "statements",
        "store_id",
        "trace_id",
    )

    def __init__(self) -> None:
        self.span: Any = None
        self.begin("", "", "", 0)

    def begin(self, request_id: str, trace_id: str, parent_id: str, flags: int) -> None:
        """Forgets the request before."""
        self.request_id, self.trace_id, self.parent_id, self.flags = request_id, trace_id, parent_id, flags
        self.rule: str | None = None
        self.store_id, self.client = 0, ""
        self.statements, self.seconds = 0, 0.0

    def asked_by(self, store_id: int, client: str) -> None:
        """Notes who asks, once that is known."""
        self.store_id, self.client = store_id, client

    def ran(self, seconds: float) -> None:
        """Counts a statement."""
        self.statements += 1
        self.seconds += seconds

    def spent(self) -> tuple[int, float]:
        """How many statements there were and what they took, and begins to count anew."""
        counted = self.statements, self.seconds
        self.statements, self.seconds = 0, 0.0
        return counted


class Current(threading.local):
    """The facts of this thread."""

    def __init__(self) -> None:
        self.facts = Facts()


CURRENT = Current()
