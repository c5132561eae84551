"""From an expression to SQL, in OData's logic of null, the same on SQLite and PostgreSQL.

A test is *exact* where false and null must differ, as below a `not`; elsewhere a row is not shown either way,
and SQL is written so that an index can serve it. Every table that is read names the store.
"""

import operator as op
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Alias,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Select,
    String,
    Table,
    Time,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from app.db.indexes import indexes
from app.db.tables import is_global
from app.db.types import Moment
from app.filtering import STORE, scope
from app.odata import bound
from app.odata.computing import calculate, call, rounded
from app.odata.edm import MODEL, EntityType, navigated
from app.odata.expressions import asked_of, is_null, may_be_null, mirrored

Term = ColumnElement[bool]

ALWAYS: Term = literal_column("(1 = 1)", Boolean())
NEVER: Term = literal_column("(1 = 0)", Boolean())
"""What holds whatever the row: SQLAlchemy's own swallow the terms beside them, and the store."""

Rows = Mapping[str, tuple[EntityType, FromClause]]
"""The rows that variables stand for, by variable, each with its type; and those that navigations of theirs
lead to, by `variable/navigation`, where these are joined to them."""

_TYPES: Mapping[str, TypeEngine[Any]] = {
    "Edm.Boolean": Boolean(),
    "Edm.Int64": BigInteger(),
    "Edm.Decimal": Numeric(),
    "Edm.String": String(),
    "Edm.DateTimeOffset": Moment(),
    "Edm.Date": Date(),
    "Edm.TimeOfDay": Time(),
}


@dataclass(frozen=True, slots=True)
class Compiler:
    """Makes SQL for one engine."""

    dialect: str

    def test(self, expression: bound.Expression, rows: Rows, *, exact: bool = False) -> Term:
        """What an expression says of rows, true, false or null."""
        if is_null(expression):
            return type_coerce(null(), Boolean)
        match expression:
            case bound.Comparison():
                return self._comparison(mirrored(expression), rows, exact=exact)
            case bound.Membership():
                return self._membership(expression, rows, exact=exact)
            case bound.Negation():
                return not_(self.test(expression.operand, rows, exact=True))
            case bound.Junction():
                joined = and_ if expression.operator == "and" else or_
                return joined(*(self.test(each, rows, exact=exact) for each in expression.operands))
            case bound.Quantified():
                return self._quantified(expression, rows)
        return self._simple(expression, rows)

    def value(self, expression: bound.Expression, rows: Rows) -> ColumnElement[Any]:
        """What an expression is for rows."""
        tests = bound.Comparison | bound.Membership | bound.Negation | bound.Junction | bound.Quantified
        if isinstance(expression, tests):
            return Grouping(self.test(expression, rows, exact=True))  # or NOT reaches beyond its operand
        return null() if is_null(expression) else self._simple(expression, rows)

    def _simple(self, expression: bound.Expression, rows: Rows) -> ColumnElement[Any]:
        match expression:
            case bound.Value():
                return bindparam(f"o{expression.at}", type_=_TYPES[expression.type])
            case bound.Column():
                return self._column(expression, rows)
            case bound.Function():
                arguments = [self.value(each, rows) for each in expression.arguments]
                of_clock = any(bound.type_of(each) == "Edm.TimeOfDay" for each in expression.arguments)
                return call(self.dialect, expression.name, arguments, of_clock=of_clock)
            case bound.Arithmetic():
                operands = [self.value(each, rows) for each in expression.operands]
                whole = expression.type == "Edm.Int64"
                return calculate(self.dialect, expression.operator, whole, operands)
            case bound.Counted():
                return self._counted(expression, rows)
        raise TypeError(f"{type(expression).__name__} is no value")

    def _column(self, given: bound.Column, rows: Rows) -> ColumnElement[Any]:
        """A column of a row, or of the row that is led to from it.

        PostgreSQL orders text by code point only where it is told to.
        """
        _, ours = rows[given.variable]
        if (joined := rows.get("/".join((given.variable, *given.through)))) is not None:
            target, theirs = joined
            column: ColumnElement[Any] = theirs.c[given.column]
        else:
            target, key = self._led(given.variable, given.through, rows)
            theirs = target.resource.table.alias()
            itself = [] if is_global(target.resource.table) else [theirs.c.id == key]
            found = select(theirs.c[given.column]).where(*scope(target.resource, theirs), *itself)
            column = _correlated(found, ours).scalar_subquery()
        kind = target.resource.table.c[given.column].type
        if self.dialect == "sqlite" or not isinstance(kind, String):
            return column
        known = kind.dialect_impl(_POSTGRESQL)
        return column if getattr(known, "collation", None) == "C" else column.collate("C")

    def _led(
        self, variable: str, through: tuple[str, ...], rows: Rows
    ) -> tuple[EntityType, ColumnElement[int]]:
        """The type of the entity to which navigations lead from a row, and its key."""
        entity, ours = rows[variable]
        key: ColumnElement[int] = ours.c.id
        for at, name in enumerate(through):
            navigation = navigated(entity, name)
            own_key = str(entity.resource.embeddable[navigation.relation].own_key)
            if at == 0:
                key = ours.c[own_key]
            else:
                theirs = entity.resource.table.alias()
                held = scope(entity.resource, theirs)
                found = select(theirs.c[own_key]).where(*held, theirs.c.id == key)
                key = _correlated(found, ours).scalar_subquery()
            entity = MODEL[navigation.target]
        return entity, key

    def _comparison(self, given: bound.Comparison, rows: Rows, *, exact: bool) -> Term:
        left, right = given.left, given.right
        if is_null(left) or is_null(right):
            return self._with_null(given, rows)
        if isinstance(left, bound.Counted) and isinstance(right, bound.Value):
            return self._count_compared(left, given.operator, right, rows)
        one, other = self._comparable(left, right, rows)
        lacking = may_be_null(left), may_be_null(right)
        if given.operator == "eq":
            plain = not any(lacking) or not (exact or all(lacking))
            return one == other if plain else one.is_not_distinct_from(other)
        if given.operator == "ne":
            return one.is_distinct_from(other) if any(lacking) else one != other
        compared: Term = _COMPARED[given.operator](one, other)
        return compared.is_(true()) if exact and any(lacking) else compared

    def _with_null(self, given: bound.Comparison, rows: Rows) -> Term:
        """A comparison with null: it equals itself alone, and is beyond nothing."""
        if given.operator not in {"eq", "ne"}:
            return NEVER
        other = given.right if is_null(given.left) else given.left
        if is_null(other):
            return ALWAYS if given.operator == "eq" else NEVER
        value = self.value(other, rows)
        return value.is_(null()) if given.operator == "eq" else value.is_not(null())

    def _comparable(
        self, left: bound.Expression, right: bound.Expression, rows: Rows
    ) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Two values as they are compared."""
        one, other = self.value(left, rows), self.value(right, rows)
        kinds = {bound.type_of(left), bound.type_of(right)}
        if "Edm.Decimal" in kinds:
            return rounded(self.dialect, one), rounded(self.dialect, other)
        if kinds == {"Edm.String"} and not any(isinstance(each, bound.Column) for each in (left, right)):
            return self._ordered(one), other
        return one, other

    def _ordered(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        return text if self.dialect == "sqlite" else text.collate("C")

    def _membership(self, given: bound.Membership, rows: Rows, *, exact: bool) -> Term:
        values = [each for each in given.values if each.type != "null"]
        has_null = len(values) < len(given.values)
        if is_null(given.operand):
            return ALWAYS if has_null else NEVER
        operand = self.value(given.operand, rows)
        listed = [self.value(each, rows) for each in values]
        if "Edm.Decimal" in {bound.type_of(each) for each in (given.operand, *values)}:
            operand, listed = rounded(self.dialect, operand), [rounded(self.dialect, each) for each in listed]
        among: Term = operand.in_(listed) if listed else NEVER
        if has_null:
            return or_(operand.is_(null()), among)
        return among.is_(true()) if exact and listed and may_be_null(given.operand) else among

    def _quantified(self, given: bound.Quantified, rows: Rows) -> Term:
        """any, all of the rows of a navigation: by the keys that they name, unless they ask of others too."""
        target, theirs, key, own, such = self._related(given, rows)
        if given.body is not None:
            inner = {**rows, given.variable: (target, theirs)}
            fails = given.kind == "all"
            body = self.test(given.body, inner, exact=fails)
            such.append(body.is_not(true()) if fails else body)
        if named := asked_of(given):
            others = [rows[each][1] for each in sorted({given.outer, *named})]
            found = _correlated(_looked_up(select(literal(1)).where(*such, key == own), theirs, key), *others)
            return not_(exists(found)) if given.kind == "all" else exists(found)
        listed = select(key).where(*such)
        return own.not_in(listed) if given.kind == "all" else own.in_(listed)

    def _counted(self, given: bound.Counted, rows: Rows) -> ColumnElement[int]:
        _, theirs, key, own, such = self._related(given, rows)
        counted = select(func.count()).select_from(theirs).where(*such, key == own)
        return _correlated(_looked_up(counted, theirs, key), rows[given.outer][1]).scalar_subquery()

    def counts(self, given: bound.Counted, rows: Rows) -> Select[Any]:
        """How many rows a navigation has, for each owner that has any: the `owner` and the `number`."""
        _, _, key, _, such = self._related(given, rows)
        return select(key.label("owner"), func.count().label("number")).where(*such).group_by(key)

    def _count_compared(
        self, given: bound.Counted, operator: bound.Operator, value: bound.Value, rows: Rows
    ) -> Term:
        """How many rows a navigation has, compared with a number: all are counted at once.

        Rows that have none are not among those that are counted.
        """
        _, _, key, own, such = self._related(given, rows)
        compare = _COMPARED[operator]
        number = self.value(value, rows)
        some = select(key).where(*such).group_by(key).having(compare(func.count(), number))
        _, _, other, _, such = self._related(given, rows)
        none = own.not_in(select(other).where(*such))
        return or_(own.in_(some), and_(compare(literal(0, BigInteger()), number), none))

    def _related(
        self, given: bound.Quantified | bound.Counted, rows: Rows
    ) -> tuple[EntityType, FromClause, ColumnElement[int], ColumnElement[int], list[Term]]:
        """The rows of a navigation: their type, themselves, their key, what it names, what holds for all."""
        owner, own = self._led(given.outer, given.through, rows)
        navigation = navigated(owner, given.navigation)
        relation = owner.resource.embeddable[navigation.relation]
        target = MODEL[navigation.target]
        theirs = target.resource.table.alias()
        return target, theirs, theirs.c[str(relation.child_key)], own, scope(target.resource, theirs)


def _looked_up(found: Select[Any], rows: FromClause, key: ColumnElement[int]) -> Select[Any]:
    """A statement about the rows that one owner has, held on SQLite to the index of their key.

    It would read all of the store's, and for each owner.
    """
    table = rows.element if isinstance(rows, Alias) else rows
    assert isinstance(table, Table)
    index, _ = indexes(table).best({"store_id", str(key.name)})
    return found.with_hint(rows, f"INDEXED BY {index}", "sqlite")


def _correlated(found: Select[Any], *others: FromClause) -> Select[Any]:
    """A statement about one row of others, which names their store once more: so it is seen to."""
    stores = [each.c.store_id == STORE for each in others if "store_id" in each.c]
    return found.where(*stores).correlate(*others)


_COMPARED: Mapping[bound.Operator, Callable[[Any, Any], Any]] = {
    "eq": op.eq, "ne": op.ne, "gt": op.gt, "ge": op.ge, "lt": op.lt, "le": op.le,
}  # fmt: skip


_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy has not typed its dialects
