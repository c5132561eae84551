"""What the command line asks the bench for."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.databases import ENGINES
from tests.benchmarks.documents import DOCUMENTS
from tests.benchmarks.signing_in import AT_ONCE
from tests.benchmarks.webhooks import DELIVERIES

SIZES = (1_000, 100_000)
FEWEST, MOST = 500, 5_000_000
"""Customers: that those who are changed and those who must not be are different ones; that time suffices."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What is to be measured, how often, how long, and where databases are kept."""

    sizes: tuple[int, ...]
    engines: tuple[str, ...]
    keep: Path | None
    rounds: int
    seconds: float
    sign_ins: int
    deliveries: int
    requests_only: bool
    profile: str | None
    markdown: bool


def asked_for() -> AskedFor:
    """What the arguments say."""
    told = _parser().parse_args()
    rounds, seconds = (2, 1.0) if told.quick else (told.rounds, told.seconds)
    keep = told.keep or os.environ.get("PATRON_BENCH_FOLDER")
    return AskedFor(
        tuple(sorted(set(told.sizes))),
        told.engines,
        Path(keep) if keep else None,
        rounds,
        seconds,
        told.sign_ins,
        told.deliveries,
        told.requests_only,
        told.profile,
        told.markdown,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="How Patron compares with floors."
    )
    add = parser.add_argument
    add("--sizes", type=_sizes, default=SIZES, help="how many customers there are (1000,100000)")
    add("--engines", type=_engines, default=ENGINES, help="sqlite,postgresql, where they answer (both)")
    add("--keep", help="a folder that keeps the databases for the next run; or PATRON_BENCH_FOLDER")
    add("--rounds", type=_count, default=3, help="how often everything is measured (3)")
    add("--seconds", type=_duration, default=1.0, help="how long each burst takes; wrk knows whole ones (1)")
    add("--quick", action="store_true", help="two rounds of one second")
    add("--sign-ins", type=_count, default=AT_ONCE, help="how many sign in at once (50)")
    add(
        "--deliveries",
        type=int,
        default=DELIVERIES,
        help="how many webhooks are told (5000)",
    )
    add("--requests-only", action="store_true", help="leave out events, webhooks and imports")
    add("--markdown", action="store_true", help="write the tables for README.md")
    names = [each.name for each in DOCUMENTS]
    add(
        "--profile", choices=names, help="show instead where the time goes, in one document of the first size"
    )
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(each.replace("_", "")) for each in text.split(","))
    if not all(FEWEST <= each <= MOST for each in sizes):
        raise argparse.ArgumentTypeError(f"from {FEWEST} to {MOST}, separated by commas")
    return sizes


def _engines(text: str) -> tuple[str, ...]:
    engines = tuple(text.split(","))
    if not set(engines) <= set(ENGINES):
        raise argparse.ArgumentTypeError(f"of {', '.join(ENGINES)}, separated by commas")
    return engines


def _count(text: str) -> int:
    if not 1 <= int(text) <= 60:
        raise argparse.ArgumentTypeError("from 1 to 60")
    return int(text)


def _duration(text: str) -> float:
    if not 0.02 <= float(text) <= 60:
        raise argparse.ArgumentTypeError("from 0.02 to 60")
    return float(text)
