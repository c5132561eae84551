"""Loading and exporting take the same memory for ten times the customers."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from app.encryption import Cipher
from app.moving.exporting import Exporting
from app.moving.lines import Line, Manner
from app.moving.loading import load
from tests.moving.moved import empty_store
from tests.moving.people import customer
from tests.site import SECRET, Site

ON_ONE_ENGINE = True

FEW = 100


def test_ten_times_the_customers_take_no_more_memory(own_site: Site, tmp_path: Path) -> None:
    stores = [empty_store(own_site, f"memory{number}") for number in range(3)]

    def loading(store: int, count: int) -> None:
        people = (Line(number, customer(number)) for number in range(1, count + 1))
        options = Manner(batch=50)
        load(own_site.engine, store, people, Cipher(SECRET), options, advance=lambda _: collect())

    def exporting(store: int) -> None:
        with (tmp_path / "out").open("wb") as file:
            Exporting(own_site.engine, store, "/rels/", "").write(file, "ndjson")

    loading(stores[0], 10 * FEW)  # what is cached, is cached
    exporting(stores[0])
    few = peak(lambda: loading(stores[1], FEW))
    many = peak(lambda: loading(stores[2], 10 * FEW))
    assert many < 1.1 * few

    few = peak(lambda: exporting(stores[1]))
    many = peak(lambda: exporting(stores[2]))
    assert many < 3.3 * few  # a page has 300


def peak(work: Callable[[], None]) -> int:
    """How many bytes there were at most that were not there before."""
    collect()
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def collect() -> None:
    """Frees what is garbage: among so many other objects Python itself looks for it seldom."""
    gc.collect()
