"""Work that is done behind the request that asks for it.

So nobody can tell from an answer, nor from the time it takes, whether there was anything to do.
"""

import atexit
import queue
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

MOST_WAITING = 1000
LAST_SECONDS = 5
"""How long a server that stops goes on with what is waiting."""


class Behind:
    """Does work behind the requests that ask for it, one piece after another, on one thread."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Callable[[], None]] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Does it soon; drops it, and says so, where too much is waiting."""
        with self._lock:
            if self._thread is None:  # not before: a server may fork after it has made the application
                self._thread = threading.Thread(target=self._work, name="patron-behind", daemon=True)
                self._thread.start()
                atexit.register(self.finish, LAST_SECONDS)
        try:
            self._waiting.put_nowait(work)
        except queue.Full:
            log.error("work_dropped", remedy="look for what keeps the mail from being sent")  # noqa: TRY400

    def finish(self, seconds: float) -> bool:
        """Waits until all is done, at most so long; tells whether it is."""
        end = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)
        return not self._waiting.unfinished_tasks

    def _work(self) -> None:
        while True:
            work = self._waiting.get()
            try:
                work()
            except Exception as error:  # whatever it is, the next piece has its turn
                log.error("work_failed", error=type(error).__name__)  # noqa: TRY400 - a trace might show it
            finally:
                self._waiting.task_done()
