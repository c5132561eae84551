"""Clients that take too long are hung up on: who sends and reads nothing, and who never comes to an end.

What passes is told by a clock that nobody sets. By the wall clock, which waitress looks at, a server whose
clock jumps would hang up on everybody, or on nobody for as long as it jumped back.
"""

import math
import time
from collections.abc import Sequence

from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

IDLE_SECONDS = 30
"""For how long a client may neither send nor read anything."""

WHOLE_SECONDS = 120
"""How long a request may be on its way, from its first byte to its last: a byte now and then is none."""

LOOKS_SECONDS = 1.0


class TimedChannel(HTTPChannel):  # type: ignore[misc] # waitress has no type hints
    """A connection that knows since when nothing has happened on it."""

    active_at = 0.0
    begun_at = 0.0

    @property
    def last_activity(self) -> float:
        """When something happened, as waitress notes it."""
        return self.active_at

    @last_activity.setter
    def last_activity(self, _by_the_wall_clock: float) -> None:
        self.active_at = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Takes what the client has sent; notes when a request begins that is not whole yet."""
        before = self.request
        is_taken = bool(super().received(data))
        if self.request is not before:
            self.begun_at = time.monotonic()
        return is_taken

    def is_late(self, now: float) -> bool:
        """Whether its client has taken too long. While a request is worked on, it is not its turn."""
        if self.requests:
            return False
        is_idle = now - self.active_at > IDLE_SECONDS
        return is_idle or (self.request is not None and now - self.begun_at > WHOLE_SECONDS)


class Looks:
    """Looks once a second who is late, instead of waitress."""

    def __init__(self, sockets: Sequence[BaseWSGIServer]) -> None:
        self._sockets = sockets
        self._again_at = 0.0
        for each in sockets:
            each.next_channel_cleanup = math.inf

    def look(self) -> None:
        """Hangs up on those who are late, unless that was done just now."""
        now = time.monotonic()
        if now < self._again_at:
            return
        self._again_at = now + LOOKS_SECONDS
        for each in self._sockets:
            for channel in list(each.active_channels.values()):
                if channel.is_late(now):
                    channel.will_close = True
