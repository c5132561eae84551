"""What can be told of an expression by itself: its type, its values, whether it may be null."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from app.odata import bound

_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_MIRRORED: Mapping[bound.Operator, bound.Operator] = {
    "eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge",
}  # fmt: skip


def mirrored(comparison: bound.Comparison) -> bound.Comparison:
    """The same comparison, with a literal that stands on its left on its right."""
    if isinstance(comparison.left, bound.Value) and not isinstance(comparison.right, bound.Value):
        return bound.Comparison(_MIRRORED[comparison.operator], comparison.right, comparison.left)
    return comparison


def presence(
    comparison: bound.Comparison, variable: str
) -> bound.Comparison | bound.Quantified | bound.Negation:
    """The same comparison; where it tells no more of a number of rows than whether there are any, that.

    :param variable: one that stands for nothing yet.
    """
    given = mirrored(comparison)
    if not isinstance(given.left, bound.Counted) or not isinstance(given.right, bound.Value):
        return comparison
    has_any = _PRESENT.get((given.operator, given.right.value)) if given.right.type == "Edm.Int64" else None
    if has_any is None:
        return comparison
    counted = given.left
    found = bound.Quantified("any", counted.navigation, counted.outer, variable, None, counted.through)
    return found if has_any else bound.Negation(found)


_PRESENT: Mapping[tuple[bound.Operator, int], bool] = {
    ("eq", 0): False, ("le", 0): False, ("lt", 1): False, ("ne", 0): True, ("gt", 0): True, ("ge", 1): True,
}  # fmt: skip
"""How a number of rows is compared, and with what, where that tells whether there are any."""


def parts(expression: bound.Expression) -> Iterator[bound.Expression]:
    """An expression, and all that it is made of."""
    yield expression
    match expression:
        case bound.Function():
            below: tuple[Any, ...] = expression.arguments
        case bound.Arithmetic() | bound.Junction():
            below = expression.operands
        case bound.Comparison():
            below = (expression.left, expression.right)
        case bound.Membership():
            below = (expression.operand, *expression.values)
        case bound.Negation():
            below = (expression.operand,)
        case bound.Quantified():
            below = (expression.body,) if expression.body is not None else ()
        case _:
            return
    for each in below:
        yield from parts(each)


def stored(value: bound.Value, dialect: str) -> Any:
    """A literal as its engine compares it: moments, dates and times as text in UTC."""
    given = value.value
    if isinstance(given, datetime):
        return _utc(given).replace(tzinfo=None).isoformat(" ")
    if isinstance(given, date | time):
        return given.isoformat()
    if isinstance(given, Decimal) and dialect == "sqlite":
        return float(given)
    return given


def _utc(moment: datetime) -> datetime:
    """The moment in UTC; what is beyond the calendar there is its end."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == 1 else _LAST


def parameters(expression: bound.Expression, dialect: str) -> dict[str, Any]:
    """The values of an expression's literals, by the names that its statement has for them."""
    found = (each for each in parts(expression) if isinstance(each, bound.Value) and each.type != "null")
    return {f"o{each.at}": stored(each, dialect) for each in found}


def is_null(expression: bound.Expression) -> bool:
    """Whether a value is null whatever the row: functions and arithmetic make null of null."""
    match expression:
        case bound.Value():
            return expression.type == "null"
        case bound.Function():
            return any(map(is_null, expression.arguments))
        case bound.Arithmetic():
            return any(map(is_null, expression.operands))
        case bound.Negation():
            return is_null(expression.operand)
    return False


def may_be_null(expression: bound.Expression) -> bool:
    """Whether a value is null for some rows, as far as one can tell."""
    match expression:
        case bound.Value():
            return expression.type == "null"
        case bound.Column():
            return expression.nullable
        case bound.Function():
            return any(map(may_be_null, expression.arguments))
        case bound.Arithmetic():
            return True  # it may be that it cannot be computed
        case bound.Negation():
            return may_be_null(expression.operand)
        case bound.Junction():
            return any(map(may_be_null, expression.operands))
    return False


def asked_of(given: bound.Quantified) -> set[str]:
    """The other variables of which it is asked what is said of a navigation's rows."""
    named, own = set[str](), {given.variable}
    for each in parts(given.body) if given.body is not None else ():
        match each:
            case bound.Column():
                named.add(each.variable)
            case bound.Counted():
                named.add(each.outer)
            case bound.Quantified():
                named.add(each.outer)
                own.add(each.variable)
    return named - own
