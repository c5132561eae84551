"""Importing and exporting: customers a second, each with two addresses and three attributes.

By itself: `python -m tests.benchmarks.importing [sqlite] [postgresql]`. CPU seconds are those of Patron's own
process, which on SQLite are all; the floor is the same rows inserted by hand, already made.
"""

import gc
import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from app.db.bulk import filling, insert_rows
from app.encryption import Cipher
from app.moving.candidates import Candidates
from app.moving.exporting import Exporting
from app.moving.lines import Manner
from app.moving.loading import author_in, load
from app.moving.making import table_of
from app.moving.ndjson import documents
from app.moving.rows import TABLES, NewRows, Supply
from app.sandbox import OTHER_STORE_ID
from tests.moving.moved import empty_store
from tests.moving.people import customer
from tests.site import SECRET, Site, open_site

CUSTOMERS, ROUNDS, STORE = 10_000, 3, OTHER_STORE_ID + 1
FIRST = 1000
GOALS = {"validated": 4_000, "trusted": 10_000}


@dataclass(frozen=True, slots=True)
class Speed:
    """Customers a second: of CPU time, and of the clock's."""

    cpu: float
    wall: float


def measure(engine: str, count: int = CUSTOMERS) -> dict[str, Speed]:
    """The best of some rounds of each kind, in turn."""
    texts = [orjson.dumps(customer(number)) + b"\n" for number in range(FIRST, FIRST + count)]
    best: dict[str, Speed] = {}
    with tempfile.TemporaryDirectory(prefix="patron-importing-") as name:
        folder = Path(name)
        for _ in range(ROUNDS):
            for kind, work in _KINDS.items():
                with open_site(engine, folder) as site:
                    assert empty_store(site) == STORE
                    speed = _timed(work(site, texts, folder), count)
                known = best.get(kind, speed)
                best[kind] = Speed(max(known.cpu, speed.cpu), max(known.wall, speed.wall))
    return best


def _loading(manner: Manner) -> Callable[[Site, list[bytes], Path], Callable[[], object]]:
    def prepare(site: Site, texts: list[bytes], _folder: Path) -> Callable[[], object]:
        lines = documents(enumerate(texts, 1))
        return lambda: load(site.engine, STORE, lines, Cipher(SECRET), manner)

    return prepare


def _again(site: Site, texts: list[bytes], folder: Path) -> Callable[[], object]:
    _loading(Manner(trusted=True))(site, texts, folder)()
    return _loading(Manner())(site, texts, folder)


def _exporting(site: Site, texts: list[bytes], folder: Path) -> Callable[[], object]:
    _loading(Manner(trusted=True))(site, texts, folder)()

    def export() -> None:
        with (folder / "export.ndjson").open("wb") as file:
            Exporting(site.engine, STORE, "/rels/", "").write(file, "ndjson")

    return export


def _by_hand(site: Site, texts: list[bytes], _folder: Path) -> Callable[[], object]:
    """Rows that are there already, inserted as fast as the engine takes them."""
    author, clocks = author_in(site.engine, STORE, Cipher(SECRET), Manner())
    candidates, numbers = Candidates(author, clocks, Manner(trusted=True)), itertools.count(1_000_000)
    batches = []
    for first in range(0, len(texts), Manner().batch):
        rows = NewRows(STORE, author)
        for line in documents(enumerate(texts[first : first + Manner().batch])):
            made = candidates.of(line)
            ids = {row: [next(numbers) for _ in range(3)] for row in TABLES}
            rows.add(made, made.id or 0, Supply(ids))
        batches.append(rows)

    def insert() -> None:
        for rows in batches:
            with filling(site.engine) as connection:
                for row in TABLES:
                    insert_rows(connection, table_of(row), rows.of(row))

    return insert


_KINDS = {
    "rows by hand": _by_hand,
    "validated": _loading(Manner()),
    "trusted": _loading(replace(Manner(), trusted=True)),
    "unchanged": _again,
    "exported": _exporting,
}


def _timed(work: Callable[[], object], count: int) -> Speed:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Speed(count / (time.process_time() - cpu), count / (time.perf_counter() - wall))


if __name__ == "__main__":
    for each in sys.argv[1:] or ["sqlite"]:
        for kind, speed in measure(each).items():
            goal = GOALS.get(kind, 0)
            missed = f" (goal {goal:,}: MISSED)" if speed.cpu < goal else ""
            print(f"{each} {kind}: {speed.cpu:,.0f} a CPU second, {speed.wall:,.0f} a second{missed}")
