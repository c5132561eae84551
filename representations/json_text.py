"""JSON written as text with slots: what HAL+JSON's links and Siren's have in common."""

from collections.abc import Iterator

import orjson

from representations.model import Link, Shape
from representations.template import Part, href_parts, title_parts


def link_members(link: Link, shape: Shape, base: str) -> Iterator[Part]:
    """The members that both formats give a link: href, title and type."""
    yield '"href":"'
    yield from href_parts(link.href, shape, base, escape, templated=link.templated)
    yield '"'
    if link.title is not None:
        yield ',"title":"'
        yield from title_parts(link.title, shape, escape)
        yield '"'
    if link.type:
        yield f',"type":"{escape(link.type)}"'


def escape(text: str) -> str:
    """The text as it stands between the quotes of a JSON string."""
    return orjson.dumps(text).decode()[1:-1]
