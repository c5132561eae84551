"""gunicorn's settings: `gunicorn -c python:app.gunicorn 'app:create_app()'`, behind a proxy that buffers.

SIGHUP starts new processes, with the code that is there now, and once they are there lets the old ones end
what they do: therefore the application is not loaded before they are forked. Where the new ones cannot start,
the old ones go on. SIGTERM first makes /readyz say
no for PATRON_DRAIN_SECONDS. gunicorn's command line, as `-b` and `-w`, is stronger than what stands here.
"""

import atexit
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn.errors import HaltServer

from app.config import from_environment
from app.operations.places import DRAINING, FOLDER
from app.passwords.gate import cores

_patron = from_environment()
_is_ours = not os.environ.get(FOLDER)
if _is_ours:
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="patron-metrics-")
_folder = Path(os.environ[FOLDER])
_maker = os.getpid()

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

BOOTED = ".booted"
"""How the files are called that say that a process has loaded the application."""

STUCK = "A new process could not start: the old ones go on. Mend that, and send SIGHUP again."

AGAIN = 5
"""Seconds after which it is tried again to replace a process, where the last one could not start."""

_LEFT = re.compile(rf"(counter|gauge_[a-z]+|histogram|summary)_\d+\.db|\d+\{BOOTED}|{DRAINING}")
"""The names of what an earlier time may have left: prometheus_client's own, and those given here."""


def on_starting(_server: Any) -> None:
    """Begins with an empty folder: what processes of another time have counted is no figure of now.

    :raises RuntimeError: where the folder holds what nobody counted there; nothing of it is deleted then.
    """
    try:
        _folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = sorted(_folder.iterdir())
    except OSError as error:
        raise RuntimeError(f"{FOLDER}={_folder} is no folder that can be used: {error.strerror}") from error
    for each in there:
        if not _LEFT.fullmatch(each.name):
            text = f"{FOLDER}={_folder} holds {each.name}: name a folder that is for figures alone"
            raise RuntimeError(text)  # of which gunicorn makes a line
    for each in there:
        each.unlink(missing_ok=True)


def when_ready(server: Any) -> None:
    """Has old processes wait for new ones, and SIGTERM for those who ask whether this node is ready."""
    boots = _Boots()
    server.manage_workers = partial(_manage, server, server.manage_workers, boots)
    server.reap_workers = partial(_reap, server, server.reap_workers, boots)
    server.reload = partial(_reload, server.reload, boots)
    if _patron.drain_seconds:
        signal.signal(signal.SIGTERM, partial(_drain, server))


def post_fork(server: Any, _worker: Any) -> None:
    """Has a process load all code as it is there now, of which this one has some as it was at the start."""
    if not server.cfg.preload_app:
        for name in [each for each in sys.modules if each.partition(".")[0] in {"app", "representations"}]:
            del sys.modules[name]


def post_worker_init(worker: Any) -> None:
    """Says that a process has loaded the application."""
    (_folder / f"{worker.pid}{BOOTED}").touch()


def child_exit(_server: Any, worker: Any) -> None:
    """Takes what a process had in use out of the figures; what it has counted stays in them."""
    from prometheus_client.multiprocess import mark_process_dead

    (_folder / f"{worker.pid}{BOOTED}").unlink(missing_ok=True)
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # the library has not typed it


def on_exit(_server: Any) -> None:
    """Leaves nothing behind."""
    if _is_ours:
        shutil.rmtree(_folder, ignore_errors=True)


@atexit.register
def _not_started() -> None:
    """Does the same where gunicorn could not start: it says so to nobody then."""
    if os.getpid() == _maker:
        on_exit(None)


@dataclass
class _Boots:
    """How new processes fare: whether SIGHUP waits for some, and until when no more of them are tried."""

    are_awaited: bool = False
    not_before: float = 0.0


def _reload(reload: Callable[[], None], boots: _Boots) -> None:
    """Starts new processes, and waits no longer for them than until one has failed."""
    boots.are_awaited = True
    try:
        reload()
    except _NotBooted:
        pass
    finally:
        boots.are_awaited = False


class _NotBooted(Exception):
    """A new process could not start."""


def _reap(server: Any, reap: Callable[[], None], boots: _Boots) -> None:
    """Takes note of processes that have ended. Where one could not start, those that serve go on.

    gunicorn would end them all: what SIGHUP is to put right must not take down what is there.
    """
    before = dict(server.WORKERS)
    try:
        reap()
    except HaltServer:
        if not any(_has_booted(pid) for pid in server.WORKERS):
            raise
        for pid in before.keys() - server.WORKERS.keys():
            before[pid].tmp.close()
        boots.not_before = time.monotonic() + AGAIN
        server.log.error(STUCK)  # noqa: TRY400 - the process has said what was wrong
        if boots.are_awaited:
            raise _NotBooted from None
        _reap(server, reap, boots)  # others may have ended at the same time
        return
    if boots.are_awaited and _new_are_there(server):
        boots.are_awaited = False  # the old ones are told to end once: a second time could cut them off
        server.manage_workers()


def _has_booted(pid: int) -> bool:
    return (_folder / f"{pid}{BOOTED}").exists()


def _manage(server: Any, manage: Callable[[], None], boots: _Boots) -> None:
    """Keeps as many processes as there are to be; the old ones until all new ones are there.

    gunicorn would end them at once, and nobody would be served while the new ones load the application.
    """
    if len(server.WORKERS) < server.num_workers and time.monotonic() < boots.not_before:
        return
    if len(server.WORKERS) <= server.num_workers or _new_are_there(server):
        manage()


def _new_are_there(server: Any) -> bool:
    """Whether the youngest, as many as there are to be, have loaded the application."""
    by_age = sorted(server.WORKERS.items(), key=lambda each: each[1].age)
    return all(_has_booted(pid) for pid, _ in by_age[-server.num_workers :])


def _drain(server: Any, number: int, frame: Any) -> None:
    """Says that the node is not ready, and stops it later; at once where it is told to a second time."""
    marker = _folder / DRAINING
    if marker.exists():
        server.signal(number, frame)
        return
    marker.touch()
    signal.signal(signal.SIGALRM, lambda *_: server.signal(signal.SIGTERM, None))
    signal.alarm(_patron.drain_seconds)
