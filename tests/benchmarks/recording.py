"""Recording events: what it adds to a PATCH, in stores with a webhook and without one.

By itself: `python -m tests.benchmarks.recording [sqlite] [postgresql]`.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import delete

from app import events
from app.events import Event
from app.sandbox import STORE_ID
from tests.site import Site, open_site
from tests.wire.events import add_webhook

PATCHES, GOAL = 600, 0.1
PATH = "/customers/116"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """What was measured on one engine: seconds of a PATCH that records nothing, and of those that do."""

    engine: str
    off: float
    without: float
    beside: float

    def report(self) -> str:
        """The figures beside their goal."""
        added = {"without a webhook": self.without / self.off - 1, "with one": self.beside / self.off - 1}
        told = ", ".join(f"{share:+.1%} {where}" for where, share in added.items())
        missed = " MISSED" if max(added.values()) > GOAL else ""
        return (
            f"Recording events on {self.engine}: {told} of a PATCH of {self.off * 1e6:.0f} µs"
            f" (goal: at most {GOAL:.0%}){missed}"
        )


def measure_recording(engine: str, tell: Tell, count: int = PATCHES) -> Recording:
    """Measures PATCHes in process, each kind in turn: the least disturbed half of each counts."""
    with (
        tempfile.TemporaryDirectory(prefix="patron-recording-") as name,
        open_site(engine, Path(name)) as site,
    ):
        tell(f"recording on {engine}: without a webhook")
        off, without = _compared(site, count)
        add_webhook(site)
        tell(f"recording on {engine}: with one")
        still_off, beside = _compared(site, count)
    return Recording(engine, off, without, beside * off / still_off)


def _compared(site: Site, count: int) -> tuple[float, float]:
    """The seconds of a PATCH with recording switched off, and as it is."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(-count // 10, count):
        for recording in (False, True):
            with _switched(on=recording):
                began = time.perf_counter()
                answer = site.send("PATCH", PATH, {"first_name": f"Name {number} {recording}"})
                seconds = time.perf_counter() - began
            assert answer.status_code == 200
            if number >= 0:
                taken[recording].append(seconds)
        if number % 50 == 0:
            _forget(site)
    return _usual(taken[False]), _usual(taken[True])


def _usual(seconds: list[float]) -> float:
    return median(sorted(seconds)[: len(seconds) // 2])


@contextmanager
def _switched(*, on: bool) -> Iterator[None]:
    kept = events.note_changes
    events.note_changes = kept if on else lambda _session: None
    try:
        yield
    finally:
        events.note_changes = kept


def _forget(site: Site) -> None:
    """As a worker would: events do not pile up."""
    with site.engine.begin() as connection:
        connection.execute(delete(Event).where(Event.store_id == STORE_ID))


if __name__ == "__main__":
    for each in sys.argv[1:] or ["sqlite"]:
        print(measure_recording(each, lambda _: None).report())
