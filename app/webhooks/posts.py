"""The threads that post, shared fairly: stores take turns, and none has more than its share of them."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

Post = Callable[[], None]

THREADS = 64
SHARE = THREADS // 4
"""How many of them one store may have."""


class Posts:
    """Does posts on threads of its own, which begin when they are needed. A post must not raise."""

    def __init__(self, threads: int = THREADS, share: int = SHARE) -> None:
        self._most, self._share = threads, share
        self._changed = threading.Condition()
        self._waiting: OrderedDict[int, deque[Post]] = OrderedDict()
        self._running: dict[int, int] = {}
        self._threads = 0
        self._idle = 0
        self._is_stopped = False

    def add(self, store_id: int, post: Post) -> None:
        """Does it when the store's turn comes."""
        with self._changed:
            self._waiting.setdefault(store_id, deque()).append(post)
            if self._idle:
                self._changed.notify()
            elif self._threads < self._most:
                self._threads += 1
                name = f"patron-post-{self._threads}"
                threading.Thread(target=self._work, name=name, daemon=True).start()

    def stop(self, seconds: float) -> bool:
        """Waits so long at most for those under way; tells whether all are over.

        Those that wait are done here and now: who stops sees to it that they have nothing left to do.
        """
        with self._changed:
            self._is_stopped = True
            waiting = [post for posts in self._waiting.values() for post in posts]
            self._waiting.clear()
            self._changed.notify_all()
        for post in waiting:
            post()
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _work(self) -> None:
        while True:
            with self._changed:
                while (found := self._next()) is None:
                    if self._is_stopped:
                        return
                    self._idle += 1
                    self._changed.wait()
                    self._idle -= 1
                store_id, post = found
            try:
                post()
            finally:
                self._over(store_id)

    def _next(self) -> tuple[int, Post] | None:
        """The next post of the store that has waited longest for its turn, among those below their share."""
        for store_id, waiting in self._waiting.items():
            running = self._running.get(store_id, 0)
            if running < self._share:
                post = waiting.popleft()
                self._running[store_id] = running + 1
                if waiting:
                    self._waiting.move_to_end(store_id)
                else:
                    del self._waiting[store_id]
                return store_id, post
        return None

    def _over(self, store_id: int) -> None:
        with self._changed:
            running = self._running.pop(store_id) - 1
            if running:
                self._running[store_id] = running
            if self._is_stopped:
                self._changed.notify_all()
            elif store_id in self._waiting:
                self._changed.notify()
