"""`order`: by which properties, each way; what is left open is settled by id."""

from collections.abc import Iterable

from app.db.indexes import indexes
from app.errors import Refusal, shortened
from app.hypermedia import ResourceType
from app.query.conditions import Clause, ranged
from app.query.properties import comparable

Order = tuple[tuple[str, bool], ...]
"""Columns, the first one first, each with whether it descends. The last one is always the id."""

BY_ID: Order = (("id", False),)
MOST_ORDERS = 5


def parse_order(text: str | None, resource_type: ResourceType, filters: Iterable[Clause]) -> Order:
    """The order that is asked for; else the one in which the filters find rows: that costs no sort.

    :raises Refusal: 400 for what is no property, no direction, twice the same, or too many.
    """
    words = [each.split() for each in (text or "").split(",") if each.strip()]
    if not words:
        return _settled([(name, False) for name in _found_in(resource_type, filters)])
    if len(words) > MOST_ORDERS:
        raise _refusal(f"names {len(words)} properties, at most {MOST_ORDERS} are ordered by")
    order: dict[str, bool] = {}
    for name, *direction in words:
        if name not in comparable(resource_type):
            offered = ", ".join(comparable(resource_type))
            raise _refusal(f"{shortened(name)} is not a property to order by, these are: {offered}")
        if name in order:
            raise _refusal(f"{name} is named more than once")
        if len(direction) > 1 or (direction and direction[0].lower() not in {"asc", "desc"}):
            raise _refusal(f"{name} goes asc or desc, not {shortened(' '.join(direction))}")
        order[name] = bool(direction) and direction[0].lower() == "desc"
    return _settled(list(order.items()))


def _found_in(resource_type: ResourceType, filters: Iterable[Clause]) -> Iterable[str]:
    """The first property that a range is asked of and that an index of the store's rows holds in order."""
    flag = resource_type.partition
    first = ("store_id", flag) if flag else ("store_id",)
    found = indexes(resource_type.table)
    return [name for name in ranged(filters) if found.walk(first, name)][:1]


def _settled(order: list[tuple[str, bool]]) -> Order:
    """The order up to the id, which comes last: in the direction of the first property."""
    names = [name for name, _ in order]
    if "id" in names:
        return tuple(order[: names.index("id") + 1])
    return (*order, ("id", order[0][1] if order else False))


def _refusal(what: str) -> Refusal:
    return Refusal.of(400, f"order: {what}", properties=["order"], code="bad_order")
