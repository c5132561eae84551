"""Loading and exporting take the same memory for ten times the customers."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from app.encryption import Cipher
from app.moving import loading
from app.moving.exporting import Exporting
from app.moving.files import LONGEST_DOCUMENT, lines
from app.moving.lines import Line, Manner
from app.moving.loading import load
from app.moving.ndjson import documents
from tests.moving.moved import empty_store, ndjson
from tests.moving.people import customer
from tests.site import SECRET, Site

ON_ONE_ENGINE = True

FEW = 50


def test_ten_times_the_customers_take_no_more_memory(own_site: Site, tmp_path: Path) -> None:
    stores = [empty_store(own_site, f"memory{number}") for number in range(3)]

    def loading(store: int, count: int) -> None:
        people = (Line(number, customer(number)) for number in range(1, count + 1))
        options = Manner(batch=25)
        load(own_site.engine, store, people, Cipher(SECRET), options, advance=lambda _: collect())

    def exporting(store: int) -> None:
        with (tmp_path / "out").open("wb") as file:
            Exporting(own_site.engine, store, "/rels/", "", page=25).write(file, "ndjson")

    loading(stores[0], 10 * FEW)  # what is cached, is cached
    exporting(stores[0])
    few = peak(lambda: loading(stores[1], FEW))
    many = peak(lambda: loading(stores[2], 10 * FEW))
    assert many < 1.1 * few

    few = peak(lambda: exporting(stores[1]))
    many = peak(lambda: exporting(stores[2]))
    assert many < 1.1 * few


def test_customers_who_have_a_great_deal_are_not_in_memory_together(
    own_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "LARGEST_BATCH", 200_000)
    stores = [empty_store(own_site, f"great{number}") for number in range(2)]
    attributes = [{"name": f"n{each}", "value": "v" * 60} for each in range(3000)]

    def load_great(store: int, count: int) -> None:
        mails = (f"p{each}@x.example" for each in range(count))
        people = ({"email": each, "_embedded": {"attributes": attributes}} for each in mails)
        with ndjson(tmp_path / "great.ndjson", people).open("rb") as file:
            load(
                own_site.engine,
                store,
                documents(lines(file, LONGEST_DOCUMENT)),
                Cipher(SECRET),
                advance=lambda _: collect(),
            )

    def export(store: int) -> None:
        with (tmp_path / "out").open("wb") as file:
            Exporting(own_site.engine, store, "/rels/", "").write(file, "ndjson")

    few = peak(lambda: load_great(stores[0], 6))
    many = peak(lambda: load_great(stores[1], 12))
    assert many < 1.5 * few

    few = peak(lambda: export(stores[0]))
    many = peak(lambda: export(stores[1]))
    assert many < 1.6 * few, "300 of what each has are read together, and no more"


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
