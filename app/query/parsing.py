"""The query of a single resource and that of a page, each understood as a whole, once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.errors import Refusal, shortened
from app.hypermedia import DEFAULT_LIMIT, LARGEST_LIMIT, Registry, ResourceType
from app.query.conditions import Beside, Clause, parameters
from app.query.cursors import parse_cursor
from app.query.filters import Partitions, parse_filters
from app.query.orders import BY_ID, Order, parse_order
from app.query.parameters import ON_ONE, ON_PAGES, encode_pair, gather, parse_number, parse_pairs
from app.query.zooms import Zoom, parse_zoom
from app.schema import shown
from app.zones import Zone

LONGEST_CARRIED = 6144
"""How much of a query page links carry on, so that with a cursor they stay within what is read."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query string, understood.

    `after` are the stored values that a cursor stands behind, `partitions` the values that the
    tallied flag may have, `beside` what rows are held to that no filter of this face says, `parameters` what
    all that compares with. `asked` is the whole query
    as it came, `carried` what page links take along, both percent-encoded.
    """

    zoom: Zoom = ()
    fields: frozenset[str] | None = None
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    order: Order = BY_ID
    after: tuple[Any, ...] | None = None
    filters: tuple[Clause, ...] = ()
    partitions: Partitions | None = None
    beside: Beside | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    asked: str = ""
    carried: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the filters contradict one another, so that nothing is found."""
        return self.partitions == ()


def parse_one(raw: str, registry: Registry, resource_type: ResourceType) -> Query:
    """The query of a single resource.

    :raises Refusal: 400, naming what is not understood and what is offered.
    """
    return _parse_one(raw, registry, resource_type) if raw else _NOTHING


def parse_page(raw: str, registry: Registry, resource_type: ResourceType, zone: Zone) -> Query:
    """The query of a collection of this type, with dates as the store's clocks show them.

    :raises Refusal: 400, naming what is not understood and what is offered.
    """
    return _parse_page(raw, registry, resource_type, zone)


_NOTHING = Query()


@lru_cache(maxsize=512)
def _parse_one(raw: str, registry: Registry, resource_type: ResourceType) -> Query:
    given = gather(parse_pairs(raw), ON_ONE)
    return Query(
        zoom=parse_zoom(given.get("zoom", ""), registry, resource_type),
        fields=_fields(given.get("fields"), resource_type),
    )


@lru_cache(maxsize=512)
def _parse_page(raw: str, registry: Registry, resource_type: ResourceType, zone: Zone) -> Query:
    pairs = parse_pairs(raw)
    encoded = [encode_pair(*pair) for pair in pairs]
    others = tuple(pair for pair in pairs if pair[0] not in ON_PAGES)
    filters, partitions = parse_filters(others, registry, resource_type, zone)
    given = gather(tuple(pair for pair in pairs if pair[0] in ON_PAGES), ON_PAGES)
    order = parse_order(given.get("order"), resource_type, filters)
    return Query(
        zoom=parse_zoom(given["zoom"], registry, resource_type) if "zoom" in given else (),
        fields=_fields(given.get("fields"), resource_type),
        limit=min(parse_number("limit", given.get("limit"), DEFAULT_LIMIT), LARGEST_LIMIT),
        offset=parse_number("offset", given.get("offset"), 0),
        order=order,
        after=parse_cursor(given["cursor"], order, resource_type) if "cursor" in given else None,
        filters=filters,
        partitions=partitions,
        parameters=parameters(filters),
        asked="&".join(encoded),
        carried=_carried(
            "&".join(text for (name, _), text in zip(pairs, encoded, strict=True) if name not in _OF_ONE_PAGE)
        ),
    )


_OF_ONE_PAGE = ("limit", "offset", "cursor")


def _carried(text: str) -> str:
    if len(text) > LONGEST_CARRIED:
        message = f"the query has {len(text)} characters when encoded, page links carry {LONGEST_CARRIED}"
        raise Refusal.of(414, message, code="query_too_long")
    return text


def _fields(text: str | None, resource_type: ResourceType) -> frozenset[str] | None:
    if text is None:
        return None
    offered = shown(resource_type.schema)
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return None
    for name in names:
        if name not in offered:
            message = f"fields: {shortened(name)} is not a property, these are: {', '.join(offered)}"
            raise Refusal.of(400, message, properties=["fields"], code="unknown_field")
    return frozenset(names)
