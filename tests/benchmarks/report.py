"""The report: ratios beside the goals, what they mean, what grows, and the memory of each server."""

import os
import platform
import sqlite3
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks.databases import TITLES
from tests.benchmarks.documents import DOCUMENTS, FORMATS, HAL_JSON, Document
from tests.benchmarks.load import CONNECTIONS, Burst, client_name
from tests.benchmarks.measure import BY_HAND, CONSTANT, PATRON, Cell, Measured
from tests.benchmarks.servers import Cores
from tests.benchmarks.tables import Rows

IDLE_MB = 120
MISSED = "MISSED"

_COMPARED = f"""
Patron   the whole application: token, negotiation, store walls, ETag, Link header, checks of what is written
{BY_HAND}  Flask, hand-written SQL on a kept connection, orjson: the same bytes and nothing else. It goes to
         deep pages by OFFSET, tags only on a condition, takes a PATCH on trust; its SQL names the indexes
{CONSTANT}  a bare Flask view that returns constant bytes: the same document

All run on Patron's own server and settings (waitress). Each customer has two addresses, three attributes and
a payment method. A ratio is requests per CPU second of the server's process, over those of {BY_HAND} for the
HAL+JSON of the same document in the same round: median [lowest-highest]. What PostgreSQL itself uses counts
for nobody; milliseconds are those of the clock on the wall, with {CONNECTIONS} requests at a time."""


def introduction(rounds: int, cores: Cores) -> str:
    """Where it was measured, and what was compared."""
    apart = "servers and client on a core each" if cores.server else "servers and client not kept apart"
    return (
        f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {platform.system()}\n"
        f"{apart}; {client_name()}, {CONNECTIONS} connections; {rounds} rounds\n{_COMPARED}"
    )


def report(measured: Measured, table: Callable[[Rows], str]) -> str:
    """What was measured on one engine.

    :param table: how a table is written: `as_text` or `as_markdown`.
    """
    parts = (_ratios, _absolute, _latencies, _growth, _memory)
    return "\n\n".join((*(table(part(measured)) for part in parts), _idle(measured)))


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _headline(measured: Measured) -> str:
    return f"{TITLES[measured.engine]}, {measured.largest:,} customers"


def _ratios(measured: Measured) -> Rows:
    rows = [[f"{_headline(measured)}: ratio to {BY_HAND}", *(each.title for each in FORMATS), CONSTANT]]
    for document in DOCUMENTS:
        cells = []
        for each in FORMATS:
            goal = document.goals[each.title]
            ratios = _to_floor(measured, measured.largest, document, each.title)
            cells.append(f"{_spread(ratios)} >= {goal}{_missed(median(ratios) < goal)}")
        rows.append(
            [document.title, *cells, _spread(_to_floor(measured, measured.largest, document, CONSTANT))]
        )
    return rows


def _absolute(measured: Measured) -> Rows:
    columns = [*(each.title for each in FORMATS), BY_HAND, CONSTANT]
    rows = [["requests per CPU second (CPU ms each)", *columns]]
    for document in DOCUMENTS:
        speeds = [_speed(measured, Cell(measured.largest, document.name, column)) for column in columns]
        rows.append([document.title, *(f"{speed:,.0f} ({1000 / speed:.2f})" for speed in speeds)])
    return rows


def _latencies(measured: Measured) -> Rows:
    columns = [*(each.title for each in FORMATS), BY_HAND, CONSTANT]
    rows = [["ms on the wall: p50 / p99", *columns]]
    for document in DOCUMENTS:
        cells = []
        for column in columns:
            bursts = measured.bursts[Cell(measured.largest, document.name, column)]
            cells.append(
                f"{median(each.p50 for each in bursts):.2f} / {median(each.p99 for each in bursts):.2f}"
            )
        rows.append([document.title, *cells])
    return rows


def _growth(measured: Measured) -> Rows:
    """HAL+JSON at each size, and how the cost of a request grows from the smallest to the largest."""
    sizes = sorted(measured.sizes)
    grows = f"growth from {sizes[0]:,} to {sizes[-1]:,}"
    at = [f"ratio at {size:,}" for size in sizes]
    rows = [[f"{TITLES[measured.engine]}, {HAL_JSON.title} by size", *at, grows, f"growth of {BY_HAND}"]]
    for document in DOCUMENTS:
        ratios = [_spread(_to_floor(measured, size, document, HAL_JSON.title)) for size in sizes]
        patron, floor = (_grown(measured, document, column) for column in (HAL_JSON.title, BY_HAND))
        goal = ""
        if document.growth is not None:
            goal = f" <= {document.growth}{_missed(median(patron) > document.growth)}"
        rows.append([document.title, *ratios, f"{_spread(patron)}{goal}", _spread(floor)])
    return rows


def _memory(measured: Measured) -> Rows:
    rows = [["MB resident after the load (its own)", *(f"{size:,}" for size in sorted(measured.sizes))]]
    for column in (PATRON, BY_HAND, CONSTANT):
        held = [measured.memory[size, column] for size in sorted(measured.sizes)]
        rows.append([column, *(f"{each.resident:.0f} ({each.anonymous:.0f})" for each in held)])
    return rows


def _idle(measured: Measured) -> str:
    idle = measured.idle
    return (
        f"An idle Patron has {idle.resident:.0f} MB resident (goal: under {IDLE_MB})"
        f"{_missed(idle.resident >= IDLE_MB)}, {idle.anonymous:.0f} of them its own; the rest is code and the"
        " mapped database."
    )


def _to_floor(measured: Measured, size: int, document: Document, column: str) -> list[float]:
    found, floor = (measured.bursts[Cell(size, document.name, each)] for each in (column, BY_HAND))
    return [each.per_cpu_second / other.per_cpu_second for each, other in zip(found, floor, strict=True)]


def _grown(measured: Measured, document: Document, column: str) -> list[float]:
    ends = min(measured.sizes), measured.largest
    small, large = (measured.bursts[Cell(size, document.name, column)] for size in ends)
    return [each.per_cpu_second / other.per_cpu_second for each, other in zip(small, large, strict=True)]


def _speed(measured: Measured, cell: Cell) -> float:
    bursts: list[Burst] = measured.bursts[cell]
    return median(each.per_cpu_second for each in bursts)


def _spread(ratios: list[float]) -> str:
    return f"{median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]"


def _missed(missed: bool) -> str:
    return f" {MISSED}" if missed else ""
