"""How many deliveries of a webhook may be under way at once: more while it is quick, fewer while it is not.

So a receiver that answers at once is told much at a time, and one that hangs holds few of a worker's threads.
"""

import threading

AT_FIRST = 8
MOST = 128
SLOW_SECONDS = 2.0
MOST_KNOWN = 10_000
"""Of how many webhooks it is known how quick they are."""

Key = tuple[int, int]
"""A store, and a webhook of it."""


class Budgets:
    """Counts what is under way, for each webhook."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[Key, int] = {}
        self._busy: dict[Key, int] = {}

    def free(self, key: Key) -> int:
        """How many more may be begun."""
        with self._lock:
            return self._limits.get(key, AT_FIRST) - self._busy.get(key, 0)

    def take(self, key: Key, count: int) -> None:
        """So many are begun."""
        with self._lock:
            self._busy[key] = self._busy.get(key, 0) + count

    def give(self, key: Key, seconds: float = 0.0, *, heard: bool = False) -> None:
        """One is over, after so many seconds."""
        with self._lock:
            limit = self._limits.get(key, AT_FIRST)
            if seconds > SLOW_SECONDS:
                limit = max(1, limit // 2)
            elif heard:
                limit = min(limit + 1, MOST)
            self._busy[key] = max(self._busy.get(key, 0) - 1, 0)
            self._limits[key] = limit
            if len(self._limits) > MOST_KNOWN:
                self._forget()

    def is_low(self, key: Key) -> bool:
        """Whether so little is under way that it is worth looking for more."""
        with self._lock:
            return self._busy.get(key, 0) * 2 <= self._limits.get(key, AT_FIRST)

    def _forget(self) -> None:
        """Forgets those with nothing under way."""
        for key in [key for key, busy in self._busy.items() if not busy]:
            del self._busy[key]
            self._limits.pop(key, None)
