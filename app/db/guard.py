"""The wall between stores: the one function that every statement passes, compiled or ORM.

It refuses a statement in which some store's table is not held to one store by a top-level AND, and
tells the observers (tests, the statement counter) what runs.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
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
from sqlalchemy.sql.selectable import AliasedReturnsRows

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
            froms = part.get_final_froms()
            _require(froms, [*_equations(part.whereclause, _tables(froms)), *_joined(froms)], part)
        elif isinstance(part, Update | Delete):
            froms = _touched(part)
            where = [pair for clause in part._where_criteria for pair in _equations(clause, _tables(froms))]
            _require(froms, where, part)
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


Equation = tuple[FromClause, FromClause | None]
"""A table whose `store_id` equals a value, or that of another table of a store."""


def _require(froms: Sequence[FromClause], equations: Sequence[Equation], part: ClauseElement) -> None:
    tables = _tables(froms)
    bound: set[FromClause] = set()
    grown = True
    while grown:
        found = {here for here, there in equations if there is None or there in bound}
        grown = not found <= bound
        bound |= found
    if unbound := tables - bound:
        names = ", ".join(sorted(str(_table(each)) for each in unbound))
        raise UnboundStatement(f"not bound to one store: {names} in: {part}")


def _equations(clause: Any, tables: set[FromClause]) -> Iterator[Equation]:
    """What the conditions of a clause that must all hold say of these tables' stores."""
    for condition in _conjuncts(clause):
        if isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
            for here, there in ((condition.left, condition.right), (condition.right, condition.left)):
                owner = _owner(here)
                if owner is None or owner not in tables:
                    continue
                if isinstance(there, BindParameter):
                    yield owner, None
                elif (other := _owner(there)) is not None:
                    yield owner, other


def _joined(froms: Sequence[FromClause]) -> Iterator[Equation]:
    """What ON conditions say: of both sides of an inner join, of the right side of a left join alone."""
    for each in froms:
        if isinstance(each, Join):
            sides = [each.right] if each.isouter else [each.left, each.right]
            yield from _equations(each.onclause, set() if each.full else _tables(sides))
            yield from _joined([each.left, each.right])


def _conjuncts(clause: Any) -> Iterator[ColumnElement[bool]]:
    """The conditions that must all hold; what stands below an OR or a NOT does not count."""
    if isinstance(clause, Grouping):
        yield from _conjuncts(clause.element)
    elif isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for each in clause.clauses:
            yield from _conjuncts(each)
    elif clause is not None:
        yield clause


def _owner(side: Any) -> FromClause | None:
    """The table of a store, or its alias, whose `store_id` this column is."""
    table = getattr(side, "table", None)
    if getattr(side, "name", None) != "store_id" or not isinstance(table, FromClause):
        return None
    return table._deannotate() if _table(table) is not None else None


def _tables(froms: Iterable[FromClause]) -> set[FromClause]:
    """The tables of stores among these, each as it stands there: itself or an alias."""
    found: set[FromClause] = set()
    for each in froms:
        if isinstance(each, Join):
            found |= _tables([each.left, each.right])
        elif _table(each) is not None:
            found.add(each._deannotate())
    return found


def _table(element: FromClause) -> Table | None:
    """The table of a store that stands behind all aliases and samples of it."""
    inner: Any = element
    while isinstance(inner, AliasedReturnsRows):
        inner = inner.element
    table = Base.metadata.tables.get(inner.name) if isinstance(inner, TableClause) else None
    return table if table is not None and not is_global(table) else None


def _touched(part: Update | Delete) -> list[FromClause]:
    """The table that is written, and those that its conditions and values read beside it."""
    given = getattr(part, "_values", None) or {}
    clauses = [*part._where_criteria, *(each for each in given.values() if isinstance(each, ColumnElement))]
    return [part.table, *(found for clause in clauses for found in clause._from_objects)]
