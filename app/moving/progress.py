"""How far a long command is: a bar with rate and time left for whoever sits there, nothing in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Advance = Callable[[int, int], None]
"""Told how far it is of the whole, and how many customers are done."""


@contextmanager
def progress(label: str, whole: int, what: str = "customers") -> Iterator[Advance]:
    """A bar on standard error, where that is a terminal.

    :param whole: how much there is to do, in whatever unit; 0 where nobody knows.
    :param what: what is counted.
    """
    if not sys.stderr.isatty():
        yield lambda _position, _customers: None
        return
    began = time.monotonic()

    def rate(customers: int | None) -> str:
        return f"{(customers or 0) / max(time.monotonic() - began, 0.001):,.0f} {what}/s"

    with click.progressbar(
        length=whole or None, label=label, file=sys.stderr, item_show_func=rate, show_eta=bool(whole)
    ) as bar:
        known = 0

        def advance(position: int, customers: int) -> None:
            nonlocal known
            bar.update(position - known if whole else customers - known, customers)
            known = position if whole else customers

        yield advance


def summary(counts: dict[str, int], began: float) -> str:
    """One line: what was done, and how fast. `began` is on the clock of `time.monotonic`."""
    taken = max(time.monotonic() - began, 0.001)
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no customers"
    return f"{told} in {taken:.1f} s ({sum(counts.values()) / taken:,.0f} a second)"
