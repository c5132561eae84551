"""What a query string asks for: zoom, fields, a page, and filters; anything unknown is refused."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from sqlalchemy import Boolean, Integer

from app.db.ids import LARGEST
from app.errors import Refusal, shortened
from app.hypermedia import DEFAULT_LIMIT, LARGEST_LIMIT, Registry, Relation, ResourceType
from app.schema import shown

Zoom = tuple[tuple[str, "Zoom"], ...]
"""What to embed: names of relations, each with what to embed below it."""

Pairs = tuple[tuple[str, str], ...]

LONGEST_QUERY = 8192
LARGEST_ZOOM = 50
DEEPEST_ZOOM = 3

ON_ONE = ("zoom", "fields")
ON_PAGES = ("zoom", "fields", "limit", "offset", "cursor")


@dataclass(frozen=True, slots=True)
class Query:
    """A query string, understood. `after` is the id that a cursor stands behind.

    `asked` is the whole query as it came, `carried` what page links take along, both percent-encoded.
    """

    zoom: Zoom = ()
    fields: frozenset[str] | None = None
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: int | None = None
    filters: tuple[tuple[str, Any], ...] = ()
    asked: str = ""
    carried: str = ""


def parse_one(raw: str, registry: Registry, resource_type: ResourceType) -> Query:
    """The query of a single resource.

    :raises Refusal: 400, naming what is not understood and what is offered.
    """
    return _parse_one(raw, registry, resource_type) if raw else _NOTHING


def parse_page(raw: str, registry: Registry, resource_type: ResourceType) -> Query:
    """The query of a collection of this type.

    :raises Refusal: 400, naming what is not understood and what is offered.
    """
    return _parse_page(raw, registry, resource_type)


_NOTHING = Query()


@lru_cache(maxsize=512)
def _parse_one(raw: str, registry: Registry, resource_type: ResourceType) -> Query:
    given = gather(parse_pairs(raw), ON_ONE)
    return Query(
        zoom=parse_zoom(given.get("zoom", ""), registry, resource_type),
        fields=_fields(given.get("fields"), resource_type),
    )


@lru_cache(maxsize=512)
def _parse_page(raw: str, registry: Registry, resource_type: ResourceType) -> Query:
    pairs = parse_pairs(raw)
    given = gather(pairs, (*ON_PAGES, *resource_type.filters))
    return Query(
        zoom=parse_zoom(given.get("zoom", ""), registry, resource_type),
        fields=_fields(given.get("fields"), resource_type),
        limit=min(_number("limit", given.get("limit"), DEFAULT_LIMIT), LARGEST_LIMIT),
        offset=_number("offset", given.get("offset"), 0),
        after=_number("cursor", given["cursor"], 0) if "cursor" in given else None,
        filters=tuple(_filters(given, resource_type)),
        asked=encode_pairs(pairs),
        carried=encode_pairs((name, value) for name, value in pairs if name not in _OF_ONE_PAGE),
    )


def parse_pairs(raw: str) -> Pairs:
    """The parameters of a raw query string, decoded once; `+` is a space (HTML's form encoding).

    :raises Refusal: 414 where it is too long, 400 where it is not UTF-8.
    """
    if len(raw) > LONGEST_QUERY:
        message = f"the query string has {len(raw)} characters, at most {LONGEST_QUERY} are read"
        raise Refusal.of(414, message, code="query_too_long")
    return tuple(
        (_decode(name), _decode(value))
        for name, _, value in (each.partition("=") for each in raw.split("&") if each)
    )


def refuse_unknown(names: Iterable[str], offered: Iterable[str]) -> None:
    """Refuses parameters that are not offered here.

    :raises Refusal: 400, one entry for each.
    """
    offered = tuple(offered)
    unknown = [name for name in dict.fromkeys(names) if name not in offered]
    if unknown:
        listed = f"this resource offers {', '.join(offered)}" if offered else "this resource takes none"
        raise Refusal.of(
            400,
            *(f"{shortened(name)} is not a known parameter: {listed}" for name in unknown[:20]),
            properties=[shortened(name) for name in unknown[:20]],
            code="unknown_parameter",
        )


def refuse_query(raw: str) -> None:
    """Refuses any parameter, where none is offered.

    :raises Refusal: 400, one entry for each.
    """
    refuse_unknown((name for name, _ in parse_pairs(raw)), ())


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs as a query string, percent-encoded, with what is legible left so."""
    return "&".join(f"{quote(name, safe=_LEGIBLE)}={quote(value, safe=_LEGIBLE)}" for name, value in pairs)


_LEGIBLE = ":,[]*"
_OF_ONE_PAGE = ("limit", "offset", "cursor")


def _decode(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError:
        message = f"the query string is not UTF-8 at {shortened(text)}"
        raise Refusal.of(400, message, code="not_utf8") from None


def gather(pairs: Pairs, offered: tuple[str, ...]) -> dict[str, str]:
    """One value per parameter; lists may be split over several parameters of one name."""
    refuse_unknown((name for name, _ in pairs), offered)
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in given:
            given[name] = value
        elif name in ON_ONE:
            given[name] += "," + value
        else:
            message = f"{name} is given more than once: give it one value"
            raise Refusal.of(400, message, properties=[name], code="repeated_parameter")
    return given


def _number(name: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or int(text) > LARGEST:
        message = f"{name} must be a whole number from 0 to {LARGEST}, not {shortened(text)}"
        raise Refusal.of(400, message, properties=[name], code="not_a_number")
    return int(text)


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


def _filters(given: Mapping[str, str], resource_type: ResourceType) -> Iterator[tuple[str, Any]]:
    for name in resource_type.filters:
        if name in given:
            yield name, _typed(name, given[name], resource_type)
        elif name in resource_type.default_filters:
            yield name, resource_type.default_filters[name]


def _typed(name: str, text: str, resource_type: ResourceType) -> Any:
    kind = resource_type.table.c[name].type
    if isinstance(kind, Boolean):
        if text.lower() not in {"true", "false"}:
            message = f"{name} must be true or false, not {shortened(text)}"
            raise Refusal.of(400, message, properties=[name], code="not_a_boolean")
        return text.lower() == "true"
    return _number(name, text, 0) if isinstance(kind, Integer) else text


def parse_zoom(text: str, registry: Registry, resource_type: ResourceType) -> Zoom:
    """What a `zoom` asks for: a comma list of relations, `:` going deeper and implying the parent.

    :raises Refusal: 400 for a name that this type does not embed, and beyond the limits.
    """
    paths = [path.strip() for path in text.split(",") if path.strip()]
    if len(paths) > LARGEST_ZOOM:
        message = f"zoom names {len(paths)} relations, at most {LARGEST_ZOOM} are embedded"
        raise Refusal.of(400, message, properties=["zoom"], code="zoom_too_wide")
    tree: dict[str, Any] = {}
    for path in paths:
        _add_path(tree, path, registry, resource_type)
    return _frozen(tree)


def _add_path(tree: dict[str, Any], path: str, registry: Registry, resource_type: ResourceType) -> None:
    prefix = f"{registry.curie.prefix}:"
    names = re.split(rf":(?:{prefix})?", path.removeprefix(prefix))
    for depth, name in enumerate(names):
        relation: Relation | None = resource_type.embeddable.get(name)
        if relation is None:
            offered = ", ".join(resource_type.embeddable) or "nothing"
            message = f"zoom: {resource_type.rel} has no '{shortened(name)}' to embed, it offers {offered}"
            raise Refusal.of(400, message, properties=["zoom"], code="unknown_zoom")
        if depth >= DEEPEST_ZOOM:
            message = f"zoom: {shortened(path)} is too deep, at most {DEEPEST_ZOOM} levels are embedded"
            raise Refusal.of(400, message, properties=["zoom"], code="zoom_too_deep")
        tree = tree.setdefault(name, {})
        resource_type = registry.target(relation)


def _frozen(tree: Mapping[str, Any]) -> Zoom:
    return tuple(sorted((name, _frozen(below)) for name, below in tree.items()))
