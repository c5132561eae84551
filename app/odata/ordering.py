"""$orderby: by columns, which indexes hold in order, or by what is computed of each row, which is sorted.

Null is the least, beside the empty text; rows that share all values are ordered by their id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Numeric,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
)
from sqlalchemy.types import TypeEngine

from app.db.expressions import lowest
from app.odata import bound
from app.odata.compiling import Compiler, Rows
from app.odata.edm import EntityType
from app.odata.expressions import parts
from app.odata.tokens import Key
from app.query import Order
from app.query.orders import BY_ID
from app.schema import stored_kind

NUMBERS = {"Edm.Int64", "Edm.Decimal", "Edm.Boolean"}
"""What is ordered as a number, where it is computed."""

LEAST = Decimal(-(10**30))
"""What null counts as among computed numbers."""


Counts = Mapping[bound.Counted, ColumnElement[int]]


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of an entity set's rows, up to their id."""

    type: EntityType
    terms: tuple[bound.Ordering, ...]

    @property
    def columns(self) -> Order | None:
        """The order as one of columns; None where something in it is computed."""
        order: dict[str, bool] = {}
        for each in self.terms:
            if not isinstance(each.expression, bound.Column) or each.expression.through:
                return None
            order.setdefault(each.expression.column, each.descends)
        names = list(order.items())
        if "id" in order:
            return tuple(names[: list(order).index("id") + 1])
        return (*names, ("id", names[0][1])) if names else BY_ID

    @property
    def keys(self) -> tuple[Key, ...]:
        """What the values are that rows are ordered by, the id's among them."""
        columns = self.columns
        if columns is None:
            return (*map(_computed_kind, self.terms), "integer")
        return tuple(stored_kind(self.type.resource.table.c[name].type) for name, _ in columns)

    @property
    def descents(self) -> tuple[bool, ...]:
        """Of each value whether it descends."""
        columns = self.columns
        if columns is not None:
            return tuple(descends for _, descends in columns)
        return (*(each.descends for each in self.terms), False)

    @property
    def counted(self) -> tuple[bound.Counted, ...]:
        """The navigations of the rows themselves by whose numbers they are ordered."""
        found = (each.expression for each in self.terms)
        return tuple(each for each in found if isinstance(each, bound.Counted) and not each.through)

    @property
    def led(self) -> tuple[str, ...]:
        """The navigations of the rows themselves to one row each, by whose values they are ordered."""
        found = (part for each in self.terms if _is_flat(each) for part in parts(each.expression))
        return tuple(
            each.through[0] for each in found if isinstance(each, bound.Column) and len(each.through) == 1
        )

    def values(
        self, compiler: Compiler, rows: FromClause, counts: Counts | None = None, joined: Rows | None = None
    ) -> list[ColumnElement[Any]]:
        """What rows are ordered by, null as the least there is.

        :param counts: how many rows navigations have, where that has been counted for all rows at once.
        :param joined: the rows that navigations lead to, where they are joined.
        """
        columns = self.columns
        if columns is not None:
            return [lowest(rows.c[name]) for name, _ in columns]
        itself: Rows = {bound.ITSELF: (self.type, rows)}
        flat = {**itself, **(joined or {})}
        terms = (
            _computed(compiler, each.expression, flat if _is_flat(each) else itself, counts or {})
            for each in self.terms
        )
        return [*terms, rows.c.id]

    def kept(self, compiler: Compiler, rows: FromClause) -> list[ColumnElement[Any]]:
        """The values as a token has them."""
        columns = self.columns
        return self.values(compiler, rows) if columns is None else [rows.c[name] for name, _ in columns]

    def places(self) -> list[ColumnElement[Any]]:
        """The values behind which a page begins, as parameters."""
        kinds: dict[Key, TypeEngine[Any]] = {"number": Numeric(), "integer": BigInteger()}
        return [
            bindparam(f"after_{number}", type_=kinds.get(key, String()))
            for number, key in enumerate(self.keys)
        ]


def _is_flat(term: bound.Ordering) -> bool:
    """Whether no statement stands within it, from which rows that are joined cannot be seen."""
    return not any(isinstance(each, bound.Quantified | bound.Counted) for each in parts(term.expression))


def _computed_kind(term: bound.Ordering) -> Key:
    return "number" if bound.type_of(term.expression) in NUMBERS else "text"


def _computed(
    compiler: Compiler, given: bound.Expression, rows: Mapping[str, Any], counts: Counts
) -> ColumnElement[Any]:
    """A computed value as it is ordered by: a number or a text, never null."""
    if isinstance(given, bound.Counted) and given in counts:
        return func.coalesce(counts[given], 0, type_=Numeric())
    value, kind = compiler.value(given, rows), bound.type_of(given)
    if kind == "Edm.Boolean":
        value = case((value.is_(None), literal(-1)), (value, literal(1)), else_=literal(0))
    if kind in NUMBERS:
        number = value if compiler.dialect == "sqlite" else cast(value, Numeric)
        least = float(LEAST) if compiler.dialect == "sqlite" else LEAST
        return func.coalesce(number, literal(least, Numeric()), type_=Numeric())
    if compiler.dialect == "sqlite":
        return func.coalesce(value, "", type_=String())
    return func.coalesce(cast(value, String), "", type_=String()).collate("C")


def directed(values: Sequence[ColumnElement[Any]], descents: Sequence[bool]) -> list[ColumnElement[Any]]:
    """The values, each in its direction."""
    return [
        value.desc() if descends else value.asc() for value, descends in zip(values, descents, strict=True)
    ]
