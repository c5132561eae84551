"""Cuts connections whose time is up: a receiver that sends a byte now and then would hold one for ever."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Protocol

LOOKS = 0.25
"""How many seconds pass between two looks."""


class Connection(Protocol):
    """What has a socket, or has none just now."""

    sock: socket.socket | None


class Watch:
    """Looks at what is going on, from one thread, which runs while there is anything to look at."""

    def __init__(self) -> None:
        self._ends: dict[int, tuple[float, Connection]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @contextlib.contextmanager
    def until(self, end: float, connection: Connection) -> Iterator[None]:
        """Shuts the connection's socket if it is still busy at `end`, a moment of the monotonic clock."""
        key = id(connection)
        with self._changed:
            self._ends[key] = (end, connection)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="patron-watch", daemon=True)
                self._thread.start()
            elif len(self._ends) == 1:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._ends.pop(key, None)

    def close(self) -> None:
        """Ends the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _look(self) -> None:
        while True:
            with self._changed:
                while not self._ends and not self._is_closed:
                    self._changed.wait()
                if self._is_closed:
                    return
                now = time.monotonic()
                for end, connection in self._ends.values():
                    if end <= now:  # cut within the lock: a moment later it may be another's
                        _cut(connection)
            time.sleep(LOOKS)


def _cut(connection: Connection) -> None:
    held = connection.sock
    if held is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(held, socket.SHUT_RDWR)  # TLS' own would first wait for the other side
