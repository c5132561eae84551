"""Whether this process should be sent requests: the database answers and fits, and it is not to stop.

It is asked often, and must answer when nothing else does: so one thread looks, and whoever asks waits for
it a second at most.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import orjson
import structlog

from app.config import Config
from app.db.migrate import REVISION, known
from app.db.reader import Reader, Unavailable
from app.operations.places import DRAINING, FOLDER
from app.rate_limits import REDIS_SECONDS

log = structlog.get_logger()

Status = Literal["pass", "warn", "fail"]
"""As application/health+json has it: `warn` is told, and keeps no requests away."""

PATIENCE = 1.0
"""For how many seconds one waits for a look at everything."""

FRESH_SECONDS = 0.5
"""How long what was seen counts: many may ask, the database is asked twice a second at most."""


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing stands, and why it is not as it should be."""

    status: Status
    output: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How everything stands."""

    checks: Mapping[str, Check]

    @property
    def status(self) -> Status:
        """As its worst part."""
        found = {each.status for each in self.checks.values()}
        return "fail" if "fail" in found else "warn" if "warn" in found else "pass"

    @property
    def body(self) -> bytes:
        """As application/health+json (draft-inadarei-api-health-check)."""
        told = {
            name: [{"status": each.status} | ({"output": each.output} if each.output else {})]
            for name, each in self.checks.items()
        }
        return orjson.dumps({"status": self.status, "checks": told})


class Readiness:
    """Looks when it is asked."""

    def __init__(
        self, config: Config, reader: Reader, more: Mapping[str, Callable[[], Check]] | None = None
    ) -> None:
        self._reader, self._redis_url = reader, config.redis_url
        self._more = more or {}
        self._known = known()
        self._revision = reader.prepare(REVISION)
        self._draining = threading.Event()
        self._look = _Look(self._looked)

    def drain(self) -> None:
        """From now on this process is not ready: it is about to stop."""
        self._draining.set()

    def health(self) -> Health:
        """How everything stands now, or stood half a second ago."""
        if self._is_draining():
            return Health({"server": Check("fail", "is stopping")})
        return self._look.result() or Health({"database": Check("fail", "does not answer in time")})

    def _is_draining(self) -> bool:
        folder = os.environ.get(FOLDER)
        return self._draining.is_set() or bool(folder and Path(folder, DRAINING).exists())

    def _looked(self) -> Health:
        checks = {"database": self._database()}
        if self._redis_url:
            checks["redis"] = _redis(self._redis_url)
        return Health(checks | {name: check() for name, check in self._more.items()})

    def _database(self) -> Check:
        """A schema that is newer than this code is none of its faults: an upgrade is on its way."""
        try:
            rows = self._reader.run(self._revision, {})
        except Unavailable:
            return Check("fail", "does not answer")
        except Exception as error:
            log.warning("readiness_check_failed", error=type(error).__name__)
            return Check("fail", "cannot be read")
        revision = rows[0][0] if rows else None
        if revision == self._known[-1]:
            return Check("pass")
        if revision is not None and revision not in self._known:
            return Check("warn", "its schema is newer than this process: restart it with the new version")
        return Check("fail", "its schema is behind: run `patron db upgrade`")


@dataclass(slots=True)
class _Look:
    """One look at a time, by a thread of its own, for all who wait for it."""

    look: Callable[[], Health]
    changed: threading.Condition = field(default_factory=threading.Condition)
    thread: threading.Thread | None = None
    wanted: int = 0
    done: int = 0
    seen_at: float = 0.0
    seen: Health | None = None

    def result(self) -> Health | None:
        """What was seen; None where that takes too long."""
        with self.changed:
            if self.seen is not None and time.monotonic() - self.seen_at < FRESH_SECONDS:
                return self.seen
            if self.thread is None:  # not before: a server may fork after it has made the application
                self.thread = threading.Thread(target=self._work, name="patron-readiness", daemon=True)
                self.thread.start()
            if self.wanted == self.done:
                self.wanted += 1
                self.changed.notify_all()
            wanted = self.wanted
            in_time = self.changed.wait_for(lambda: self.done >= wanted, PATIENCE)
            return self.seen if in_time else None

    def _work(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.wanted > self.done)
            seen = self.look()
            with self.changed:
                self.seen, self.seen_at, self.done = seen, time.monotonic(), self.done + 1
                self.changed.notify_all()


def _redis(url: str) -> Check:
    """Without it each node counts rates for itself and workers look by themselves: no reason to be away."""
    import redis  # only where it is used: it is an extra

    try:
        with redis.Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        ) as client:
            client.ping()
    except redis.RedisError:
        return Check("warn", "does not answer: each node counts rates for itself")
    return Check("pass")
