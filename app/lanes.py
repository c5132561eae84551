"""Lanes of requests for waitress: who signs in waits among their own kind, never before the others.

To check a password takes a core for a quarter of a second. In one queue fifty sign-ins would hold all
threads, and whoever comes behind them would wait for half a minute. Whoever asks how the server is has a lane
too: a server with much to do is not taken for dead.
"""

import os
import time
from typing import Any, Protocol

from waitress.task import ThreadedTaskDispatcher

from app.operations.endpoints import PATHS

HASHING = frozenset({"authenticate", "sign_up", "authorize"})
"""The last part of the paths whose POST hashes a password, as a rule."""

BESIDE = 2
"""More threads than cores, so that one request is read while others hash."""


class Channel(Protocol):
    """What a lane serves: a connection with requests that are waiting, the oldest first."""

    requests: list[Any]

    def service(self) -> None:
        """Answers the oldest request."""

    def cancel(self) -> None:
        """Gives up."""


class Lanes:
    """A dispatcher that gives each request to the threads of its lane."""

    def __init__(self, threads: int) -> None:
        self._main, self._hashing = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self._asking = ThreadedTaskDispatcher()
        self._main.set_thread_count(threads)
        self._hashing.set_thread_count((os.cpu_count() or 1) + BESIDE)
        self._asking.set_thread_count(BESIDE)

    def add_task(self, channel: Channel) -> None:
        """Lets a connection's oldest request be answered."""
        self._lane(channel.requests[0]).add_task(channel)

    def _lane(self, request: Any) -> ThreadedTaskDispatcher:
        """What could not be read as a request has no path."""
        if request.error:
            return self._main
        if request.path in PATHS:
            return self._asking
        return self._hashing if _hashes(request) else self._main

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """Ends all threads: those of both lanes are told before either is waited for."""
        ends, lanes = time.monotonic() + timeout, (self._main, self._hashing, self._asking)
        for each in lanes:
            each.set_thread_count(0)
        ended = [each.shutdown(cancel_pending, max(ends - time.monotonic(), 0)) for each in lanes]
        return all(ended)


def _hashes(request: Any) -> bool:
    """Whether a request is one that signs in."""
    return request.command == "POST" and request.path.rstrip("/").rpartition("/")[2] in HASHING
