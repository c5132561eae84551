"""The conjuncts of a filter that are conditions on a column, as the pages of the other face know them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.odata import bound
from app.odata.expressions import mirrored, stored
from app.query import Condition
from app.query.conditions import padded
from app.query.patterns import pattern

YEARS = range(1, 10_000)
"""The years that a moment may be in."""


def conjuncts(given: bound.Expression | None) -> Iterator[bound.Expression]:
    """What must hold, all of it."""
    if isinstance(given, bound.Junction) and given.operator == "and":
        for each in given.operands:
            yield from conjuncts(each)
    elif given is not None:
        yield given


def conditions(given: bound.Expression, variable: str, through: tuple[str, ...] = ()) -> Iterator[Condition]:
    """The condition that a conjunct makes of a column of a variable's rows, or of those led to from there.

    There is none where it says something else.
    """
    for column, operator, values in _conditions(given):
        if column.variable == variable and column.through == through:
            negated = operator.startswith("not ")
            name: Any = operator.removeprefix("not ")
            yield Condition(column.column, name, values, len(values), negated=negated)


_Made = tuple[bound.Column, str, tuple[Any, ...]]
"""A column, how it is compared, perhaps negated, and with what."""


def _conditions(given: bound.Expression) -> Iterator[_Made]:
    """What a conjunct makes; not of an empty text: pages take it for null, which indexes hold as one."""
    match given:
        case bound.Column(type="Edm.Boolean"):
            yield given, "equals", (True,)
        case bound.Negation(operand=bound.Column(type="Edm.Boolean", nullable=False) as column):
            yield column, "equals", (False,)
        case bound.Comparison():
            yield from _compared(mirrored(given))
        case bound.Junction(operator="or"):
            yield from _alternatives(given)
        case bound.Membership(operand=bound.Column() as column):
            if {each.type for each in given.values} == {column.type}:
                yield column, *_one_of(tuple(map(_stored, given.values)))
        case bound.Function(name="startswith", arguments=(bound.Column() as column, bound.Value() as text)):
            if isinstance(text.value, str) and text.value and "*" not in text.value:
                yield column, *pattern(f"{text.value}*")


def _alternatives(given: bound.Junction) -> Iterator[_Made]:
    """Several values of one column, any of which it may have."""
    made = [list(_conditions(each)) for each in given.operands]
    if {len(each) for each in made} != {1}:
        return
    columns, operators, values = zip(*(one for (one,) in made), strict=True)
    if len(set(columns)) == 1 and set(operators) <= {"equals", "in"}:
        yield columns[0], *_one_of(tuple(value for each in values for value in each))


def _one_of(values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """That a column has one of these values. Among others an empty text is not null, alone it is `blank`."""
    return ("blank", ()) if set(values) == {""} else ("in", padded(values))


def _compared(given: bound.Comparison) -> Iterator[_Made]:
    match given:
        case bound.Comparison(left=bound.Function() as function, right=bound.Value() as value):
            yield from _within(function, given.operator, value)
        case bound.Comparison(left=bound.Column() as column, right=bound.Value(type="null")):
            if given.operator in {"eq", "ne"}:
                yield column, "not defined" if given.operator == "eq" else "defined", ()
        case bound.Comparison(left=bound.Column() as column, right=bound.Value() as value):
            ordered = column.type != "Edm.Boolean"
            if value.value == "" and given.operator == "eq":
                yield column, "blank", ()
            elif value.type == column.type and (ordered or given.operator in {"eq", "ne"}):
                yield column, _OPERATORS[given.operator], (_stored(value),)


def _within(function: bound.Function, operator: bound.Operator, value: bound.Value) -> Iterator[_Made]:
    """A year or a day of a moment, as the range that it is."""
    if operator != "eq" or function.name not in {"year", "date"}:
        return
    (column,), given = function.arguments, value.value
    if not isinstance(column, bound.Column) or column.type != "Edm.DateTimeOffset":
        return
    if function.name == "date" and isinstance(given, date):
        yield column, "between", (f"{given} 00:00:00", f"{given} {_LAST}")
    elif function.name == "year" and type(given) is int and given in YEARS:
        yield column, "greaterthanorequal", (f"{given:04d}-01-01 00:00:00",)
        yield column, "lessthanorequal", (f"{given:04d}-12-31 {_LAST}",)


_LAST = "23:59:59.999999"

_OPERATORS: Mapping[bound.Operator, str] = {
    "eq": "equals",
    "ne": "not equals",
    "gt": "greaterthan",
    "ge": "greaterthanorequal",
    "lt": "lessthan",
    "le": "lessthanorequal",
}


def _stored(value: bound.Value) -> Any:
    return stored(value, "")
