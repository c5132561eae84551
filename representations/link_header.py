"""The `Link` header (RFC 8288) that mirrors a resource's links, for clients that send HEAD.

Besides, it says what describes the resource: such links are not the resource's own, and in no body.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import quote

from representations.model import PROFILE, Link, Resource, Shape, Value, absolute
from representations.template import Fill, Part, Slot, compile_template, href_parts, joined


def link_header(resource: Resource, base: str, service: Shape | None = None) -> str:
    """The header's value: one entry a link, link relations in full; empty where there are none.

    :param service: has the links to what describes the whole API (RFC 8631).
    """
    return _compiled(resource.shape, base, service)(resource.values)


@lru_cache(maxsize=1024)
def _compiled(shape: Shape, base: str, service: Shape | None) -> Fill:
    links = (link for link in shape.links if not link.templated)
    every = chain(links, shape.about or _profile(shape), service.links if service else ())
    return compile_template(joined((_link(link, shape, base) for link in every), ", "))


def _profile(shape: Shape) -> Iterator[Link]:
    """The page about what a resource is (RFC 6906), where its kind is all that is known of it."""
    if shape.kind:
        yield Link(PROFILE, shape.kind.uri)


def _link(link: Link, shape: Shape, base: str) -> Iterator[Part]:
    yield "<"
    yield from href_parts(link.href, shape, base, str)
    yield f'>;rel="{absolute(link.rel.uri, base)}"'
    if isinstance(link.title, Value):
        yield Slot(shape.index[link.title.property], _title)
    elif link.title is not None:
        yield _title(link.title)
    if link.type:
        yield f';type="{link.type}"'


def _title(value: Any) -> str:
    """RFC 8288 §3.4.1: a plain quoted title where ASCII will do, else the encoded form."""
    text = str(value)
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f';title="{text}"'
    return f";title*=UTF-8''{quote(text, safe='')}"
