"""A line that says how far something is, where a person watches."""

import sys
import time
from types import TracebackType

EVERY = 0.2
"""Seconds between two lines."""


class Progress:
    """Of one part: how much of how much, how fast, how long yet. Elsewhere than on a terminal, nothing."""

    def __init__(self, name: str, before: int = 0, total: int | None = None) -> None:
        self._name, self._before, self._done, self._total = name, before, before, total
        self._began = self._shown = time.monotonic()
        self._is_watched = sys.stderr.isatty()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_watched:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def advance(self, number: int, total: int | None = None) -> None:
        """Tells of more that is done."""
        self._done += number
        self._total = total if total is not None else self._total
        if self._is_watched and time.monotonic() - self._shown > EVERY:
            self._shown = time.monotonic()
            sys.stderr.write(f"\r\x1b[K{self.line}")
            sys.stderr.flush()

    @property
    def line(self) -> str:
        """`customers 1200 of 5000, 310 a second, 12 s left`."""
        rate = (self._done - self._before) / max(time.monotonic() - self._began, 0.001)
        said = f"{self._name} {self._done}"
        if self._total is None:
            return f"{said}, {rate:.0f} a second"
        left = max(self._total - self._done, 0) / rate if rate else 0
        return f"{said} of {self._total}, {rate:.0f} a second, {left:.0f} s left"
