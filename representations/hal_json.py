"""HAL+JSON (draft-kelly-json-hal-11): links first, compact link relations, one curie."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from representations.body import Body, Malformed, items_from, properties_from
from representations.compiled import Named, item, mapping, variable
from representations.json_text import escape, link_members
from representations.model import Link, Resource, Shape, absolute
from representations.strict_json import load
from representations.template import Part, joined, template

MEDIA_TYPE = "application/hal+json"
ALIASES = ("application/json",)


Made = dict[Resource, dict[str, Any]]
"""What is encoded already: a resource that several relations embed, as an address may be, is encoded once."""

Encode = Callable[[Resource, Made], dict[str, Any]]


def render(resource: Resource, base: str) -> bytes:
    """The representation; `base` is the API's origin and path, without a slash at its end."""
    return orjson.dumps(document(resource, base))


def document(resource: Resource, base: str) -> dict[str, Any]:
    """The representation before it is text, for formats that say what HAL+JSON says and more."""
    return _encoder(resource.shape, base)(resource, {})


@lru_cache(maxsize=1024)
def _encoder(shape: Shape, base: str) -> Encode:
    calls, places = Named(), shape.shown(range(len(shape.index)))
    links = {"_links": calls.call(orjson.Fragment, template(_links(shape, base), calls))}
    shown = {name: item("values", at) for name, at in zip(shape.properties, places, strict=False)}
    childless = calls.function(["values"], mapping(links | shown))
    with_children = {**links, "_embedded": variable("embedded"), **shown}
    parent = calls.function(["values", "embedded"], mapping(with_children))

    def encode(resource: Resource, made: Made) -> dict[str, Any]:
        if not resource.embedded:
            return childless(resource.values)  # type: ignore[no-any-return] # a mapping is a dictionary
        embedded: dict[str, Any] = {}
        for part, resources in resource.embedded:
            documents = _encoded(resources, base, made)
            embedded[part.rel.compact] = documents if part.many else documents[0]
        return parent(resource.values, embedded)  # type: ignore[no-any-return]

    return encode


def _encoded(resources: Sequence[Resource], base: str, made: Made) -> list[dict[str, Any]]:
    documents, shape, encode = [], None, None
    for each in resources:
        document = made.get(each)
        if document is None:
            if encode is None or each.shape is not shape:
                shape = each.shape
                encode = _encoder(shape, base)
            document = made[each] = encode(each, made)
        documents.append(document)
    return documents


def _links(shape: Shape, base: str) -> Iterator[Part]:
    yield "{"
    yield from joined(_members(shape, base), ",")
    yield "}"


def _members(shape: Shape, base: str) -> Iterator[Iterator[Part]]:
    if curie := shape.curie:
        href = absolute(curie.href, base)
        described = [{"name": curie.prefix, "href": href, "templated": True}]
        yield iter([f'"curies":{orjson.dumps(described).decode()}'])
    by_rel: dict[str, list[Link]] = {}
    for link in shape.links:
        by_rel.setdefault(absolute(link.rel.compact, base), []).append(link)
    for compact, links in by_rel.items():
        yield _member(compact, links, shape, base)


def _member(compact: str, links: list[Link], shape: Shape, base: str) -> Iterator[Part]:
    """One link relation: an object, or an array where the declaration has several links for it."""
    several = len(links) > 1
    yield f'"{escape(compact)}":' + ("[" if several else "")
    yield from joined((_link(link, shape, base) for link in links), ",")
    if several:
        yield "]"


def _link(link: Link, shape: Shape, base: str) -> Iterator[Part]:
    yield "{"
    yield from link_members(link, shape, base)
    yield ',"templated":true}' if link.templated else "}"


# And back.


def parse(body: bytes) -> Body:
    """What a HAL+JSON document says, or plain JSON, which is HAL+JSON without links.

    An array of objects is a list of items. So is what is embedded, where one relation embeds many.

    :raises Malformed: where the body is neither
    """
    document = load(body)
    if isinstance(document, list):
        return Body({}, items_from(document))
    if isinstance(document, dict):
        return Body(properties_from(document), _items(document.get("_embedded")))
    raise Malformed("the body is neither an object nor an array of objects")


def _items(embedded: Any) -> tuple[Mapping[str, Any], ...] | None:
    if not isinstance(embedded, dict):
        return None
    lists = [content for content in embedded.values() if _is_list_of_objects(content)]
    return items_from(lists[0]) if len(lists) == 1 else None


def _is_list_of_objects(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(each, dict) for each in content)
