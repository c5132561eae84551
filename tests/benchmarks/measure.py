"""The rounds: each measures every document on every server, one short burst after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.documents import DOCUMENTS, FORMATS, HAL_JSON, Document
from tests.benchmarks.load import Asked, burst
from tests.benchmarks.sameness import fetch, require_same
from tests.benchmarks.servers import Cores, Server

BY_HAND = "floor 2"
CONSTANT = "floor 1"
WARM_SECONDS = 1

Rates = dict[tuple[str, str], list[float]]
"""Requests per CPU second, one a round, by the names of a document and a column."""


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the table: a document from a server, in a column of the report."""

    document: Document
    column: str
    server: Server
    asked: Asked


def save_documents(by_hand: Server, folder: Path) -> None:
    """Keeps the bytes that floor 1 returns: the first of each of floor 2's documents."""
    for document in DOCUMENTS:
        (folder / document.name).write_bytes(fetch(by_hand, document.paths[0], _plain(document)))


def make_cases(patron: Server, by_hand: Server, constant: Server, token: str) -> list[Case]:
    """What each round measures. The floor by hand stands in the middle of what is compared with it.

    :raises Unmeasurable: where the servers do not serve the same documents.
    """
    return [case for each in DOCUMENTS for case in _cases(each, patron, by_hand, constant, token)]


def measure(
    cases: list[Case], rounds: int, seconds: float, cores: Cores, tell: Callable[[str], None]
) -> Rates:
    """Warms up, but for one round alone, then measures, telling how far it has come."""
    for case in cases if rounds > 1 else ():
        tell(f"warming up: {case.document.title}, {case.column}")
        burst(case.server, case.asked, WARM_SECONDS, cores.client)
    rates: Rates = {(case.document.name, case.column): [] for case in cases}
    for number in range(1, rounds + 1):
        for case in cases:
            tell(f"round {number} of {rounds}: {case.document.title}, {case.column}")
            finished = burst(case.server, case.asked, seconds, cores.client)
            rates[case.document.name, case.column].append(finished.per_cpu_second)
    tell("")
    return rates


def _cases(
    document: Document, patron: Server, by_hand: Server, constant: Server, token: str
) -> Iterator[Case]:
    plain = _plain(document)
    formats = {each.title: _in(document, each.media_type, token) for each in FORMATS}
    require_same(patron, by_hand, formats[HAL_JSON.title], plain)
    yield Case(document, CONSTANT, constant, Asked((f"/{document.name}",), ()))
    yield Case(document, HAL_JSON.title, patron, formats.pop(HAL_JSON.title))
    yield Case(document, BY_HAND, by_hand, plain)
    for title, asked in formats.items():
        fetch(patron, document.paths[0], asked)
        yield Case(document, title, patron, asked)


def _plain(document: Document) -> Asked:
    return Asked(document.paths, ())


def _in(document: Document, media_type: str, token: str) -> Asked:
    return Asked(document.paths, (("Authorization", f"Bearer {token}"), ("Accept", media_type)))
