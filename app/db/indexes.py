"""What the indexes of a table serve: walks in the order of a property, and lookups by values.

They are declared here and found again here, so that a statement is written as its index is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Index, Table

from app.db.expressions import Head, Lowest, lowest
from app.db.tables import StoreRow


def index_walks(row: type[StoreRow], *names: str) -> None:
    """Declares that pages of a store's rows go by id, by the dates that all have, and by these properties.

    By id alone goes the primary key, where the rows do not lie apart by their tallied flag.
    """
    table = _table(row)
    first = ["store_id", *([row.tally] if row.tally else [])]
    for name in (*([None] if row.tally else []), "date_created", "date_modified", *names):
        order = [] if name is None else [lowest(table.c[name])]
        label = "_".join(("ix", table.name, *first, *([name] if name else []), "id"))
        Index(label, *(table.c[each] for each in first), *order, table.c.id)


def index_walk(row: type[StoreRow], key: str, name: str) -> None:
    """Declares that pages of the rows of one owner (`key`) go by a property."""
    table = _table(row)
    label = "_".join(("ix", table.name, "store_id", key, name, "id"))
    Index(label, table.c.store_id, table.c[key], lowest(table.c[name]), table.c.id)


def index_heads(row: type[StoreRow], *names: str, keys: Sequence[str]) -> None:
    """Declares that the owners of a store's rows, of whom one of the `keys` names each, are found by these
    long texts."""
    table = _table(row)
    heads = [Head(table.c[name]) for name in names]
    owners = [table.c[key] for key in keys]
    Index("_".join(("ix", table.name, "store_id", *names)), table.c.store_id, *heads, *owners)


@dataclass(frozen=True, slots=True)
class Indexes:
    """The indexes of one table, but for those that hold some of its rows alone.

    `members` are the columns of each index, in its order; `forms` says of a column whether some
    index holds it with nulls lowest, or its head; `nullable` are the columns that may be null.
    """

    members: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, type[ColumnElement[Any]]]
    nullable: frozenset[str]

    def walk(self, first: tuple[str, ...], name: str) -> str | None:
        """The index that holds the rows that have the same `first` in the order of a property, then of id."""
        if name in self.nullable and self.forms.get(name) is not Lowest:
            return None
        wanted = (*first, name) if name == "id" else (*first, name, "id")
        return next((index for index, members in self.members.items() if members == wanted), None)

    def best(self, equal: Iterable[str]) -> tuple[str | None, int]:
        """The index of which most first members have one of a few values each, and how many they are."""
        equal = set(equal)
        best: tuple[str | None, int] = (None, 0)
        for index, members in self.members.items():
            found = 0
            while found < len(members) and members[found] in equal:
                found += 1
            if found > best[1]:
                best = index, found
        return best


@lru_cache(maxsize=64)
def indexes(table: Table) -> Indexes:
    """The indexes of a table."""
    members: dict[str, tuple[str, ...]] = {}
    forms: dict[str, type[ColumnElement[Any]]] = {}
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        if index.dialect_options["sqlite"]["where"] is None:
            parts = list(_parts(index))
            members[str(index.name)] = tuple(name for name, _ in parts)
            forms |= {name: form for name, form in parts if form is not None}
    nullable = frozenset(str(column.name) for column in table.columns if column.nullable)
    return Indexes(members, forms, nullable)


def _parts(index: Index) -> Iterator[tuple[str, type[ColumnElement[Any]] | None]]:
    for each, column in zip(index.expressions, index.columns, strict=True):
        yield str(column.name), type(each) if isinstance(each, Lowest | Head) else None


def _table(row: type[StoreRow]) -> Table:
    table = row.__table__
    assert isinstance(table, Table)
    return table
