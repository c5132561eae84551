"""What a pull has come to: what the other server lists, and what of it is here."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select

from app.db.ids import is_id
from app.db.sessions import store_session
from app.db.tables import StoreRow
from app.pulling.documents import Document
from app.pulling.following import Reader
from app.pulling.parts import Part
from app.pulling.resuming import Rejects, State

HEADINGS = ("", "there", "here", "not taken", "missing")
LISTED = 300
"""How many are listed at once: as many as hAPI lists."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource that the other server lists; `id` is what it is called here."""

    id: int
    href: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind: `there` is how many the other server says that it has, `named` the ids of those missing."""

    kind: str
    there: int | None
    here: int
    rejected: int
    missing: int
    named: tuple[int, ...] = ()


class Comparing:
    """Holds collections there against rows here."""

    def __init__(self, engine: Engine, store_id: int, reader: Reader, state: State, rejects: Rejects) -> None:
        self._engine, self._store_id, self._reader = engine, store_id, reader
        self._state, self._rejects = state, rejects

    def missing(self, part: Part, href: str) -> tuple[int | None, list[Listed]]:
        """How many there are, and which of those that are listed are not here."""
        total, missing = None, list[Listed]()
        for page in self._reader.pages(href, limit=LISTED, wish=("fields", "id"), filters=part.filters):
            total = page.total
            missing += self.still_missing(part, [one for each in page.members if (one := self._listed(each))])
        return total, missing

    def still_missing(self, part: Part, several: Sequence[Listed]) -> list[Listed]:
        """Those that are not here, or not as they were listed."""
        here: set[int] = set()
        for at in range(0, len(several), LISTED):
            ids = {each.id for each in several[at : at + LISTED]}
            here |= ids_here(self._engine, self._store_id, part.row, ids)
        return [each for each in several if each.id not in here or self._rejects.knows(part.name, each.href)]

    def compared(self, part: Part, there: int | None, missing: Sequence[Listed]) -> Compared:
        """What a part comes to."""
        ids = tuple(each.id for each in missing)
        here = self._count(part.row, *part.conditions)
        return Compared(part.name, there, here, self._rejects.number(part.name), len(ids), ids)

    def counted(self, kind: str, row: type[StoreRow], there: int | None, *conditions: Any) -> Compared:
        """What comes to as many as are counted here and there."""
        here = self._count(row, *conditions)
        return Compared(kind, there, here, self._rejects.number(kind), max((there or 0) - here, 0))

    def _count(self, row: Any, *conditions: Any) -> int:
        counted = select(func.count()).select_from(row).where(row.store_id == self._store_id, *conditions)
        with store_session(self._engine, self._store_id) as session:
            return session.scalar(counted) or 0

    def _listed(self, document: Document) -> Listed | None:
        if document.id is None:
            return None
        return Listed(self._state.mapped.get(str(document.id), document.id), document.self_href)


def ids_here(engine: Engine, store_id: int, row: Any, ids: Collection[int]) -> set[int]:
    """Which of these ids rows of a store have."""
    with store_session(engine, store_id) as session:
        wanted = row.id.in_(list(filter(is_id, ids)))
        return set(session.scalars(select(row.id).where(row.store_id == store_id, wanted)))


def table_of(several: Sequence[Compared]) -> Iterator[str]:
    """A table of them, as lines."""
    lines = [HEADINGS, *map(_cells, several)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for first, *rest in lines:
        cells = [each.rjust(width) for each, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _cells(each: Compared) -> tuple[str, ...]:
    there = "?" if each.there is None else str(each.there)
    return (each.kind, there, str(each.here), str(each.rejected), str(each.missing))
