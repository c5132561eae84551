"""What is logged meanwhile: the lines of structlog and of the standard library, at DEBUG."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import app.lines
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
    written_to = vars(app.lines)["sys"]
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers[:] = []
        sys.stderr = lines.stream
        configure_logs()
        # Between a fixture and its test pytest sets sys.stderr anew, for which lines are not to leave.
        vars(app.lines)["sys"] = SimpleNamespace(stderr=lines.stream)
        for handler in root.handlers:
            handler.setLevel(logging.DEBUG)
        root.setLevel(logging.DEBUG)
        yield lines
    finally:
        vars(app.lines)["sys"] = written_to
        sys.stderr = stderr
        root.handlers[:] = handlers
        root.setLevel(level)
        configure_logs()
