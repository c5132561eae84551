"""Lines of the log about what keeps going wrong: one a minute of each, with how often it went wrong."""

import threading
import time

import structlog

log = structlog.get_logger()

SECONDS = 60


class Seldom:
    """Says of each trouble at most once a minute that it is there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def say(self, trouble: str, error: BaseException, remedy: str) -> None:
        """One line with the name of the error, never its text: that may hold what nobody should read."""
        now = time.monotonic()
        with self._lock:
            self._unsaid[trouble] = self._unsaid.get(trouble, 0) + 1
            if now - self._said.get(trouble, -SECONDS) < SECONDS:
                return
            self._said[trouble] = now
            times = self._unsaid.pop(trouble)
        log.error(trouble, error=type(error).__name__, times=times, remedy=remedy)
