"""Ids: unique per store and type, handed out in blocks, below 2^31, never used again."""

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, Engine, Integer, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from app.db.tables import Base

LARGEST = 2**31 - 1
HANDED_OUT = LARGEST - 2**20
"""The largest id that is handed out. Those above are for rows that bring their own: one that has got the
largest of all, as by a program's overflow, would otherwise leave none for all others."""

BLOCK = 20
NO_STORE = 0
"""Whose ids those of global tables are."""


class IdBlock(Base):
    """The next id that no process has been given yet, per store and type."""

    __tablename__ = "id_block"
    __table_args__ = ({"sqlite_with_rowid": False},)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    next_id: Mapped[int] = mapped_column(BigInteger)


def is_id(value: Any) -> bool:
    """Whether a value may be a row's id."""
    return value.__class__ is int and 0 < value <= LARGEST


class IdsExhausted(Exception):
    """All ids of this store and type that can be have been handed out."""


class Ids:
    """Hands out ids to the threads of one process; a block that is not used up is lost, not reused.

    Each `block` is fetched in a transaction of its own, so ask for ids before a unit of work begins.
    """

    def __init__(self, engine: Engine, block: int = BLOCK) -> None:
        self._engine = engine
        self._block = block
        self._left: dict[tuple[int, str], list[int]] = {}
        self._reserved: dict[tuple[int, str], int] = {}
        self._lock = Lock()

    def take(self, store_id: int, kind: str) -> int:
        """One id of a type in a store.

        :raises IdsExhausted: when there are no more.
        """
        with self._lock:
            left = self._left.setdefault((store_id, kind), [])
            if not left:
                left.extend(reversed(self._fetch(store_id, kind, self._block)))
            return left.pop()

    def several(self, store_id: int, kind: str, count: int) -> list[int]:
        """So many ids of a type in a store, in their order.

        :raises IdsExhausted: when there are not so many.
        """
        with self._lock:
            left = self._left.setdefault((store_id, kind), [])
            if len(left) < count:
                fetched = self._fetch(store_id, kind, max(count - len(left), self._block))
                left[:0] = reversed(fetched)
            taken = left[len(left) - count :]
            del left[len(left) - count :]
        return taken[::-1]

    def at_hand(self, store_id: int, kind: str) -> int | None:
        """One id of a type in a store where a block has one left; None where it has not, or is being fetched.

        It never waits, so it may be asked for within a transaction: who fetches a block may wait for that.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            left = self._left.get((store_id, kind))
            return left.pop() if left else None
        finally:
            self._lock.release()

    def give_back(self, store_id: int, kind: str, ids: Sequence[int]) -> None:
        """Takes ids back that no row has been written with."""
        with self._lock:
            self._left.setdefault((store_id, kind), []).extend(reversed(ids))

    def reserve(self, store_id: int, kind: str, *ids: int) -> None:
        """Keeps the ids up to the largest of these from being handed out: rows moved in bring their own."""
        largest = max((each for each in ids if each <= HANDED_OUT), default=0)
        if largest <= self._reserved.get((store_id, kind), 0):
            return
        with self._lock, self._engine.begin() as connection:
            connection.execute(_reserving(connection.dialect.name), _key(store_id, kind, largest))
            self._left.pop((store_id, kind), None)
        self._reserved[store_id, kind] = largest

    def _fetch(self, store_id: int, kind: str, count: int) -> range:
        with self._engine.begin() as connection:
            stepping = _stepping(connection.dialect.name)
            after: int = connection.execute(stepping, _key(store_id, kind, count)).scalar_one()
            if after > HANDED_OUT:
                raise IdsExhausted(f"store {store_id} has no {kind} ids left")
        return range(after - count, after)


def _key(store_id: int, kind: str, step: int) -> dict[str, int | str]:
    return {"store_id": store_id, "kind": kind, "next_id": step + 1}


@lru_cache(maxsize=2)
def _stepping(dialect: str) -> ReturningInsert[tuple[int]]:
    """Goes on by as many ids as are asked for, and tells which is next."""
    first = _first(dialect)
    further = IdBlock.next_id + first.excluded.next_id - 1
    return first.on_conflict_do_update(index_elements=_KEY, set_={"next_id": further}).returning(
        IdBlock.next_id
    )


@lru_cache(maxsize=2)
def _reserving(dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """Goes on to the id behind the largest, where that is not passed."""
    first = _first(dialect)
    beyond = first.excluded.next_id
    return first.on_conflict_do_update(
        index_elements=_KEY, set_={"next_id": beyond}, where=IdBlock.next_id < beyond
    )


_KEY = ("store_id", "kind")


def _first(dialect: str) -> "sqlite.Insert | postgresql.Insert":
    return sqlite.insert(IdBlock) if dialect == "sqlite" else postgresql.insert(IdBlock)
