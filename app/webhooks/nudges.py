"""Nudges: what a server says to workers when there is news; the queue is loaded with the first of them."""

import threading
import time
from typing import TYPE_CHECKING, Any

from app.behind import Behind
from app.config import Config
from app.webhooks.seldom import Seldom

if TYPE_CHECKING:
    from huey import Huey

GATHERED_SECONDS = 0.02
"""For how long the stores are gathered that are then named at once."""

LOOKED_AFTER = 100
MOST_WAITING = 10_000
"""How many wake-ups may wait: where no worker takes them away, they must not fill the disk."""


class Nudges:
    """Tells workers that a store has news. It costs a request next to nothing, and never fails."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._behind = Behind()
        self._lock = threading.Lock()
        self._named: set[int] = set()
        self._seldom = Seldom()
        self._task: Any = None
        self._queue: Huey | None = None
        self._sent = 0

    def tell(self, store_id: int) -> None:
        """Has a worker look at a store soon."""
        with self._lock:
            is_first = not self._named
            self._named.add(store_id)
        if is_first:
            self._behind.do(self._send)

    def _send(self) -> None:
        time.sleep(GATHERED_SECONDS)
        with self._lock:
            named, self._named = self._named, set()
        try:
            for store_id in sorted(named):
                self._enqueue(store_id)
        except Exception as error:  # whatever the queue's trouble is, workers look by themselves
            self._task = None
            self._seldom.say("queue_unreachable", error, "webhooks are told later: see to the queue")

    def _enqueue(self, store_id: int) -> None:
        from app.webhooks.queue import open_queue, wake_up  # Huey takes its time

        if self._task is None:  # not before: a server may fork after it has made the application
            self._queue = open_queue(self._config)
            self._task = wake_up(self._queue, lambda _: None) if self._queue else _nothing
        if self._queue is not None and self._sent % LOOKED_AFTER == 0 and len(self._queue) > MOST_WAITING:
            return
        self._sent += 1
        self._task(store_id)


def _nothing(_store_id: int) -> None:
    """Without a queue, workers look by themselves."""
