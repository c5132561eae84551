"""Siren 0.6.2: class, properties, entities, links and actions, with link relations in full."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from representations.body import NOT_PROPERTIES, Body, Malformed, items_from, properties_from, shown
from representations.compiled import Expression, Named, item, listing, mapping, text, variable
from representations.json_text import escape, link_members
from representations.model import Action, Link, Rel, Resource, Shape, absolute
from representations.strict_json import load
from representations.template import Part, href_parts, joined, template

MEDIA_TYPE = "application/vnd.siren+json"
ALIASES: tuple[str, ...] = ()

Encode = Callable[[Resource], dict[str, Any]]


def render(resource: Resource, base: str) -> bytes:
    """The representation; `base` is the API's origin and path, without a slash at its end."""
    return orjson.dumps(_encoder(resource.shape, None, base)(resource))


@lru_cache(maxsize=1024)
def _encoder(shape: Shape, rel: Rel | None, base: str) -> Encode:
    """For a sub-entity `rel` says what it is to the entity around it (Siren §Sub-Entities)."""
    calls, places = Named(), shape.shown(range(len(shape.index)))

    def array(items: Iterator[Iterator[Part]]) -> Expression:
        return calls.call(orjson.Fragment, template(_array(items), calls))

    shown = {name: item("values", at) for name, at in zip(shape.properties, places, strict=False)}
    head = {"class": listing([text([shape.kind.name])])} if shape.kind else {}
    if rel:
        head["rel"] = listing([text([absolute(rel.uri, base)])])
    head["properties"] = mapping(shown)
    foot = {"links": array(_link(link, shape, base) for link in shape.links if not link.templated)}
    if shape.actions and rel is None:
        foot["actions"] = array(_action(action, shape, base) for action in shape.actions)
    childless = calls.function(["values"], mapping(head | foot))
    entities = {"entities": variable("entities")}
    parent = calls.function(["values", "entities"], mapping(head | entities | foot))

    def encode(resource: Resource) -> dict[str, Any]:
        if not resource.embedded:
            return childless(resource.values)  # type: ignore[no-any-return] # a mapping is a dictionary
        entities = [
            _encoder(each.shape, part.single, base)(each)
            for part, resources in resource.embedded
            for each in resources
        ]
        return parent(resource.values, entities)  # type: ignore[no-any-return]

    return encode


def _array(items: Iterator[Iterator[Part]]) -> Iterator[Part]:
    yield "["
    yield from joined(items, ",")
    yield "]"


def _link(link: Link, shape: Shape, base: str) -> Iterator[Part]:
    yield f'{{"rel":["{escape(absolute(link.rel.uri, base))}"],'
    yield from link_members(link, shape, base)
    yield "}"


def _action(action: Action, shape: Shape, base: str) -> Iterator[Part]:
    yield f'{{"name":"{escape(action.name)}","method":"{action.method}","href":"'
    yield from href_parts(action.href, shape, base, escape)
    fields = orjson.dumps([each.members for each in action.fields]).decode()
    yield f'","title":"{escape(action.title)}","type":"{action.type}","fields":{fields}}}'


# And back.

_MEMBERS = NOT_PROPERTIES | {
    *("class", "title", "rel", "href", "type", "properties", "entities", "links", "actions"),
}


def parse(body: bytes) -> Body:
    """What a Siren entity says in its properties, and its sub-entities in theirs.

    An array of entities is a list of items. So are sub-entities, where all have the same relation.

    :raises Malformed: where the body is neither
    """
    document = load(body)
    if isinstance(document, list):
        return Body({}, _items(document))
    properties = properties_from(_properties(document))
    entities = document.get("entities")
    alike = isinstance(entities, list) and len({str(_rel(each)) for each in entities}) <= 1
    return Body(properties, _items(entities) if alike else None)


def _items(entities: list[Any]) -> tuple[Mapping[str, Any], ...]:
    return items_from(map(_properties, entities))


def _rel(entity: Any) -> Any:
    return entity.get("rel") if isinstance(entity, dict) else None


def _properties(entity: Any) -> dict[str, Any]:
    """Those of one entity. Plain JSON is refused: as an entity without properties it would say nothing."""
    if not isinstance(entity, dict):
        raise Malformed("the body is neither a Siren entity nor an array of entities")
    if "properties" not in entity and (others := entity.keys() - _MEMBERS):
        raise Malformed(f"{shown(min(others))} is not in the properties of a Siren entity: move it there")
    properties = entity.get("properties", {})
    if not isinstance(properties, dict):
        raise Malformed("the properties of a Siren entity are not an object")
    return properties
