"""gunicorn's settings: `gunicorn -c python:app.gunicorn 'app:create_app()'`, behind a proxy that buffers.

SIGHUP starts new processes, with the code that is there now, and lets the old ones finish what they do:
therefore the application is not loaded before they are forked. SIGTERM first makes /readyz say no for
PATRON_DRAIN_SECONDS. gunicorn's command line, as `-b` and `-w`, is stronger than what stands here.
"""

import os
import shutil
import signal
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from app.config import from_environment
from app.operations.places import DRAINING, FOLDER
from app.passwords.gate import cores

_patron = from_environment()
_is_ours = FOLDER not in os.environ
_folder = Path(os.environ.setdefault(FOLDER, tempfile.mkdtemp(prefix="patron-metrics-") if _is_ours else ""))

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", cores()))
threads = _patron.threads
preload_app = False
keepalive = 5
timeout = 60
graceful_timeout = 30
limit_request_line = 0
"""As long as they come: Patron refuses what is too long, in the client's format."""

control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Begins with an empty folder: what processes of another time have counted is no figure of now."""
    _folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in (*_folder.glob("*.db"), _folder / DRAINING):
        each.unlink(missing_ok=True)


def when_ready(server: Any) -> None:
    """Has SIGTERM wait for those who ask whether this node is ready."""
    if _patron.drain_seconds:
        signal.signal(signal.SIGTERM, partial(_drain, server))


def child_exit(_server: Any, worker: Any) -> None:
    """Takes what a process had in use out of the figures; what it has counted stays in them."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # the library has not typed it


def on_exit(_server: Any) -> None:
    """Leaves nothing behind."""
    if _is_ours:
        shutil.rmtree(_folder, ignore_errors=True)


def _drain(server: Any, number: int, frame: Any) -> None:
    """Says that the node is not ready, and stops it later; at once where it is told to a second time."""
    marker = _folder / DRAINING
    if marker.exists():
        server.signal(number, frame)
        return
    marker.touch()
    signal.signal(signal.SIGALRM, lambda *_: server.signal(signal.SIGTERM, None))
    signal.alarm(_patron.drain_seconds)
