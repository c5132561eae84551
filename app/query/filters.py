"""Filters: each parameter is a clause, with its alternatives behind bars in its value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Any

from app.errors import Fault, Refusal, shortened
from app.hypermedia import Registry, ResourceType
from app.query.conditions import Clause, Condition
from app.query.names import Target, resolve
from app.query.parameters import MOST_FAULTS, Pairs
from app.query.values import condition
from app.zones import Zone

MOST_CONDITIONS = 50

Partitions = tuple[bool, ...]
"""The values that the tallied flag of a type's rows may have; none where the filters contradict."""


def parse_filters(
    pairs: Pairs, registry: Registry, resource_type: ResourceType, zone: Zone
) -> tuple[tuple[Clause, ...], Partitions | None]:
    """The clauses of the filters, all of which must hold, and what they say of the tallied flag.

    :raises Refusal: 400, with an entry for each that is faulty.
    """
    clauses: list[Clause] = []
    faults: list[Fault] = []
    left = MOST_CONDITIONS
    for name, value in pairs:
        target = resolve(name, registry, resource_type)
        if isinstance(target, Fault):
            faults.append(target)
            continue
        alternatives = list(_alternatives(target, value, registry, resource_type))
        left -= len(alternatives)
        if left < 0:
            message = f"there are more than {MOST_CONDITIONS} conditions: ask for fewer at once"
            raise Refusal.of(400, message, properties=[shortened(target.text)], code="too_many_conditions")
        try:
            clauses.append(tuple(condition(each, text, zone) for each, text in alternatives))
        except Refusal as refusal:
            faults += refusal.faults
    if faults:
        raise Refusal(400, tuple(dict.fromkeys(faults))[:MOST_FAULTS])
    return partitioned([*clauses, *_defaults(clauses, resource_type)], resource_type)


_ALTERNATIVE = re.compile(
    r"\|(?P<name>\w+(?::\w+)*(?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\](?::\w+)?)?)(?P<end>=|\Z)", re.ASCII
)


def _alternatives(
    target: Target, value: str, registry: Registry, resource_type: ResourceType
) -> Iterator[tuple[Target, str]]:
    """A value, parted at the bars behind which a known name and `=` stand; other bars are text.

    A last name without `=` is dropped: real clients cut the query there (hAPI §3.6).
    """
    start = 0
    for found in _ALTERNATIVE.finditer(value):
        following = resolve(found["name"], registry, resource_type)
        if not isinstance(following, Fault):
            yield target, value[start : found.start()]
            if not found["end"]:
                return
            target, start = following, found.end()
    yield target, value[start:]


def _defaults(clauses: Iterable[Clause], resource_type: ResourceType) -> Iterator[Clause]:
    """The filters that hold while no condition names their property."""
    named = {each.column for clause in clauses for each in clause if not each.path}
    return (clause for name, clause in _default_clauses(resource_type) if name not in named)


@lru_cache(maxsize=128)
def _default_clauses(resource_type: ResourceType) -> tuple[tuple[str, Clause], ...]:
    filters = resource_type.default_filters
    return tuple((name, (Condition(name, "equals", (value,), 1),)) for name, value in filters.items())


def partitioned(
    clauses: Iterable[Clause], resource_type: ResourceType
) -> tuple[tuple[Clause, ...], Partitions | None]:
    """What clauses on the tallied flag alone leave of its values, and the other clauses, numbered."""
    flag = resource_type.partition
    if flag is None:
        return _numbered(clauses), None
    left: set[Any] = {False, True}
    others: list[Clause] = []
    for clause in clauses:
        if all(each.column == flag and not each.path for each in clause):
            left &= set().union(*(_allowed(each) for each in clause))
        else:
            others.append(clause)
    return _numbered(others), tuple(sorted(left))


def _allowed(each: Condition) -> set[bool]:
    given = {False, True} if each.operator == "defined" else set(each.values)
    return {False, True} - given if each.negated else given


def _numbered(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    numbers = count()
    return tuple(tuple(_at(next(numbers), each) for each in clause) for clause in clauses)


def _at(number: int, condition: Condition) -> Condition:
    return condition if condition.at == number else replace(condition, at=number)
