"""The gate that all hashing passes: every core may be busy with it, never every thread of the server.

Other work that takes its time has gates of its own.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

PATIENCE = 10.0
"""Seconds that one waits for a core."""


class Overloaded(Exception):
    """Too many passwords are being hashed: there is no room to wait, or the wait was too long."""


class Watched(Protocol):
    """Who is told how things stand at a gate."""

    def waits(self, more: int) -> None:
        """One more waits for a core, or one fewer (-1)."""

    def refused(self) -> None:
        """One found no room."""


class Gate:
    """Lets so many hash at once, and so many more wait.

    :param at_once: how many may hash at the same time.
    :param inside: how many may hash or wait.
    :param patience: how many seconds one waits.
    """

    def __init__(self, at_once: int, inside: int, patience: float = PATIENCE) -> None:
        self._cores = threading.Semaphore(at_once)
        self._places = threading.Semaphore(inside)
        self.patience = patience
        self.watched: Watched | None = None

    def leave_threads(self, threads: int) -> None:
        """Keeps a quarter of the server's threads for requests that hash nothing."""
        self._places = threading.Semaphore(max(1, threads * 3 // 4))

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Hashes inside; whoever is inside must not enter again.

        :raises Overloaded: at once where there is no place left, or after the wait.
        """
        places = self._places
        if not places.acquire(blocking=False):
            self._refuse()
        try:
            self._await_core()
            try:
                yield
            finally:
                self._cores.release()
        finally:
            places.release()

    def _await_core(self) -> None:
        if self._cores.acquire(blocking=False):
            return
        if self.watched:
            self.watched.waits(1)
        try:
            if not self._cores.acquire(timeout=self.patience):
                self._refuse()
        finally:
            if self.watched:
                self.watched.waits(-1)

    def _refuse(self) -> NoReturn:
        if self.watched:
            self.watched.refused()
        raise Overloaded


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


GATE = Gate(cores(), inside=6)
"""The one of this process; `create_app` says how many threads the server has."""
