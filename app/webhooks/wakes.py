"""Which stores are to be looked at: each once, however often it was named, one after another."""

import threading
from collections import OrderedDict


class Wakes:
    """Stores that wait for their turn; one that is named while it is looked at waits again, as the last."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: OrderedDict[int, None] = OrderedDict()
        self._looked_at: set[int] = set()
        self._again: set[int] = set()
        self._is_closed = False

    def add(self, store_id: int) -> None:
        """Has a store looked at soon."""
        with self._changed:
            if store_id in self._looked_at:
                self._again.add(store_id)
            elif store_id not in self._waiting:
                self._waiting[store_id] = None
                self._changed.notify()

    def take(self) -> int | None:
        """The store whose turn it is; waits for one. None when there will be no more."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                return None
            store_id, _ = self._waiting.popitem(last=False)
            self._looked_at.add(store_id)
            return store_id

    def done(self, store_id: int) -> None:
        """It has been looked at."""
        with self._changed:
            self._looked_at.discard(store_id)
            if store_id in self._again:
                self._again.discard(store_id)
                self._waiting[store_id] = None
                self._changed.notify()

    def close(self) -> None:
        """Gives out no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
