"""Which values may be compared, and the literals that are read as the type that is wanted."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, time
from typing import Literal

from app.odata.bound import Column, Counted, Expression, Operator, Type, Value, type_of
from app.odata.faults import wrong
from app.odata.literals import Unreadable, read

OPERATORS: Mapping[str, Operator] = {"eq": "eq", "ne": "ne", "gt": "gt", "ge": "ge", "lt": "lt", "le": "le"}

ARITHMETIC: Mapping[str, Literal["add", "sub", "mul", "div", "divby", "mod"]] = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "div", "divby": "divby", "mod": "mod",
}  # fmt: skip

_NUMBERS = {"Edm.Int64", "Edm.Decimal"}


def fitted(
    operator: str, left: Expression, right: Expression, option: str, at: int
) -> tuple[Expression, Expression]:
    """Two operands as they may be compared.

    A text is read as the type that it is compared with (OData 4.01), a day as its first moment in UTC.

    :raises Refusal: where they cannot be compared.
    """
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Value) and not isinstance(other, Value):
            read_as = _as(one, type_of(other), operator, option, at)
            left, right = (read_as, right) if one is left else (left, read_as)
    types = type_of(left), type_of(right)
    if "null" in types:
        return left, right
    if types[0] != types[1] and not set(types) <= _NUMBERS:
        raise wrong(option, f"an {types[0]} and an {types[1]} cannot be compared", at)
    if types[0] == "Edm.Boolean" and operator not in {"eq", "ne"}:
        raise wrong(option, f"true and false have no order: {operator} does not compare them", at)
    return left, right


def varies(expression: object) -> bool:
    """Whether an expression depends on its row."""
    if isinstance(expression, Column | Counted):
        return True
    if isinstance(expression, tuple):
        return any(varies(each) for each in expression)
    if is_dataclass(expression):
        return any(varies(getattr(expression, each.name)) for each in fields(expression))
    return False


def _as(value: Value, wanted: Type, operator: str, option: str, at: int) -> Value:
    if value.type == "Edm.String" and wanted not in {"Edm.String", "null"}:
        try:
            literal = read(value.value, wanted)
        except Unreadable as fault:
            raise wrong(option, f"an {wanted} is compared with a text: {fault}", at) from None
        return replace(value, type=literal.type, value=literal.value)
    if value.type == "Edm.Date" and wanted == "Edm.DateTimeOffset":
        if operator in {"eq", "ne"}:
            raise wrong(option, "a day is no moment: write date(…) of the property that is compared", at)
        return replace(value, type=wanted, value=datetime.combine(value.value, time(), UTC))
    return value
