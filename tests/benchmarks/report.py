"""The report: ratios beside the goals, what they mean, and the memory of a worker."""

import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks.documents import CUSTOMERS, DOCUMENTS, FORMATS
from tests.benchmarks.load import CONNECTIONS, client_name
from tests.benchmarks.measure import BY_HAND, CONSTANT, Rates
from tests.benchmarks.servers import Cores, Memory

IDLE_MB = 120

_COMPARED = f"""
Patron   the whole application: token, negotiation, store walls, ETag, Link header, the store's timezone
{BY_HAND}  Flask, hand-written SQL on a kept sqlite3 connection, orjson: the same HAL+JSON and nothing else;
         it is spared the timezone (its dates stay in UTC and end in +0000), and its SQL names the indexes
{CONSTANT}  a bare Flask view that returns constant bytes: the same document

All run on Patron's own server and settings (waitress). {CUSTOMERS:,} customers, each with two addresses,
three attributes, one payment method. A ratio is requests per CPU second of the server's process, over
those of {BY_HAND} for the HAL+JSON of the same document in the same round: median [lowest-highest]."""


def report(rates: Rates, cores: Cores, before: Memory, after: Memory) -> str:
    """The whole text."""
    parts = (_machine(rates, cores), _COMPARED.strip("\n"), _ratios(rates), _absolute(rates))
    return "\n\n".join((*parts, _memory(before, after)))


def _machine(rates: Rates, cores: Cores) -> str:
    apart = "server and client on a core each" if cores.server else "server and client not kept apart"
    rounds = len(next(iter(rates.values())))
    return (
        f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {platform.system()}\n"
        f"{apart}; {client_name()}, {CONNECTIONS} connections; {rounds} rounds"
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _ratios(rates: Rates) -> str:
    columns = [each.title for each in FORMATS]
    rows = [
        [f"ratio to {BY_HAND}", *columns, CONSTANT],
        ["goal", *(f">= {each.goal}" for each in FORMATS), ""],
    ]
    for document in DOCUMENTS:
        cells = [_ratio(rates, document.name, each.title, each.goal) for each in FORMATS]
        rows.append([document.title, *cells, _ratio(rates, document.name, CONSTANT, 0)])
    return _table(rows)


def _ratio(rates: Rates, document: str, column: str, goal: float) -> str:
    pairs = zip(rates[document, column], rates[document, BY_HAND], strict=True)
    ratios = [each / floor for each, floor in pairs]
    missed = " MISSED" if median(ratios) < goal else ""
    return f"{median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]{missed}"


def _absolute(rates: Rates) -> str:
    columns = [*(each.title for each in FORMATS), BY_HAND, CONSTANT]
    rows = [["requests per CPU second (CPU ms each)", *columns]]
    for document in DOCUMENTS:
        speeds = [median(rates[document.name, column]) for column in columns]
        rows.append([document.title, *(f"{speed:,.0f} ({1000 / speed:.2f})" for speed in speeds)])
    return _table(rows)


def _memory(before: Memory, after: Memory) -> str:
    missed = " MISSED" if before.resident >= IDLE_MB else ""
    return (
        f"Memory of a Patron worker: idle {before.resident:.0f} MB resident (goal: under {IDLE_MB}){missed},"
        f" {before.anonymous:.0f} of them its own;\n"
        f"after the load {after.resident:.0f} MB, {after.anonymous:.0f} of them its own"
        " (the rest is code and the mapped database)"
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(rows))


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for position, row in enumerate(rows):
        first, *others = row
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
        if position == 0:
            yield "-" * (sum(widths) + 2 * len(widths) - 2)
