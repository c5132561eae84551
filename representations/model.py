"""The neutral model: what a representation says, whatever media type says it.

A `Resource` is a `Shape` (what all resources of its type have in common) and its values. Formats
read these two and nothing else, so nothing else can reach the wire.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from string import Formatter
from typing import Any

from representations.action import Action, Field, Method

Values = Sequence[Any]
"""A resource's values by position: its properties, then what only its link hrefs need."""

RESERVED = frozenset({"_links", "_embedded", "_templates", "link", "resource"})
"""Names that a property cannot have: HAL's own members (§4), and HAL+XML's elements."""


DEEPEST_ZOOM = 3
"""How many relations a zoom may go through, one behind the other."""


@dataclass(frozen=True, slots=True)
class Curie:
    """A prefix for link relations (HAL §8.2): `href` holds `{rel}`, and may be relative to the base."""

    prefix: str
    href: str


@dataclass(frozen=True, slots=True)
class Rel:
    """A link relation. Without a curie its name is an IANA name, or a URI in full."""

    name: str
    curie: Curie | None = None
    compact: str = field(init=False, repr=False, compare=False)
    """The name as a document with curies writes it: `fx:attributes`."""
    uri: str = field(init=False, repr=False, compare=False)
    """The name as a document without curies writes it: the address of its documentation."""

    def __post_init__(self) -> None:
        curie, name = self.curie, self.name
        object.__setattr__(self, "compact", f"{curie.prefix}:{name}" if curie else name)
        object.__setattr__(self, "uri", curie.href.replace("{rel}", name) if curie else name)


SELF, PROFILE = Rel("self"), Rel("profile")


@dataclass(frozen=True, slots=True)
class Value:
    """A link title that is the text of one of the resource's own properties."""

    property: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `href` is a template over the values, relative to the base: `/customers/{id}`.

    Its slots hold integers or text that is percent-encoded already. A `templated` link is a
    template for the client (RFC 6570) and reaches it untouched.
    """

    rel: Rel
    href: str
    title: str | Value | None = None
    type: str | None = None
    templated: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """A relation whose resources are inlined: `many` is declared, never counted.

    `single` is the relation of one of them, for the formats that name each on its own.
    """

    rel: Rel
    single: Rel
    many: bool


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What all resources of a type have in common; built once, compared by identity.

    `properties` name the first values, `hidden` those behind them. `positions` is there when only
    some of the properties are shown, and says where their values stand. `zooms` are the relations that
    are embedded where a client asks for them: of the resource, or where `kind` is None, of the members
    that it embeds. `about` are links that stand in the `Link` header alone: to what describes the resource.
    """

    kind: Rel | None
    properties: tuple[str, ...]
    links: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()
    hidden: tuple[str, ...] = ()
    curie: Curie | None = None
    positions: tuple[int, ...] | None = None
    zooms: tuple[str, ...] = ()
    about: tuple[Link, ...] = ()
    index: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if reserved := RESERVED.intersection(self.properties):
            raise ValueError(f"a format needs these names for itself: {', '.join(sorted(reserved))}")
        positions = self.positions or range(len(self.properties) + len(self.hidden))
        names = (*self.properties, *self.hidden)
        object.__setattr__(self, "index", dict(zip(names, positions, strict=True)))

    def shown(self, values: Values) -> Values:
        """The values of the shown properties, in their order (and perhaps hidden ones behind)."""
        if self.positions is None:
            return values
        return [values[position] for position in self.positions[: len(self.properties)]]

    def only(self, names: frozenset[str]) -> "Shape":
        """The same shape, showing just these of its properties, over the same values."""
        return _only(self, names)

    def without(self, rel: Rel) -> "Shape":
        """The same shape without the link of a relation and what is done there: a variant for some rows."""
        return _without(self, rel)

    def plus(self, name: str) -> "Shape":
        """The same shape with one more property, whose value stands behind all the others."""
        return _plus(self, name)

    def bare(self) -> "Shape":
        """The same shape without its properties, its actions and all links but that to itself."""
        return _bare(self)


@lru_cache(maxsize=512)
def _only(shape: Shape, names: frozenset[str]) -> Shape:
    kept = tuple(name for name in shape.properties if name in names)
    dropped = tuple(name for name in shape.properties if name not in names)
    hidden = (*dropped, *shape.hidden)
    positions = tuple(shape.index[name] for name in (*kept, *hidden))
    return replace(shape, properties=kept, hidden=hidden, positions=positions)


@lru_cache(maxsize=512)
def _without(shape: Shape, rel: Rel) -> Shape:
    hrefs = {link.href for link in shape.links if link.rel == rel}
    actions = tuple(action for action in shape.actions if action.href not in hrefs)
    return replace(shape, links=tuple(each for each in shape.links if each.rel != rel), actions=actions)


@lru_cache(maxsize=512)
def _plus(shape: Shape, name: str) -> Shape:
    count = len(shape.index)
    places = [shape.index[each] for each in (*shape.properties, *shape.hidden)]
    shown = len(shape.properties)
    positions = (*places[:shown], count, *places[shown:])
    return replace(shape, properties=(*shape.properties, name), positions=positions)


@lru_cache(maxsize=512)
def _bare(shape: Shape) -> Shape:
    links = tuple(link for link in shape.links if link.rel == SELF)
    return replace(shape.only(frozenset()), links=links, actions=(), zooms=())


class Resource:
    """A value on the wire: a shape, its values, and pairs of a relation and what it embeds."""

    __slots__ = ("embedded", "shape", "values")

    def __init__(
        self,
        shape: Shape,
        values: Values,
        embedded: Sequence[tuple[Embedded, Sequence["Resource"]]] = (),
    ) -> None:
        self.shape = shape
        self.values = values
        self.embedded = embedded

    def value(self, name: str) -> Any:
        """The value of a property, shown or hidden."""
        return self.values[self.shape.index[name]]

    @property
    def properties(self) -> dict[str, Any]:
        """What is shown, by name and in order."""
        return dict(zip(self.shape.properties, self.shape.shown(self.values), strict=False))

    @property
    def links(self) -> tuple[Link, ...]:
        """The links with their hrefs and titles filled in; hrefs still relative to the base."""
        return tuple(
            replace(link, href=self._filled(link), title=self._titled(link)) for link in self.shape.links
        )

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions with their hrefs filled in."""
        return tuple(replace(action, href=self._filled(action)) for action in self.shape.actions)

    @property
    def href(self) -> str | None:
        """The href of the resource itself, relative to the base, where it has one."""
        pieces, values = _own_href(self.shape), self.values
        if pieces is None:
            return None
        return "".join(text if place is None else str(values[place]) for text, place in pieces)

    def _filled(self, link: Link | Action) -> str:
        if isinstance(link, Link) and link.templated:
            return link.href
        return "".join(
            text if name is None else str(self.value(name)) for text, name in template_parts(link.href)
        )

    def _titled(self, link: Link) -> str | None:
        if not isinstance(link.title, Value):
            return link.title
        text = self.value(link.title.property)
        return "" if text is None else str(text)


@lru_cache(maxsize=1024)
def _own_href(shape: Shape) -> tuple[tuple[str, int | None], ...] | None:
    """The pieces of the link to itself, each a literal or the place of a value; None where there is none."""
    for link in shape.links:
        if link.rel == SELF:
            pieces = ((link.href, None),) if link.templated else template_parts(link.href)
            return tuple((text, None if name is None else shape.index[name]) for text, name in pieces)
    return None


@lru_cache(maxsize=1024)
def template_parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """The pieces of an href template, each either a literal or the name of a slot."""
    return tuple(_parts(template))


def _parts(template: str) -> Iterator[tuple[str, str | None]]:
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            yield literal, None
        if name is not None:
            yield "", name


def absolute(href: str, base: str) -> str:
    """The href as clients need it: whole, from scheme to path."""
    return base + href if href.startswith("/") else href


__all__ = [
    "DEEPEST_ZOOM",
    "PROFILE",
    "RESERVED",
    "SELF",
    "Action",
    "Curie",
    "Embedded",
    "Field",
    "Link",
    "Method",
    "Rel",
    "Resource",
    "Shape",
    "Value",
    "Values",
    "absolute",
    "template_parts",
]
