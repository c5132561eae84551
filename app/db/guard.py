"""The wall between stores: the one function that every statement passes, compiled or ORM.

It refuses a statement in which some store's table is not held to one store by a top-level AND, and
tells the observers (tests, the statement counter) what runs.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Alias,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ClauseElement,
    ColumnClause,
    ColumnElement,
    Delete,
    FromClause,
    Grouping,
    Join,
    Select,
    Table,
    TableClause,
    TextClause,
    Update,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.ddl import DDLElement

from app.db.tables import Base, is_global

Observer = Callable[[str], None]

observers: list[Observer] = []
"""Called with the text of each statement that is about to run."""


class UnboundStatement(Exception):
    """A statement that would read or write rows of more than one store."""


def observe(text: str) -> None:
    """Tells whoever listens that this statement runs now."""
    for observer in observers:
        observer(text)


def require_store(statement: ClauseElement) -> None:
    """Refuses a statement unless every table of a store in it is bound to one.

    :raises UnboundStatement: naming the table that is not.
    """
    if isinstance(statement, DDLElement):
        return
    for part in visitors.iterate(statement):
        if isinstance(part, Select):
            conditions = [*_conjuncts(part.whereclause), *_joins(part.get_final_froms())]
            _require(_tables(part.get_final_froms()), conditions, part)
        elif isinstance(part, Update | Delete):
            conditions = [each for clause in part._where_criteria for each in _conjuncts(clause)]
            _require([part.table], conditions, part)
        elif isinstance(part, TextClause):
            refuse_text(part.text)
        elif isinstance(part, ColumnClause) and part.is_literal:
            refuse_text(part.name)
        # an Insert names its store: store_id is in the primary key, so it cannot be left out


def refuse_text(text: str) -> None:
    """Refuses raw SQL that names a table of a store: nobody can tell which store it means.

    :raises UnboundStatement: naming the table.
    """
    words = set(re.findall(r"\w+", text.lower()))
    for table in Base.metadata.tables.values():
        if table.name in words and not is_global(table):
            raise UnboundStatement(f"raw SQL on {table.name}: write it as an expression")


def _require(tables: list[FromClause], conditions: list[ColumnElement[bool]], part: ClauseElement) -> None:
    unbound = {each for each in tables if (table := _table(each)) is not None and not is_global(table)}
    equations = [pair for condition in conditions if (pair := _store_equation(condition))]
    found = True
    while unbound and found:
        found = False
        for left, right in equations:
            for here, there in ((left, right), (right, left)):
                if here in unbound and (there is None or there not in unbound):
                    unbound.discard(here)
                    found = True
    if unbound:
        names = ", ".join(sorted(str(_table(each)) for each in unbound))
        raise UnboundStatement(f"not bound to one store: {names} in: {part}")


def _store_equation(condition: ColumnElement[bool]) -> tuple[FromClause, FromClause | None] | None:
    """`t.store_id = :value` as (t, None), `t.store_id = u.store_id` as (t, u)."""
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return None
    sides = [_owner(side) for side in (condition.left, condition.right)]
    values = [isinstance(side, BindParameter) for side in (condition.left, condition.right)]
    if sides[0] is not None and (sides[1] is not None or values[1]):
        return sides[0], sides[1]
    if sides[1] is not None and values[0]:
        return sides[1], None
    return None


def _owner(side: ClauseElement) -> FromClause | None:
    """The table, or alias, whose `store_id` this column is."""
    if getattr(side, "key", None) != "store_id" and getattr(side, "name", None) != "store_id":
        return None
    table = getattr(side, "table", None)
    return _plain(table) if isinstance(table, FromClause) else None


def _plain(element: FromClause) -> FromClause:
    """The element without the ORM's annotations, so that it compares by identity."""
    return element._deannotate()


def _table(element: FromClause) -> Table | None:
    inner = element.element if isinstance(element, Alias) else element
    return Base.metadata.tables.get(inner.name) if isinstance(inner, TableClause) else None


def _tables(froms: Sequence[FromClause]) -> list[FromClause]:
    found: list[FromClause] = []
    for each in froms:
        if isinstance(each, Join):
            found += _tables([each.left, each.right])
        elif isinstance(each, TableClause | Alias):
            found.append(_plain(each))
    return found


def _joins(froms: Sequence[FromClause]) -> Iterator[ColumnElement[bool]]:
    for each in froms:
        if isinstance(each, Join):
            yield from _conjuncts(each.onclause)
            yield from _joins([each.left, each.right])


def _conjuncts(clause: Any) -> Iterator[ColumnElement[bool]]:
    """The conditions that must all hold; what stands below an OR or a NOT does not count."""
    if isinstance(clause, Grouping):
        yield from _conjuncts(clause.element)
    elif isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for each in clause.clauses:
            yield from _conjuncts(each)
    elif clause is not None:
        yield clause
