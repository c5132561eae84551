"""HAL+XML: the same resources with full link relations, no curies, and null as an empty element.

Compiled templates write it. `build` makes the same document as a tree with lxml, for whoever wants
to work on one; a law holds the templates to it, byte for byte.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from representations.body import Body, Malformed, items_from, properties_from, shown
from representations.model import SELF, Link, Rel, Resource, Shape, Values, absolute
from representations.template import Part, compile_template, href_parts, title_parts
from representations.xml_tree import WHITE_SPACE, Element, read

MEDIA_TYPE = "application/hal+xml"
ALIASES = ("application/xml", "text/xml")

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

Write = Callable[[Resource, list[str]], None]


def render(resource: Resource, base: str) -> bytes:
    """The representation; `base` is the API's origin and path, without a slash at its end."""
    pieces = [DECLARATION]
    _writer(resource.shape, resource.shape.kind, base)(resource, pieces)
    return b"".join([piece.encode() for piece in pieces])


def build(resource: Resource, base: str) -> etree._Element:
    """The same representation as an lxml tree."""
    return _element(resource, resource.shape.kind, base)


# Compiled: one template per shape, with one slot for all embedded resources.


@lru_cache(maxsize=1024)
def _writer(shape: Shape, rel: Rel | None, base: str) -> Write:
    head = compile_template(_head(shape, rel, base))
    names, shown, count = shape.properties, shape.shown, len(shape.properties)
    tail = "".join(f"<{name}>%s</{name}>" for name in names) + "</resource>"
    frame = [""] * (2 * count + 1)
    frame[0::2] = tail.split("%s")

    def write(resource: Resource, pieces: list[str]) -> None:
        values = resource.values
        pieces.append(head(values))
        for part, resources in resource.embedded:
            for each in resources:
                _writer(each.shape, part.single, base)(each, pieces)
        properties = frame[:]
        properties[1::2] = _texts(shown(values)[:count])
        pieces.append("".join(properties))

    return write


def _head(shape: Shape, rel: Rel | None, base: str) -> Iterator[Part]:
    yield "<resource"
    for link in shape.links:
        if link.rel == SELF:
            yield ' href="'
            yield from href_parts(link.href, shape, base, _attribute)
            yield '"'
    if rel is not None:
        yield f' rel="{_attribute(absolute(rel.uri, base))}"'
    yield ">"
    for link in shape.links:
        yield from _link(link, shape, base)


def _link(link: Link, shape: Shape, base: str) -> Iterator[Part]:
    yield f'<link rel="{_attribute(absolute(link.rel.uri, base))}" href="'
    yield from href_parts(link.href, shape, base, _attribute, templated=link.templated)
    if link.title is not None:
        yield '" title="'
        yield from title_parts(link.title, shape, _attribute)
    if link.type:
        yield f'" type="{_attribute(link.type)}'
    if link.templated:
        yield '" templated="true'
    yield '"/>'


# Escaped as lxml escapes. Characters that XML 1.0 cannot carry are refused on input; should one
# have come in another way, it is shown as U+FFFD rather than making the document unreadable.

_FORBIDDEN = "".join(map(chr, [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF]))
_REPLACED = dict.fromkeys(map(ord, _FORBIDDEN), "\ufffd") | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}) | _REPLACED
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
_special = re.compile(f'[&<>"\r\n\t\ud800-\udfff{re.escape(_FORBIDDEN)}]').search


def _texts(values: Values) -> list[str]:
    """Many values; the commonest kinds are written here, for a call each would double the time."""
    return [
        (value.translate(_IN_TEXT) if _special(value) else value)
        if value.__class__ is str
        else ""
        if value is None
        else "true"
        if value is True
        else "false"
        if value is False
        else text(value)
        for value in values
    ]


def text(value: Any) -> str:
    """A value as the content of its element; maps and lists become `value` elements."""
    kind = value.__class__
    if kind is str:
        return value.translate(_IN_TEXT) if _special(value) else value  # type: ignore[no-any-return]
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is dict:
        return "".join(
            f'<value key="{_attribute(str(key))}">{text(each)}</value>' for key, each in value.items()
        )
    if kind is list or kind is tuple:
        return "".join(f"<value>{text(each)}</value>" for each in value)
    return str(value) if kind is int else text(str(value))


def _attribute(value: str) -> str:
    return value.translate(_IN_ATTRIBUTE) if _special(value) else value


# Built: the same document as a tree.


def _element(resource: Resource, rel: Rel | None, base: str) -> etree._Element:
    element = etree.Element("resource")
    element.text = ""
    if resource.href is not None:
        element.set("href", absolute(resource.href, base))
    if rel is not None:
        element.set("rel", absolute(rel.uri, base))
    for link in resource.links:
        etree.SubElement(element, "link", _link_attributes(link, base))
    for part, resources in resource.embedded:
        element.extend(_element(each, part.single, base) for each in resources)
    for name, value in resource.properties.items():
        _fill(etree.SubElement(element, name), value)
    return element


def _link_attributes(link: Link, base: str) -> dict[str, str]:
    attributes = {"rel": absolute(link.rel.uri, base), "href": absolute(link.href, base)}
    if link.title is not None:
        attributes["title"] = _carried(str(link.title))
    if link.type:
        attributes["type"] = link.type
    if link.templated:
        attributes["templated"] = "true"
    return attributes


def _fill(element: etree._Element, value: Any) -> None:
    element.text = ""
    if isinstance(value, dict):
        for key, each in value.items():
            _fill(etree.SubElement(element, "value", {"key": _carried(str(key))}), each)
    elif isinstance(value, list | tuple):
        for each in value:
            _fill(etree.SubElement(element, "value"), each)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _carried(str(value))


def _carried(value: str) -> str:
    return value.translate(_REPLACED)


# And back.

_NOT_PROPERTIES = frozenset({"link", "resource"})


def parse(body: bytes) -> Body:
    """What a document says, whatever its root is called: each child is a property, its text the value.

    Nested resources of one relation are items. So are, in plain XML, children of one name that have
    properties of their own.

    :raises Malformed: where the body is not such a document
    """
    root = read(body)
    if listed := _listed(root):
        return Body({}, items_from(map(_members, listed)), textual=True)
    nested = [child for child in root.children if child.name == "resource"]
    alike = len({each.attributes.get("rel") for each in nested}) == 1
    items = items_from(map(_members, nested)) if alike else None
    return Body(properties_from(_members(root)), items, textual=True)


def _listed(root: Element) -> list[Element]:
    """The items of a plain list. Properties may have children too, but then all are called `value`."""
    listed = [child for child in root.children if child.name != "link"]
    names = {child.name for child in listed}
    with_properties = all(any(each.name != "value" for each in child.children) for child in listed)
    return listed if len(names) == 1 and names != {"resource"} and with_properties else []


def _members(element: Element) -> dict[str, Any]:
    if element.text.strip(WHITE_SPACE):
        raise Malformed(f"{shown(element.name)} holds text where elements should be: line {element.line}")
    return _by_name((each.name, each) for each in element.children if each.name not in _NOT_PROPERTIES)


def _by_name(named: Iterable[tuple[str, Element]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, element in named:
        if ":" in element.name:
            raise Malformed(f"{shown(element.name)} has a prefix, as no property has: line {element.line}")
        if name in values:
            raise Malformed(f"{shown(name)} stands twice: line {element.line}", shown(name))
        values[name] = _value(element)
    return values


def _value(element: Element) -> Any:
    """The inverse of `text`, except that an empty element is "", whatever it was empty for."""
    children = element.children
    if _is_nil(element):
        return None
    if not children:
        return element.text
    if any(each.name != "value" for each in children):
        return _by_name((each.name, each) for each in children)
    keyed = [(each.attributes["key"], each) for each in children if "key" in each.attributes]
    if not keyed:
        return [_value(each) for each in children]
    if len(keyed) < len(children):
        name = shown(element.name)
        raise Malformed(f"{name} holds values with and without a key: line {element.line}", name)
    return _by_name(keyed)


def _is_nil(element: Element) -> bool:
    """Whether an element says so (XML Schema Part 1 §2.6.2), under whatever prefix."""
    attributes = element.attributes.items()
    nil = any(name.rpartition(":")[2] == "nil" and value in ("true", "1") for name, value in attributes)
    if nil and (element.children or element.text):
        name = shown(element.name)
        raise Malformed(f"{name} is nil and yet has content: line {element.line}", name)
    return nil


__all__ = ["ALIASES", "DECLARATION", "MEDIA_TYPE", "build", "parse", "render", "text"]
