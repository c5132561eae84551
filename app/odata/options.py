"""The query of a request, read and understood: system query options, parameter aliases, custom options.

A query is split at `&` and `=` before it is percent-decoded (OData URL Conventions §2), and a `+` is a blank.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, unquote

from app.odata import syntax
from app.odata.binding import Binder, Budget
from app.odata.bound import Options
from app.odata.clauses import CLAUSES, UNOFFERED, canonical, gathered, written
from app.odata.edm import MODEL, EntityType, Navigation
from app.odata.faults import shortened, unoffered, wrong
from app.odata.members import unknown
from app.odata.parser import expression
from app.odata.selecting import selected
from app.odata.stream import Stream

Where = Literal["set", "entity", "count", "property"]

LONGEST = 8192
"""The longest query, in bytes as it was sent."""

MOST_EXPANDED = 3
"""How deep navigations may be expanded within each other."""

_ALLOWED: Mapping[Where, frozenset[str]] = {
    "set": frozenset({*CLAUSES, "$format", "$skiptoken"}),
    "entity": frozenset({"$select", "$expand", "$format"}),
    "count": frozenset({"$filter", "$orderby", "$expand", "$top", "$skip"}),
    "property": frozenset({"$format"}),
}
"""What may be asked where. A number of items is asked with all that does not change it, too (§11.2.10)."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query, decoded: system query options by their names with `$`, aliases with `@`; no custom options."""

    system: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


def read_query(raw: str) -> Query:
    """What a query says.

    :raises Refusal: 400 where it is too long, or an option unknown or there twice; 501 for those that
        this face does not offer.
    """
    if len(raw) > LONGEST:
        raise wrong("query", f"the query is longer than {LONGEST} characters: ask in parts, or with $batch")
    query = Query()
    for name, value in _pairs(raw):
        system = canonical(name)
        if system in UNOFFERED:
            raise unoffered(system, "this query option is not supported")
        if system is not None:
            _put(query.system, system, value)
        elif name.startswith("@"):
            _put(query.aliases, name, value)
        elif name.startswith("$"):
            raise wrong(shortened(name), f"there is no such query option; there are: {', '.join(_KNOWN)}")
    return query


def parse_options(raw: str, entity: EntityType, where: Where) -> Options:
    """What a query asks of a set, of one entity, of the number of a set's entities or of a property.

    :raises Refusal: 400 where it makes no sense there; 501 where this face does not offer it.
    """
    query = read_query(raw)
    for name in query.system:
        if name not in _ALLOWED[where]:
            raise wrong(name, _MISPLACED[where])
    said = {name: written(name, text) for name, text in query.system.items() if name in CLAUSES}
    asking = _Asking(query, {name: _aliased(name, text) for name, text in query.aliases.items()}, Budget())
    options = asking.options(entity, gathered(said, query.system), depth=0)
    token = query.system.get("$skiptoken")
    if token == "":
        raise wrong("$skiptoken", "it is empty: follow @odata.nextLink as it is")
    return replace(options, token=token, format=query.system.get("$format"))


def format_alone(raw: str) -> str | None:
    """What `$format` asks for where no other system query option has a place: of documents, of a batch.

    :raises Refusal: as of `read_query`, and where another one stands there.
    """
    system = read_query(raw).system
    for name in system:
        if name != "$format":
            raise wrong(name, "only $format has a place here")
    return system.get("$format")


_UNRESERVED = "$@,/:()*!'"
"""What stands in a query's values as it is."""

_KNOWN = (*CLAUSES, "$format", "$skiptoken")

_MISPLACED: Mapping[Where, str] = {
    "set": "it has no place here",
    "entity": "one entity is asked for: only $select, $expand and $format have a place here",
    "count": "a number is asked for: only $filter changes it",
    "property": "only $format has a place here",
}


def _pairs(raw: str) -> Iterator[tuple[str, str]]:
    for pair in raw.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield _decoded(name).strip(), _decoded(value)


def _decoded(text: str) -> str:
    try:
        return unquote(text.replace("+", " "), errors="strict")
    except UnicodeDecodeError:
        raise wrong("query", "the query is not percent-encoded UTF-8") from None


def _put(options: dict[str, str], name: str, value: str) -> None:
    if name in options:
        raise wrong(shortened(name), "this query option stands there twice")
    options[name] = value


def _aliased(name: str, text: str) -> syntax.Node:
    stream = Stream(text, shortened(name))
    node = expression(stream)
    stream.expect_end()
    return node


@dataclass(frozen=True, slots=True)
class _Asking:
    """What the options of one request share: their aliases, and how much they may ask."""

    query: Query
    aliases: Mapping[str, syntax.Node]
    budget: Budget

    def options(self, entity: EntityType, said: syntax.Written, depth: int) -> Options:
        """The options of the request, or at a depth those of an expanded navigation."""

        def binder(option: str) -> Binder:
            return Binder(entity, option, self.aliases, self.budget, nested=depth > 0)

        ordering = binder("$orderby").ordering
        return Options(
            filter=None if said.filter is None else binder("$filter").condition(said.filter),
            order=tuple(ordering(term) for term in said.orderby),
            select=selected(said.select, entity),
            expand=tuple(self._expanded(entity, said.expand, depth + 1)),
            top=said.top,
            skip=said.skip,
            count=bool(said.count),
            carried=self._carried(said),
        )

    def _carried(self, said: syntax.Written) -> str:
        kept = {name: text for name, text in said.texts.items() if name not in {"$skip", "$skiptoken"}}
        if "$format" in self.query.system:
            kept["$format"] = self.query.system["$format"]
        pairs = {**kept, **self.query.aliases}.items()
        return "&".join(f"{quote(name, safe='$@')}={quote(text, safe=_UNRESERVED)}" for name, text in pairs)

    def _expanded(
        self, entity: EntityType, items: tuple[syntax.Expanded, ...], depth: int
    ) -> Iterator[tuple[str, Options]]:
        """Each navigation that is named, and by `*` all that are not, in the order of the model."""
        if items and depth > MOST_EXPANDED:
            raise wrong("$expand", f"navigations are expanded at most {MOST_EXPANDED} deep")
        named: dict[str, syntax.Written] = {}
        for item in items:
            name = _expandable(item, entity)
            if name in named:
                raise wrong("$expand", f"{name} stands there twice", item.path.at)
            named[name] = item.options
        for navigation in entity.navigations:
            options = named.get(navigation.name, syntax.Written() if "*" in named else None)
            if options is not None:
                _check_nested(navigation, options)
                yield navigation.name, self.options(MODEL[navigation.target], options, depth)


def _expandable(item: syntax.Expanded, entity: EntityType) -> str:
    name, *rest = item.path.names
    if name == "*":
        if item.options.texts:
            raise unoffered("$expand", "* takes no options: name the navigations")
        return name
    member = entity.members.get(name)
    if member is None:
        raise unknown(name, entity, "$expand", item.path.at)
    if not isinstance(member, Navigation):
        raise wrong("$expand", f"{name} is there without $expand: it is no navigation", item.path.at)
    if rest:
        below = shortened("/".join(rest))
        raise wrong("$expand", f"write {name}($expand={below}) for {name}/{below}", item.path.at)
    return name


def _check_nested(navigation: Navigation, options: syntax.Written) -> None:
    for name in options.texts:
        if not navigation.many and name not in {"$select", "$expand"}:
            raise wrong(
                "$expand", f"{navigation.name} is one entity: it takes $select and $expand, not {name}"
            )
