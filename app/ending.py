"""How a server that is told to stop comes to its end: no answer is cut off, no request is hung up on.

It first says that it is not ready (for as long as the operator wants), then takes no new connections, answers
what is under way, and closes each connection behind its answer; those that are idle a moment later.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from waitress import wasyncore
from waitress.server import BaseWSGIServer

from app.idleness import Looks
from app.lanes import Lanes

GRACE_SECONDS = 20.0
"""How long requests that are under way may take to come to their end."""

IDLE_SECONDS = 1.0
"""How long an idle connection is kept, for a request that its client may be sending just now."""

LOOKS_SECONDS = 0.02


class Ending:
    """Runs a server until it has come to its end.

    :param connections: all that the server looks at, by file descriptor.
    :param looks: looks who takes too long.
    :param drain_seconds: for how long it goes on as ever after it was told to stop.
    :param tell: called once it is told to.
    """

    def __init__(
        self,
        sockets: Sequence[BaseWSGIServer],
        connections: dict[int, Any],
        lanes: Lanes,
        looks: Looks,
        drain_seconds: float,
        tell: Callable[[], None],
    ) -> None:
        self._sockets, self._connections, self._lanes, self._looks = sockets, connections, lanes, looks
        self._drain_seconds, self._tell = drain_seconds, tell
        self._closes_at: float | None = None
        self._is_closed = False

    @property
    def has_begun(self) -> bool:
        """Whether answers are to say that their connection ends with them."""
        return self._closes_at is not None

    def begin(self, *, at_once: bool = False) -> None:
        """Begins it; the second time nothing is waited for any more. May be called by a signal's handler.

        :param at_once: without the time in which it only says that it is not ready.
        """
        if self.has_begun:
            raise SystemExit(1)
        self._closes_at = time.monotonic() + (0 if at_once else self._drain_seconds)
        self._tell()
        self._sockets[0].pull_trigger()

    def run(self) -> None:
        """Serves, and returns when all is over."""
        try:
            while not self._is_over():
                timeout = LOOKS_SECONDS if self.has_begun else 1.0
                wasyncore.loop(timeout=timeout, use_poll=True, map=self._connections, count=1)
                self._looks.look()
        except (KeyboardInterrupt, SystemExit):
            pass  # it is cut short
        finally:
            self._lanes.shutdown(timeout=5 if self._is_closed else 0)
            wasyncore.close_all(self._connections, ignore_all=True)

    def _is_over(self) -> bool:
        now = time.monotonic()
        if self._closes_at is None or now < self._closes_at:
            return False
        if not self._is_closed:
            self._close()
        channels = [each for socket in self._sockets for each in socket.active_channels.values()]
        if now >= self._closes_at + IDLE_SECONDS:
            for each in channels:
                if _is_idle(each):
                    each.will_close = True
        return not channels or now >= self._closes_at + GRACE_SECONDS

    def _close(self) -> None:
        """Takes no more connections, but those that have been made already."""
        self._is_closed = True
        for each in self._sockets:
            before = -1
            while len(each.active_channels) > before:
                before = len(each.active_channels)
                each.handle_accept()
            with contextlib.suppress(OSError):
                wasyncore.dispatcher.close(each)


def _is_idle(channel: Any) -> bool:
    """Whether nothing is read, worked on or sent there."""
    return not (channel.requests or channel.request is not None or channel.total_outbufs_len)
