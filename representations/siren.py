"""Siren 0.6.2: class, properties, entities, links and actions, with link relations in full."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson

from representations.json_text import escape, link_members
from representations.model import Action, Field, Link, Rel, Resource, Shape, absolute
from representations.template import Part, compile_template, href_parts, joined

MEDIA_TYPE = "application/vnd.siren+json"
ALIASES: tuple[str, ...] = ()

Encode = Callable[[Resource], dict[str, Any]]


def render(resource: Resource, base: str) -> bytes:
    """The representation; `base` is the API's origin and path, without a slash at its end."""
    return orjson.dumps(_encoder(resource.shape, None, base)(resource))


@lru_cache(maxsize=1024)
def _encoder(shape: Shape, rel: Rel | None, base: str) -> Encode:
    """For a sub-entity `rel` says what it is to the entity around it (Siren §Sub-Entities)."""
    links = compile_template(_array(_link(link, shape, base) for link in shape.links if not link.templated))
    actions = compile_template(_array(_action(action, shape, base) for action in shape.actions))
    names, shown = shape.properties, shape.shown
    head: dict[str, Any] = {"class": [shape.kind.name]} if shape.kind else {}
    if rel:
        head["rel"] = [absolute(rel.uri, base)]

    def encode(resource: Resource) -> dict[str, Any]:
        values = resource.values
        document = {**head, "properties": dict(zip(names, shown(values), strict=False))}
        if resource.embedded:
            document["entities"] = [
                _encoder(each.shape, part.single, base)(each)
                for part, resources in resource.embedded
                for each in resources
            ]
        document["links"] = orjson.Fragment(links(values))
        if shape.actions:
            document["actions"] = orjson.Fragment(actions(values))
        return document

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
    fields = orjson.dumps([_field(each) for each in action.fields]).decode()
    yield f'","title":"{escape(action.title)}","type":"{action.type}","fields":{fields}}}'


def _field(field: Field) -> dict[str, Any]:
    described = {"name": field.name, "type": field.type, "title": field.title, "value": field.value}
    return {name: value for name, value in described.items() if value is not None}
