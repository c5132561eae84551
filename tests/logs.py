"""What is logged meanwhile: the lines of structlog and of the standard library, at DEBUG."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from app.logs import configure_logs


class Lines:
    """All lines so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """The lines of an event, as far as they say this."""
        return [line for line in self.all if line["event"] == event and facts.items() <= line.items()]


@contextmanager
def captured_logs() -> Iterator[Lines]:
    """Logs go into memory, set up as they are for a server."""
    lines, root, stderr = Lines(), logging.getLogger(), sys.stderr
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers[:] = []
        sys.stderr = lines.stream
        configure_logs()
        # Between a fixture and its test pytest sets sys.stderr anew, so the lines' end is the stream itself.
        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(lines.stream))
        for handler in root.handlers:
            handler.setLevel(logging.DEBUG)
        root.setLevel(logging.DEBUG)
        yield lines
    finally:
        sys.stderr = stderr
        root.handlers[:] = handlers
        root.setLevel(level)
        configure_logs()
