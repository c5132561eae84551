"""From a filter to what an index can serve: those of its conjuncts that are conditions on columns.

What is no such condition remains, as an expression that rows are held to beside them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import FromClause

from app.db.indexes import indexes
from app.hypermedia import ResourceType
from app.odata import bound
from app.odata.compiling import Compiler, Term
from app.odata.conjuncts import conditions, conjuncts
from app.odata.edm import MODEL, EntityType, Navigation, navigated
from app.odata.expressions import parts
from app.query import Clause, Condition
from app.query.conditions import Operator
from app.query.filters import Partitions, partitioned

NEAR = timedelta(days=31)
"""The longest range of moments that an index is gone by."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a filter says beside its conditions; equal ones have the same SQL."""

    type: EntityType
    compiler: Compiler
    expressions: tuple[bound.Expression, ...]

    def terms(self, rows: FromClause) -> Iterator[Term]:
        """What holds for these rows."""
        for each in self.expressions:
            yield self.compiler.test(each, {bound.ITSELF: (self.type, rows)})


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A filter in two parts: conditions, with what they say of the tallied flag, and all else."""

    clauses: tuple[Clause, ...] = ()
    partitions: Partitions | None = None
    beside: Beside | None = None


def narrow(entity: EntityType, given: bound.Expression | None, compiler: Compiler) -> Narrowed:
    """The parts of a filter of an entity set."""
    clauses: list[Clause] = []
    others: list[bound.Expression] = []
    asked_of = set[str]()
    for each in conjuncts(given):
        made = list(conditions(each, bound.ITSELF)) or _related(entity, each, asked_of)
        clauses += ((condition,) for condition in made)
        if not made:
            others.append(each)
    kept, partitions = partitioned([*clauses, *_closed(clauses)], entity.resource)
    return Narrowed(kept, partitions, Beside(entity, compiler, tuple(others)) if others else None)


def _related(entity: EntityType, given: bound.Expression, asked_of: set[str]) -> list[Condition]:
    """The conditions on related rows that a conjunct makes, where an index of theirs finds few of them.

    Conditions on one relation hold for the same row, as in one `any`; so there is one `any` of each, and
    what else is said of it remains.
    """
    is_any = isinstance(given, bound.Quantified)
    navigation, found = _among(entity, given) if isinstance(given, bound.Quantified) else _led(entity, given)
    if navigation is None or any(each.negated for each in found):
        return []
    if is_any and navigation.relation in asked_of:
        return []
    target = MODEL[navigation.target].resource
    if not any(_is_found(target, each) for each in found):
        return []
    if is_any:
        asked_of.add(navigation.relation)
    return [replace(each, path=(navigation.relation,)) for each in found]


def _among(entity: EntityType, given: bound.Quantified) -> tuple[Navigation | None, list[Condition]]:
    """The conditions on one of the rows to which a navigation leads, and that navigation."""
    if given.kind != "any" or given.outer != bound.ITSELF or given.through or given.body is None:
        return None, []
    made = [list(conditions(each, given.variable)) for each in conjuncts(given.body)]
    found = [each for several in made for each in several] if all(made) else []
    return navigated(entity, given.navigation), found


def _led(entity: EntityType, given: bound.Expression) -> tuple[Navigation | None, list[Condition]]:
    """The conditions on the one row to which a navigation leads, and that navigation."""
    columns = [each for each in parts(given) if isinstance(each, bound.Column)]
    if len(columns) != 1 or len(columns[0].through) != 1 or columns[0].variable != bound.ITSELF:
        return None, []
    navigation = navigated(entity, columns[0].through[0])
    return navigation, list(conditions(given, bound.ITSELF, columns[0].through))


def _is_found(target: ResourceType, condition: Condition) -> bool:
    """Whether an index finds the rows that have such a value."""
    known = {"store_id", target.partition or "store_id"}
    index, members = indexes(target.table).best({*known, condition.column})
    return condition.operator in {"equals", "in"} and index is not None and members > len(known)


def _closed(clauses: list[Clause]) -> Iterator[Clause]:
    """Ranges of moments whose ends are near, and stand in two conditions.

    Pages go by the index of those, and then sort what they find; a wide range is met soon in any order.
    """
    ends: dict[str, dict[bool, Any]] = {}
    for (each,) in clauses:
        if each.operator in _ENDS and not each.negated and not each.path:
            ends.setdefault(each.column, {})[_ENDS[each.operator]] = each.values[0]
    for name, found in ends.items():
        if len(found) == len({True, False}) and _are_near(found[True], found[False]):
            yield (Condition(name, "between", (found[True], found[False]), 2),)


def _are_near(low: Any, high: Any) -> bool:
    try:
        return datetime.fromisoformat(high) - datetime.fromisoformat(low) <= NEAR
    except (TypeError, ValueError):  # these are no moments
        return False


_ENDS: Mapping[Operator, bool] = {
    "greaterthan": True,
    "greaterthanorequal": True,
    "lessthan": False,
    "lessthanorequal": False,
}
"""The comparisons that make an end of a range, each with whether it is the low one."""
