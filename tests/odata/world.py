"""What expressions mean, computed in Python of rows in memory: what both engines are held to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.tables import is_global
from app.odata import bound
from app.odata.edm import MODEL, EntityType, navigated

Row = Mapping[str, Any]
Scope = Mapping[str, tuple[EntityType, Row]]

EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class World:
    """The rows of each entity type of one store."""

    rows: Mapping[str, list[Row]]
    now: datetime

    @classmethod
    def of(cls, engine: Engine, store_id: int) -> "World":
        """What the tables of a store hold."""
        with Session(engine, info={"store_id": store_id}) as session:
            return cls(
                {name: list(_rows(session, entity, store_id)) for name, entity in MODEL.items()},
                datetime.now(UTC).replace(microsecond=0),
            )

    def passing(self, entity: str, condition: bound.Expression) -> list[int]:
        """The ids of the rows that pass, in order."""
        return [
            row["id"]
            for row in self.rows[entity]
            if self.value(condition, {"": (MODEL[entity], row)}) is True
        ]

    def behind(self, entity: str, row: Row, navigation: str) -> list[Row]:
        """The rows that a navigation leads to, in the order of their ids."""
        target = navigated(MODEL[entity], navigation).target
        return [each for each in self.rows[target] if each["customer_id"] == row["id"]]

    def value(self, given: bound.Expression, scope: Scope) -> Any:
        """What an expression is of rows: None where it is null."""
        with localcontext(EXACT):
            return self._value(given, scope)

    def _value(self, given: bound.Expression, scope: Scope) -> Any:  # noqa: C901 - one case of each kind
        match given:
            case bound.Value():
                return _utc(given.value)
            case bound.Column():
                return self._led(given.variable, given.through, scope)[1][given.column]
            case bound.Negation():
                operand = self._value(given.operand, scope)
                return None if operand is None else not operand
            case bound.Junction():
                return _joined(given.operator, [self._value(each, scope) for each in given.operands])
            case bound.Comparison():
                return _compared(
                    given.operator,
                    *_alike(self._value(given.left, scope), self._value(given.right, scope), given),
                )
            case bound.Membership():
                operand = self._value(given.operand, scope)
                return operand in [self._value(each, scope) for each in given.values]
            case bound.Function():
                return self._called(given, [self._value(each, scope) for each in given.arguments])
            case bound.Arithmetic():
                return _calculated(given, [self._value(each, scope) for each in given.operands])
            case bound.Counted():
                return len(list(self._members(given, scope)))
            case bound.Quantified():
                return self._quantified(given, scope)
        raise AssertionError(given)

    def _quantified(self, given: bound.Quantified, scope: Scope) -> bool:
        target = MODEL[navigated(self._led(given.outer, given.through, scope)[0], given.navigation).target]
        members = list(self._members(given, scope))
        if given.body is None:
            return bool(members)
        said = [
            self._value(given.body, {**scope, given.variable: (target, each)}) is True for each in members
        ]
        return any(said) if given.kind == "any" else all(said)

    def _members(self, given: bound.Quantified | bound.Counted, scope: Scope) -> Iterable[Row]:
        owner, row = self._led(given.outer, given.through, scope)
        return self.behind(owner.name, row, given.navigation)

    def _led(self, variable: str, through: tuple[str, ...], scope: Scope) -> tuple[EntityType, Row]:
        entity, row = scope[variable]
        for name in through:
            navigation = navigated(entity, name)
            key = str(entity.resource.embeddable[navigation.relation].own_key)
            entity = MODEL[navigation.target]
            row = next(each for each in self.rows[entity.name] if each["id"] == row[key])
        return entity, row

    def _called(self, given: bound.Function, values: list[Any]) -> Any:
        if given.name == "now":
            return self.now
        return None if None in values else _FUNCTIONS[given.name](*values)


def _rows(session: Session, entity: EntityType, store_id: int) -> Iterable[Row]:
    table = entity.resource.table
    mine = table.c.id == store_id if is_global(table) else table.c.store_id == store_id
    also = [entity.resource.where(table)] if entity.resource.where else []
    for row in session.execute(select(table).where(mine, *also).order_by(table.c.id)):
        yield dict(row._mapping)


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _joined(operator: str, values: list[bool | None]) -> bool | None:
    deciding = operator == "or"
    if deciding in values:
        return deciding
    return None if None in values else not deciding


def _alike(left: Any, right: Any, given: bound.Comparison) -> tuple[Any, Any]:
    """Numbers that are not whole are compared to nine places."""
    if "Edm.Decimal" in {bound.type_of(given.left), bound.type_of(given.right)}:
        return _rounded(left), _rounded(right)
    return left, right


def _rounded(value: Any) -> Any:
    return None if value is None else Decimal(value).quantize(Decimal("1e-9"))


def _compared(operator: str, left: Any, right: Any) -> bool:
    if operator in {"eq", "ne"}:
        return (left == right) == (operator == "eq")
    if left is None or right is None:
        return False
    compared: Mapping[str, Callable[[], bool]] = {
        "gt": lambda: left > right,
        "ge": lambda: left >= right,
        "lt": lambda: left < right,
        "le": lambda: left <= right,
    }
    return compared[operator]()


def _calculated(given: bound.Arithmetic, values: list[Any]) -> Any:
    if None in values:
        return None
    left, right = (0, values[0]) if given.operator == "neg" else values
    if given.operator in {"div", "divby", "mod"} and not right:
        return None
    if given.type == "Edm.Decimal":
        left, right = Decimal(left), Decimal(right)
    found = {
        "neg": lambda: left - right,
        "add": lambda: left + right,
        "sub": lambda: left - right,
        "mul": lambda: left * right,
        "div": lambda: left / right if given.type == "Edm.Decimal" else _truncated(left, right),
        "divby": lambda: left / right,
        "mod": lambda: (
            left % right if given.type == "Edm.Decimal" else left - right * _truncated(left, right)
        ),
    }[given.operator]()
    return found if given.type == "Edm.Decimal" or -(2**63) <= found < 2**63 else None


def _truncated(left: int, right: int) -> int:
    return int(abs(left) // abs(right)) * (1 if (left < 0) == (right < 0) else -1)


def _remaining(left: int, right: int) -> int:
    return left - right * _truncated(left, right)


def _part(name: str) -> Callable[[Any], int]:
    return lambda value: getattr(value, name)


def _substring(text: str, start: int, length: int | None = None) -> str:
    start = max(start, 0)
    return text[start:] if length is None else text[start : start + max(length, 0)]


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "indexof": lambda text, part: text.find(part),
    "length": len,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "concat": lambda left, right: left + right,
    "substring": _substring,
    "date": lambda value: value.date(),
    "time": lambda value: value.time(),
    **{name: _part(name) for name in ("year", "month", "day", "hour", "minute", "second")},
}
