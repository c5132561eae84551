"""From the clauses of a filter to SQL: which related rows they ask of, and that these are the store's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    literal,
    not_,
    or_,
    select,
    true,
)

from app.auth.scopes import Reach
from app.comparing import Loose, Term, compare, is_named
from app.db.indexes import indexes
from app.db.tables import Base, is_global
from app.hypermedia import Registry, ResourceType
from app.query.conditions import Clause, Condition, held

STORE: ColumnElement[int] = bindparam("store", type_=Integer)
OWNER: ColumnElement[int] = bindparam("owner", type_=Integer)
_ITSELF: Mapping[Reach, ColumnElement[int]] = {
    "store": STORE,
    "client": bindparam("client_row", type_=Integer),
    "user": bindparam("user", type_=Integer),
}
"""Of a global table a caller sees one row: its own."""


def scope(resource_type: ResourceType, rows: FromClause) -> list[Term]:
    """What holds for all rows of a type that a caller may see: they are the store's and of that type."""
    if is_global(resource_type.table):
        return [rows.c.id == _ITSELF[resource_type.reach]]
    return [rows.c.store_id == STORE, *([resource_type.where(rows)] if resource_type.where else [])]


def owned(resource_type: ResourceType, rows: FromClause, key: str) -> list[Term]:
    """What holds for the rows that an owner has, and that a caller may see: their `key` names the owner.

    Where it is the column of a table that links the two, the owner is the caller itself.
    """
    linking, _, column = key.rpartition(".")
    if linking:
        links = Base.metadata.tables[linking].c
        itself = next(each for reach, each in _ITSELF.items() if column == f"{reach}_id")
        return [rows.c.id.in_(select(links[f"{resource_type.name}_id"]).where(links[column] == itself))]
    return [*scope(resource_type, rows), *([rows.c[key] == OWNER] if key != "store_id" else [])]


def leading(clause: Clause) -> str | None:
    """The relation by whose rows a clause finds its own, where it does."""
    shared = _shared(clause)
    if shared is None and len(clause) == 1 and clause[0].path and not clause[0].negated:
        return clause[0].path[0]
    return shared


class Filtering:
    """Makes the conditions of statements from clauses."""

    def __init__(self, registry: Registry, dialect: str) -> None:
        self._registry = registry
        self._dialect = dialect

    def where(
        self,
        resource_type: ResourceType,
        rows: FromClause,
        clauses: Iterable[Clause],
        loose: Loose | None = None,
    ) -> Iterator[Term]:
        """What the clauses say of rows of a type.

        Those that ask of one relation alone hold for the same related row; a condition that names
        the row it means stands for itself, and so does one that says `not`: there is no such row.
        """
        together: dict[str, list[Clause]] = {}
        for clause in clauses:
            relation = _shared(clause)
            if relation is None:
                yield or_(*(self._condition(resource_type, rows, each, loose) for each in clause))
            else:
                below = tuple(each.below for each in clause)
                together.setdefault(relation, []).append(below)
        for name, asked in together.items():
            yield self._related(resource_type, rows, name, asked)

    def _condition(
        self, resource_type: ResourceType, rows: FromClause, each: Condition, loose: Loose | None
    ) -> Term:
        if each.path:
            asked: list[Clause] = [(replace(each.below, negated=False),)]
            related = self._unrelated if each.negated else self._related
            return related(resource_type, rows, each.path[0], asked)
        compared = compare(resource_type.table, rows, each, loose)
        return and_(is_named(resource_type.table, rows, each), compared) if each.named else compared

    def _related(self, resource_type: ResourceType, rows: FromClause, name: str, asked: list[Clause]) -> Term:
        """That there is such a related row: the row's key is among those that they have."""
        relation = resource_type.embeddable[name]
        target = self._registry.target(relation)
        theirs = target.table.alias()
        found = select(theirs.c[relation.child_key or "id"]).where(
            *self._asked(target, theirs, relation.flag, asked)
        )
        hinted = _hinted(found, target, theirs, asked)
        return rows.c[relation.own_key or "id"].in_(hinted)

    def _unrelated(
        self, resource_type: ResourceType, rows: FromClause, name: str, asked: list[Clause]
    ) -> Term:
        """That there is no such related row.

        SQLite is quicker to list the keys of all that there are than to look for each row's own;
        PostgreSQL joins, where a list might not fit into its memory.
        """
        relation = resource_type.embeddable[name]
        target = self._registry.target(relation)
        theirs = target.table.alias()
        key, own = theirs.c[relation.child_key or "id"], rows.c[relation.own_key or "id"]
        such = list(self._asked(target, theirs, relation.flag, asked))
        if self._dialect == "sqlite":
            listed = _hinted(select(key).where(*such, key.is_not(None)), target, theirs, asked)
            return or_(own.is_(None), own.not_in(listed)) if own.nullable else own.not_in(listed)
        found = select(literal(1)).where(*such, rows.c.store_id == theirs.c.store_id, own == key)
        return not_(exists(found.correlate(rows)))

    def _asked(
        self, target: ResourceType, theirs: FromClause, flag: str | None, asked: list[Clause]
    ) -> Iterator[Term]:
        yield from scope(target, theirs)
        if flag:
            yield theirs.c[flag]
        if target.partition:
            yield theirs.c[target.partition].in_([false(), true()])  # for the indexes that begin with it
        yield from self.where(target, theirs, asked)


def _shared(clause: Clause) -> str | None:
    """The relation of which all conditions ask, each of it alone and none of a row that it names."""
    relations = {each.path[0] if each.path else None for each in clause}
    if len(relations) > 1 or any(each.negated or (each.named and len(each.path) == 1) for each in clause):
        return None
    return relations.pop()


def _hinted(found: Select[Any], target: ResourceType, theirs: FromClause, asked: list[Clause]) -> Select[Any]:
    """The statement, held on SQLite to the index by which most of its conditions are found.

    Without statistics it takes the store for small and reads all of it in the order of the primary key.
    """
    known = {"store_id", target.partition or "store_id"}
    named = {"name" for clause in asked if len(clause) == 1 and clause[0].named}
    index, members = indexes(target.table).best({*known, *held(asked), *named})
    if index is None or members <= len(known):
        return found
    return found.with_hint(theirs, f"INDEXED BY {index}", "sqlite")
