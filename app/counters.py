"""Sliding-window counters in the memory of one process, for the library `limits`: locked and bounded.

The library's own memory expires its counters in a thread that races with requests (a KeyError now and
then, a hit lost) and keeps as many as strangers care to make.
"""

import threading
import time

from limits.storage import MemoryStorage

MOST = 50_000
"""Counters that are kept: some 15 MB. Where more are wanted, the oldest are forgotten first."""


class BoundedMemory(MemoryStorage):
    """Two numbers for each key: how often it was hit in this window and in the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int, int, int]] = {}

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts a hit where there is room for it."""
        now = time.time()
        with self._lock:
            previous, current = self._counts(key, expiry, now)
            if int(previous * _left(expiry, now) / expiry) + current + amount > limit:
                return False
            if key not in self._windows and len(self._windows) >= MOST:
                self._forget(now)
            number = int(now // expiry)
            self._windows[key] = ((number + 2) * expiry, number, previous, current + amount)
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The counts of the window before and of this one, each with the seconds for which it matters."""
        now = time.time()
        with self._lock:
            previous, current = self._counts(key, expiry, now)
        left = _left(expiry, now)
        return previous, left if previous else 0.0, current, left + expiry

    def _counts(self, key: str, expiry: int, now: float) -> tuple[int, int]:
        number = int(now // expiry)
        _, last, previous, current = self._windows.get(key, (0.0, number, 0, 0))
        if last == number:
            return previous, current
        return (current, 0) if last == number - 1 else (0, 0)

    def _forget(self, now: float) -> None:
        """Drops what has run out, and the oldest quarter where nothing has."""
        for key in [key for key, window in self._windows.items() if window[0] <= now]:
            del self._windows[key]
        if len(self._windows) >= MOST:
            for key in list(self._windows)[: MOST // 4]:
                del self._windows[key]


def _left(expiry: int, now: float) -> float:
    """Seconds until this window ends."""
    return expiry - now % expiry
