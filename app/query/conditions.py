"""What a filter means once it is understood: conditions on columns, joined by OR, then by AND."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, FromClause

from app.db.expressions import HEAD

Operator = Literal[
    "defined",
    "equals",
    "blank",
    "in",
    "spans",
    "between",
    "lessthan",
    "lessthanorequal",
    "greaterthan",
    "greaterthanorequal",
    "begins",
    "matches",
]
"""How a column is compared: `blank` is equal to "", `spans` within one of some ranges, all of
which lie in the last one, `begins` like a pattern that has a text before its first wildcard, `matches`
like any other."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a column of a collection's rows, or of a related row at the end of a path.

    Values stand outside of comparison: conditions that are equal have the same SQL. Where `named`,
    the related row is the one of this `name`. `at` tells the conditions of a query apart.
    """

    column: str
    operator: Operator
    values: tuple[Any, ...] = field(default=(), compare=False)
    size: int = 0
    path: tuple[str, ...] = ()
    named: bool = False
    name: str = field(default="", compare=False)
    negated: bool = False
    at: int = 0

    @property
    def below(self) -> "Condition":
        """The same condition, as the first related row sees it."""
        return replace(self, path=self.path[1:])


Clause = tuple[Condition, ...]
"""Conditions of which one must hold."""


class Beside(Protocol):
    """What holds for rows beside the clauses; those that are equal have the same SQL."""

    def terms(self, rows: FromClause) -> Iterable[ColumnElement[bool]]:
        """What holds for these rows."""


RANGES: Mapping[str, bool] = {
    "between": True,
    "spans": True,
    "begins": True,
    "lessthan": False,
    "lessthanorequal": False,
    "greaterthan": False,
    "greaterthanorequal": False,
}
"""The operators that ask for a range, each with whether it has two ends."""


def own(clauses: Iterable[Clause]) -> Iterator[Condition]:
    """The conditions on the rows themselves that must hold, none of them negated."""
    for first, *others in clauses:
        if not others and not first.path and not first.negated:
            yield first


def held(clauses: Iterable[Clause]) -> set[str]:
    """The columns of the rows that clauses hold to one of a few values."""
    return {each.column for each in own(clauses) if each.operator in {"equals", "in"}}


def ranged(clauses: Iterable[Clause]) -> dict[str, bool]:
    """The columns of the rows of which clauses ask for a range, each with whether it has two ends."""
    found: dict[str, bool] = {}
    for each in own(clauses):
        if each.operator in RANGES:
            found[each.column] = found.get(each.column, False) or RANGES[each.operator]
    return found


SIZES = (1, 2, 5, 10, 30, 100, 300)
"""For how many values statements are made; between them the last value is repeated."""


def padded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values, with the last one repeated up to a size that statements are made for."""
    size = next((size for size in SIZES if size >= len(values)), len(values))
    return values + values[-1:] * (size - len(values))


def parameters(filters: Iterable[Clause]) -> dict[str, Any]:
    """The values of all conditions by the names that their statement has for them."""
    values: dict[str, Any] = {}
    for condition in (each for clause in filters for each in clause):
        for number, value in enumerate(condition.values):
            values[f"f{condition.at}_{number}"] = value
            if isinstance(value, str):
                values[f"f{condition.at}_{number}_head"] = value[:HEAD]
        if condition.named:
            values[f"f{condition.at}_name"] = condition.name
            values[f"f{condition.at}_name_head"] = condition.name[:HEAD]
    return values
