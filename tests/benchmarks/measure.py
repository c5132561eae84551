"""The rounds: each measures every document on every server, one short burst after the other.

The servers of all sizes run side by side, so that what grows with the size is compared within a round.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.asking import Asked, ask, fetch
from tests.benchmarks.databases import Database
from tests.benchmarks.documents import DOCUMENTS, FORMATS, HAL_JSON, Document
from tests.benchmarks.load import Burst, burst
from tests.benchmarks.sameness import require_same
from tests.benchmarks.servers import Cores, Memory, Server, serving, serving_each

PATRON, BY_HAND, CONSTANT = "Patron", "floor 2", "floor 1"
WARM_SECONDS = 0.3

Tell = Callable[[str], None]


class Cell(NamedTuple):
    """What is measured: a document, of so many customers, in a column of the report."""

    size: int
    document: str
    column: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of the rounds on one engine: a burst for each cell and round, and the servers' memory.

    `idle` is what Patron held before anything was asked of it.
    """

    engine: str
    sizes: tuple[int, ...]
    rounds: int
    idle: Memory
    bursts: dict[Cell, list[Burst]] = field(default_factory=dict)
    memory: dict[tuple[int, str], Memory] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        """The size that is measured in every format."""
        return max(self.sizes)


@dataclass(frozen=True, slots=True)
class Serving:
    """The servers of one database."""

    database: Database
    patron: Server
    by_hand: Server


@dataclass(frozen=True, slots=True)
class Servings:
    """All servers of one engine: those of each database, the largest last, and floor 1."""

    each: list[Serving]
    constant: Server

    @property
    def largest(self) -> Serving:
        """The servers that are measured in every format."""
        return self.each[-1]


@dataclass(frozen=True, slots=True)
class _Case:
    cell: Cell
    server: Server
    asked: Asked


@contextmanager
def served(databases: list[Database], folder: Path, cores: Cores) -> Iterator[Servings]:
    """The servers of one engine, while the block runs.

    :param databases: the largest last.
    """
    constants = folder / "constants"
    constants.mkdir(exist_ok=True)
    asked = [(name, each.url) for each in databases for name in ("patron", "by_hand")]
    with serving_each(asked, folder, cores) as servers:
        pairs = zip(databases, servers[::2], servers[1::2], strict=True)
        servings = [Serving(*each) for each in pairs]
        save_documents(servings[-1], constants)
        with serving("constant", constants, folder, cores) as constant:
            yield Servings(servings, constant)


def measure(servings: Servings, rounds: int, seconds: float, cores: Cores, tell: Tell) -> Measured:
    """Measures one engine: its largest database in every format, the others in HAL+JSON.

    :raises Unmeasurable: where the servers do not serve the same documents, or a request fails.
    """
    sizes = tuple(each.database.size for each in servings.each)
    measured = Measured(servings.largest.database.engine, sizes, rounds, servings.largest.patron.memory())
    tell("comparing the documents")
    cases = [
        case
        for document in DOCUMENTS
        for each in servings.each
        for case in _cases(document, each, servings.constant if each is servings.largest else None)
    ]
    _run(cases, measured, seconds, cores, tell)
    for each in servings.each:
        held = ((PATRON, each.patron), (BY_HAND, each.by_hand), (CONSTANT, servings.constant))
        measured.memory.update({(each.database.size, column): server.memory() for column, server in held})
    tell("")
    return measured


def save_documents(serving: Serving, folder: Path) -> None:
    """Keeps the bytes that floor 1 returns: the first of each of floor 2's documents."""
    for document in DOCUMENTS:
        asked = ask(serving.by_hand, document, serving.database.size, ())
        (folder / document.name).write_bytes(fetch(serving.by_hand, asked.paths[0], asked))


def _run(cases: list[_Case], measured: Measured, seconds: float, cores: Cores, tell: Tell) -> None:
    """Warms up, but for one round alone, then measures, telling how far it has come."""
    for case in cases if measured.rounds > 1 else ():
        tell(f"warming up: {case.cell.document}, {case.cell.column}")
        burst(case.server, case.asked, WARM_SECONDS, cores.client)
    for number in range(1, measured.rounds + 1):
        for case in cases:
            size, document, column = case.cell
            tell(f"{measured.engine}, round {number} of {measured.rounds}: {size:,}, {document}, {column}")
            done = burst(case.server, case.asked, seconds, cores.client)
            measured.bursts.setdefault(case.cell, []).append(done)


def _cases(document: Document, serving: Serving, constant: Server | None) -> Iterator[_Case]:
    """The floor by hand stands in the middle of what is compared with it."""
    size, token = serving.database.size, serving.database.token
    plain = ask(serving.by_hand, document, size, ())
    hal_json = ask(serving.patron, document, size, _headers(token, HAL_JSON.media_type))
    require_same(serving.patron, serving.by_hand, hal_json, plain)

    def case(column: str, server: Server, asked: Asked) -> _Case:
        return _Case(Cell(size, document.name, column), server, asked)

    yield case(HAL_JSON.title, serving.patron, hal_json)
    yield case(BY_HAND, serving.by_hand, plain)
    if constant is None:
        return
    for each in FORMATS[1:]:
        asked = ask(serving.patron, document, size, _headers(token, each.media_type))
        fetch(serving.patron, asked.paths[0], asked)
        yield case(each.title, serving.patron, asked)
    yield case(
        CONSTANT, constant, Asked((f"/{document.name}",), (), plain.method, plain.body, (), plain.status)
    )


def _headers(token: str, media_type: str) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {token}"), ("Accept", media_type))
