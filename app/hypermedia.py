"""What a resource type is: one declaration, from which routes, links, zooms and documentation follow.

A declaration names its relations by the names of other types; the registry joins them, and makes the
shapes that formats render.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from marshmallow import Schema
from sqlalchemy import ColumnElement, FromClause, Table

from app.db.tables import Base
from app.schema import Match, comparable, input_type, inputs, shown
from representations import SELF, Action, Curie, Embedded, Field, Link, Method, Rel, Shape, Value
from representations.model import template_parts

READ = ("GET", "HEAD", "OPTIONS")
REPLACE = ("GET", "HEAD", "PUT", "PATCH", "OPTIONS")
WRITE = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
ADD = ("GET", "HEAD", "POST", "OPTIONS")
COLLECT = ("GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relation:
    """A link that may also be embedded.

    `meaning` is for the documentation; of relations with one name, one has it.
    `href` is a template over the owner's columns. Where rows of the target name their owner,
    `child_key` is the column that does, and the href is served: as a collection where `many`, else
    as the one row, with `blank` values until it is first written; of several such rows, the one
    with the `flag`, which is a default for a `use`. Where the owner names the target,
    `own_key` is the column that does, and the href is the target's own.
    """

    name: str
    title: str
    href: str
    target: str
    meaning: str = ""
    many: bool = False
    embed: Literal["always", "zoom", "never"] = "never"
    child_key: str | None = None
    own_key: str | None = None
    flag: str | None = None
    use: str | None = None
    blank: Mapping[str, Any] | None = None
    methods: tuple[str, ...] = READ

    @property
    def unwritten(self) -> dict[str, Any]:
        """What the one row shows before it is first written, where that is not nothing."""
        return {**(self.blank or {}), **{name: True for name in (self.flag, self.use) if name}}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Affordance:
    """A transition that is more than setting properties; a link with methods of its own."""

    name: str
    title: str
    href: str
    meaning: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResourceType:
    """One noun: its rows, its properties, its links.

    `kind` is the link relation of one such resource where it is not the type's name. `filters` are
    columns by which collections can be narrowed besides the properties, `matches` say by which column
    a property is found, `default_filters` the values that hold while a filter is not named. `where`
    narrows a table that several types share; its parameters are the caller's (`:client`), and
    `set_apart_by` is the column that it holds to one value.
    `named_by` are the properties by which members of a collection are told apart when many are
    written at once. `clashes` say for each unique index which property it is about, and how hAPI
    words that; `refused` are properties that are never taken, and why.
    """

    name: str
    row: type[Base]
    schema: type[Schema]
    path: str
    title: str | Value
    meaning: str
    relations: tuple[Relation | Affordance, ...] = ()
    kind: str = ""
    where: Callable[[FromClause], ColumnElement[bool]] | None = None
    set_apart_by: str | None = None
    filters: tuple[str, ...] = ()
    matches: Mapping[str, Match] = field(default_factory=dict)
    default_filters: Mapping[str, Any] = field(default_factory=dict)
    named_by: tuple[str, ...] = ()
    clashes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = READ

    @property
    def rel(self) -> str:
        """The link relation of one resource of this type."""
        return self.kind or self.name

    @property
    def table(self) -> Table:
        """The table of its rows."""
        table = self.row.__table__
        assert isinstance(table, Table)
        return table

    @property
    def partition(self) -> str | None:
        """The flag by whose values the rows of a store are counted and indexed apart, where there is one."""
        return getattr(self.row, "tally", None) or None

    @property
    def comparable(self) -> tuple[str, ...]:
        """The properties by which collections can be filtered and ordered, and its further filters."""
        return tuple(dict.fromkeys((*comparable(self.schema), *self.filters)))

    @property
    def embeddable(self) -> dict[str, Relation]:
        """The relations that can be embedded, by the names that `zoom` takes."""
        return {
            each.name: each for each in self.relations if isinstance(each, Relation) and each.embed != "never"
        }


TO_STORE = Relation(
    name="store",
    title="This Store",
    href="/stores/{store_id}",
    meaning="The store to which a resource belongs.",
    target="store",
)
TO_CUSTOMER = Relation(
    name="customer",
    title="This Customer",
    href="/customers/{customer_id}",
    meaning="The customer to whom a resource belongs.",
    target="customer",
    own_key="customer_id",
)

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 300

PAGE_PROPERTIES = ("total_items", "returned_items", "limit", "offset")
PAGE_TITLES = {
    "self": "This Collection",
    "first": "First Page of this Collection",
    "prev": "Previous Page of this Collection",
    "next": "Next Page of this Collection",
    "last": "Last Page of this Collection",
}


_NAMES: Mapping[Method, str] = {"POST": "create", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}
_TITLES = {
    "PATCH": "Update {one} (send only the properties you want to modify)",
    "PUT": "Replace {one} (send the entire representation)",
    "DELETE": "Delete {one}",
}
_TITLES_OF_MANY = {
    "POST": "Create {one}",
    "PATCH": "Create and update {all} (send an array)",
    "PUT": "Replace all {all} (send an array)",
}


def many_of(named: str) -> str:
    """The plural of a noun of ours."""
    return f"{named}es" if named.endswith("s") else f"{named}s"


class Registry:
    """All resource types, joined: their shapes, their link relations, who embeds what."""

    def __init__(self, types: Sequence[ResourceType], rels_href: str) -> None:
        self.curie = Curie("fx", f"{rels_href}{{rel}}")
        self.types = {each.name: each for each in types}
        self._shapes = {each.name: self._shape(each) for each in types}

    def rel(self, name: str) -> Rel:
        """A link relation of Patron's own."""
        return Rel(name, self.curie)

    def shape(self, resource_type: ResourceType) -> Shape:
        """The shape of a type's rows."""
        return self._shapes[resource_type.name]

    def target(self, relation: Relation) -> ResourceType:
        """The type that a relation leads to."""
        return self.types[relation.target]

    def embedded(self, relation: Relation) -> Embedded:
        """A relation as formats embed it; each of many is named by its own type's relation."""
        rel = self.rel(relation.name)
        return Embedded(rel, self.rel(self.target(relation).rel) if relation.many else rel, relation.many)

    def blank_shape(self, relation: Relation) -> Shape:
        """The shape of a related row that has not been written yet: it is found where it was asked for."""
        shape = self.shape(self.target(relation))
        own = Link(SELF, _owned(relation), relation.title.partition(" for ")[0])
        methods = tuple(method for method in relation.methods if method != "DELETE")
        actions = self.actions(self.target(relation), methods, own.href)
        return replace(shape, links=(own, *shape.links[1:]), actions=actions)

    def actions(
        self, target: ResourceType, methods: Iterable[str], href: str, *, many: bool = False
    ) -> tuple[Action, ...]:
        """What these methods do at an address with a resource of a type, or with a collection of them."""
        titles = _TITLES_OF_MANY if many else _TITLES
        named = target.rel.replace("_", " ")
        words = {"one": f"{'an' if named[0] in 'aeiou' else 'a'} {named}", "all": many_of(named)}
        return tuple(
            Action(name, method, href, titles[method].format_map(words), fields)
            for method, name in _NAMES.items()
            if method in methods
            for fields in [() if method == "DELETE" else inputs(target.schema, method, many=many)]
        )

    def served(self) -> Iterator[tuple[ResourceType, Relation]]:
        """The relations whose hrefs are addresses of their own, each with the type that owns it."""
        for owner in self.types.values():
            for relation in owner.relations:
                if isinstance(relation, Relation) and relation.child_key:
                    yield owner, relation

    def affordances(self) -> Iterator[tuple[ResourceType, Affordance]]:
        """The transitions, each with the type that offers it."""
        for owner in self.types.values():
            for relation in owner.relations:
                if isinstance(relation, Affordance):
                    yield owner, relation

    def page_shape(self, relation: Relation, names: frozenset[str]) -> Shape:
        """The shape of a page with links of these names; its hidden values are paths without the slash."""
        links = tuple(
            Link(Rel(name), f"/{{{name}}}", title) for name, title in PAGE_TITLES.items() if name in names
        )
        hidden = ("page", *PAGE_TITLES)
        writing = self.actions(self.target(relation), relation.methods, "/{page}", many=True)
        actions = (self.paging(relation), *writing)
        return Shape(None, PAGE_PROPERTIES, links, actions, hidden, self.curie)

    def paging(self, relation: Relation) -> Action:
        """How a client asks for other pages of a collection."""
        target = self.target(relation)
        zoom = ", ".join(target.embeddable)
        fields = (
            Field("limit", "number", f"How many of them, at most {LARGEST_LIMIT}", DEFAULT_LIMIT),
            Field("offset", "number", "How many to pass over", 0),
            Field("fields", "text", "Names of properties, separated by commas"),
            *((Field("zoom", "text", f"What to embed: {zoom}"),) if zoom else ()),
            Field("order", "text", "Names of properties, separated by commas, each perhaps with asc or desc"),
            *(
                Field(name, input_type(target.table.c[name].type), f"Filter: {name}")
                for name in target.comparable
            ),
        )
        return Action("page", "GET", "/{page}", relation.title, fields, "application/x-www-form-urlencoded")

    def _shape(self, resource_type: ResourceType) -> Shape:
        properties = shown(resource_type.schema)
        links = (
            Link(SELF, resource_type.path, resource_type.title),
            *(Link(self.rel(each.name), each.href, each.title) for each in resource_type.relations),
        )
        slots = {name for link in links for _, name in template_parts(link.href)}
        needed = {"id", "store_id", "version", *slots, *_keys(self.types.values(), resource_type)}
        columns = [str(column.name) for column in resource_type.table.columns]
        hidden = tuple(name for name in columns if name in needed and name not in properties)
        actions = self.actions(resource_type, resource_type.methods, resource_type.path)
        return Shape(self.rel(resource_type.rel), properties, links, actions, hidden, self.curie)


def _keys(types: Iterable[ResourceType], resource_type: ResourceType) -> Iterator[str]:
    """The columns of a type by which relations, its own and those that lead to it, find rows."""
    for each in types:
        for relation in each.relations:
            if isinstance(relation, Relation):
                if relation.target == resource_type.name and relation.child_key:
                    yield relation.child_key
                if each is resource_type and relation.own_key:
                    yield relation.own_key


def _owned(relation: Relation) -> str:
    """The href of a relation over the columns of the related row, whose key names the owner."""
    return relation.href.replace("{id}", f"{{{relation.child_key}}}")


__all__ = ["READ", "TO_CUSTOMER", "TO_STORE", "Affordance", "Registry", "Relation", "ResourceType"]
