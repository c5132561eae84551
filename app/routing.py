"""Which index a page goes by: chosen from what the query holds to values, its order and its ranges."""

from dataclasses import dataclass

from app.db.indexes import indexes
from app.filtering import leading
from app.hypermedia import ResourceType
from app.query import Order, Query
from app.query.conditions import held, ranged


@dataclass(frozen=True, slots=True)
class Route:
    """How a page finds its rows.

    `walked` tells whether the index (or the primary key, where there is none) holds them in the
    page's order; `parted`, whether it begins with the tallied flag; `related`, that related rows
    lead to these: then no index is to be searched by the order.
    """

    index: str | None = None
    walked: bool = False
    parted: bool = False
    related: bool = False


def route(resource_type: ResourceType, key: str, query: Query, order: Order | None) -> Route:
    """The route of a page in this order, which is the query's own but for what cannot vary.

    :param order: None to count.
    """
    choice = _Choice(resource_type, key, query)
    return choice.by_values(order) or choice.by_relation() or choice.by_order(order)


class _Choice:
    def __init__(self, resource_type: ResourceType, key: str, query: Query) -> None:
        self._indexes = indexes(resource_type.table)
        self._partition = resource_type.partition
        self._query = query
        led = [each for each in map(leading, query.filters) if each]
        self._related = bool(led)
        keys = (resource_type.embeddable[each].own_key for each in led)
        self._held = held(query.filters) | {each for each in keys if each}
        fixed = (*resource_type.set_apart_by, key, self._partition)
        self._first = ("store_id", *dict.fromkeys(each for each in fixed if each and each != "store_id"))

    def by_values(self, order: Order | None) -> Route | None:
        """By an index of what is equal to few values, or names one of few related rows."""
        index, members = self._indexes.best({*self._first, *self._held})
        if index is None or members <= self._indexes.best(self._first)[1]:
            return None
        by_id = order is not None and len(order) == 1 and self._indexes.members[index][members:] == ("id",)
        return self._route(index, walked=by_id)

    def by_relation(self) -> Route | None:
        """By related rows, where the filters ask of them."""
        return Route(related=True) if self._related else None

    def by_order(self, order: Order | None) -> Route:
        """By a range that has two ends; else in order; else by any range."""
        name = order[0][0] if order else None
        ranges = ranged(self._query.filters)
        narrow = [each for each, closed in ranges.items() if (closed or not order) and each != name]
        for each in narrow:
            if each != "id" and (index := self._indexes.walk(self._first, each)):
                return self._route(index)
        if order and name:
            both = self._query.partitions is not None and len(self._query.partitions) > 1
            index = None if name == "id" and both else self._indexes.walk(self._first, name)
            if index is not None or name == "id":
                return self._route(index, walked=_walks(order))
        for each in ranges:
            if index := self._indexes.walk(self._first, each):
                return self._route(index)
        return self._route(self._indexes.walk(self._first, "id"))

    def _route(self, index: str | None, *, walked: bool = False) -> Route:
        parted = index is not None and self._partition in self._indexes.members[index]
        return Route(index, walked, parted)


def _walks(order: Order) -> bool:
    """Whether an index of the first property and the id holds the whole order."""
    return len(order) == 1 or (len(order) == 2 and order[0][1] == order[1][1])
