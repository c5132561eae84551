"""From a condition on one column to SQL: as the column's index is written, with its values left open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    not_,
    or_,
)
from sqlalchemy.types import TypeEngine

from app.db.expressions import Head, Least, Lowest, Matches, Unindexed
from app.db.indexes import indexes
from app.db.lapsing import as_is_now
from app.db.types import Moment, Money
from app.query import Condition

Term = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Loose:
    """A side of a column by which no index is to be searched: a cursor's place is the better bound there."""

    column: str
    low: bool


def compare(table: Table, rows: FromClause, condition: Condition, loose: Loose | None = None) -> Term:
    """What a condition says of a column of these rows: the table's, or those of its alias.

    Null is neither equal to anything nor beyond it; so it is among the rows where that is negated.
    """
    column = as_is_now(table, rows, condition.column)
    if condition.operator == "defined":
        return column.is_(None) if condition.negated else column.is_not(None)
    if not condition.negated:
        return _Comparison(table, column, condition, loose).made()
    opposite = not_(_plain(column, condition))
    return or_(column.is_(None), opposite) if getattr(column, "nullable", True) else opposite


def is_named(table: Table, rows: FromClause, condition: Condition) -> Term:
    """That these rows have the name that a condition gives between brackets."""
    return _equal(table, rows.c.name, [f"f{condition.at}_name"])


def bound(name: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An open value, to be compared with a column."""
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, Integer | Money):
        kind = BigInteger()
    elif isinstance(kind, String):
        kind = String()
    return bindparam(name, type_=kind)


def _names(condition: Condition) -> list[str]:
    return [f"f{condition.at}_{number}" for number in range(condition.size)]


def _equal(table: Table, column: ColumnElement[Any], names: Sequence[str]) -> Term:
    """That a column has one of these values, found by its index, which may hold the heads of long texts."""
    form = indexes(table).forms.get(str(column.name))
    if form is Head:
        heads = [bound(f"{name}_head", column) for name in names]
        return and_(_one_of(Head(column), heads), _one_of(Unindexed(column), _bounds(names, column)))
    if form is Lowest:
        found = _one_of(Lowest(column), _bounds(names, column))
        return found if len(names) == 1 else and_(found, column.is_not(None))
    return _one_of(column, _bounds(names, column))


def _plain(column: ColumnElement[Any], condition: Condition) -> Term:
    """The comparisons that can be negated, without a thought of indexes."""
    values = _bounds(_names(condition), column)
    if condition.operator == "between":
        return column.between(values[0], values[1])
    if condition.operator in {"begins", "matches"}:
        return Matches(column, *values[:2])
    if condition.operator == "greaterthanorequal":
        return column >= values[0]
    if condition.operator == "lessthanorequal":
        return column <= values[0]
    return _one_of(column, values) if values else column == ""


def _bounds(names: Sequence[str], column: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [bound(name, column) for name in names]


def _one_of(value: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> Term:
    return value == values[0] if len(values) == 1 else value.in_(values)


class _Comparison:
    """A comparison by the column's index: `low` and `high` are what its two sides compare."""

    def __init__(
        self, table: Table, column: ColumnElement[Any], condition: Condition, loose: Loose | None
    ) -> None:
        self._table, self._column, self._condition = table, column, condition
        self._values = _bounds(_names(condition), column)
        self._lowest = indexes(table).forms.get(str(column.name)) is Lowest
        self._low = self._high = self._value = Lowest(column) if self._lowest else column
        if loose is not None and loose.column == column.name:
            if loose.low:
                self._low = Unindexed(self._value)
            else:
                self._high = Unindexed(self._value)

    def made(self) -> Term:
        """The comparison."""
        match self._condition.operator:
            case "equals" | "in":
                return _equal(self._table, self._column, _names(self._condition))
            case "blank":
                return Unindexed(self._column) == ""
            case "between":
                return and_(self._low >= self._values[0], self._high <= self._values[1])
            case "spans":
                *spans, (first, last) = zip(self._values[::2], self._values[1::2], strict=True)
                within = or_(*(self._value.between(low, high) for low, high in spans))
                return and_(self._low >= first, self._high <= last, within)
            case "begins":
                glob, like, first, beyond = self._values
                return and_(self._low >= first, self._high < beyond, Matches(self._value, glob, like))
            case "matches":
                return Matches(self._column, *self._values)
        return self._beyond()

    def _beyond(self) -> Term:
        (value,) = self._values
        match self._condition.operator:
            case "greaterthan":
                return self._low > value
            case "greaterthanorequal":
                return self._defined(self._low >= value)
            case "lessthan":
                return self._above_null(self._high < value)
        return self._above_null(self._high <= value)

    def _defined(self, term: Term) -> Term:
        """An empty text and null are ordered alike, but null is no text."""
        is_text = isinstance(self._column.type, String)
        return and_(term, self._column.is_not(None)) if self._lowest and is_text else term

    def _above_null(self, term: Term) -> Term:
        if self._lowest and isinstance(self._column.type, Moment | Integer | Money):
            return and_(term, self._low > Least(self._column))
        return self._defined(term)
