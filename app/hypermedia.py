"""What a resource type is: one declaration, from which routes, links, zooms and documentation follow.

A declaration names its relations by the names of other types; the registry joins them, and makes the
shapes that formats render.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import Schema
from sqlalchemy import ColumnElement, FromClause, Table

from app.auth.scopes import Reach
from app.db.tables import ROW_VERSION, Base
from app.relations import ADD as ADD
from app.relations import COLLECT as COLLECT
from app.relations import FACE as FACE
from app.relations import READ as READ
from app.relations import REPLACE as REPLACE
from app.relations import TO_CUSTOMER as TO_CUSTOMER
from app.relations import TO_STORE as TO_STORE
from app.relations import TO_SUBSCRIPTION as TO_SUBSCRIPTION
from app.relations import TO_TRANSACTION as TO_TRANSACTION
from app.relations import TO_WEBHOOK as TO_WEBHOOK
from app.relations import WRITE as WRITE
from app.relations import Relation as Relation
from app.schema import Match, comparable, input_type, inputs, shown
from app.transitions import Affordance, Founding
from app.wording import many_of, worded
from representations import PROFILE, SELF, Action, Curie, Embedded, Field, Link, Rel, Shape, Value
from representations.model import template_parts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResourceType:
    """One noun: its rows, its properties, its links.

    `kind` is the link relation of one such resource where it is not the type's name, `reach` what a
    token must reach. `filters` are columns by which collections can be narrowed besides the properties,
    `matches` say by which column a property is found, `default_filters` the values that hold while a
    filter is not named. `where` narrows a table that several types share; its parameters are the
    caller's (`:client`), and `set_apart_by` are the columns that it holds to one value each. `named_by` are
    the properties by which members of a collection are told apart when many are written at once.
    `clashes` say for each unique index which property it is about, and how hAPI words that; `forbids` is
    what a `check` may not allow as things are (`Forbidden`);
    `refused` are properties that are never taken, and why. `active` are rows that keep those which they
    name from being deleted. `founding` is where one is made that belongs
    to no other: by a client, in a sandbox by anybody, and with a token for it. `asked_of_owner` are
    columns of the row that it belongs to by which its own writes are judged. `alternate` is where the same
    resource stands on the OData face.
    """

    name: str
    row: type[Base]
    schema: type[Schema]
    path: str
    title: str | Value
    meaning: str
    relations: tuple[Relation | Affordance, ...] = ()
    kind: str = ""
    reach: Reach = "store"
    where: Callable[[FromClause], ColumnElement[bool]] | None = None
    set_apart_by: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    matches: Mapping[str, Match] = field(default_factory=dict)
    default_filters: Mapping[str, Any] = field(default_factory=dict)
    named_by: tuple[str, ...] = ()
    clashes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    forbids: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    active: Callable[[FromClause], ColumnElement[bool]] | None = None
    founding: Founding | None = None
    asked_of_owner: tuple[str, ...] = ()
    alternate: str = ""
    methods: tuple[str, ...] = READ

    @property
    def rel(self) -> str:
        """The link relation of one resource of this type."""
        return self.kind or self.name

    @property
    def plural(self) -> str:
        """What several of them are called, as the schema of a page of them is."""
        return many_of(self.name)

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

    @property
    def zooms(self) -> tuple[str, ...]:
        """The names of those that are embedded only where a client asks for them."""
        return tuple(name for name, each in self.embeddable.items() if each.embed == "zoom")


DEFAULT_LIMIT = 20
LARGEST_LIMIT = 300

PAGE_MEANINGS = {
    "total_items": "How many there are altogether that pass the filters.",
    "returned_items": "How many of them are on this page.",
    "limit": "How many of them a page holds at most.",
    "offset": "How many were passed over before this page.",
}
PAGE_PROPERTIES = tuple(PAGE_MEANINGS)
PAGE_TITLES = {
    "self": "This Collection",
    "first": "First Page of this Collection",
    "prev": "Previous Page of this Collection",
    "next": "Next Page of this Collection",
    "last": "Last Page of this Collection",
}


class Registry:
    """All resource types, joined: their shapes, their link relations, who embeds what.

    `schemas_href` is where the types' JSON Schemas stand, each under its name, where they do.
    """

    def __init__(self, types: Sequence[ResourceType], rels_href: str, schemas_href: str = "") -> None:
        self._schemas_href = schemas_href
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
        own = Link(
            SELF,
            relation.href.replace("{id}", f"{{{relation.child_key}}}"),
            relation.title.partition(" for ")[0],
        )
        methods = tuple(method for method in relation.methods if method != "DELETE")
        actions = self.actions(self.target(relation), methods, own.href)
        return replace(shape, links=(own, *shape.links[1:]), actions=actions)

    def actions(
        self, target: ResourceType, methods: Iterable[str], href: str, *, many: bool = False
    ) -> tuple[Action, ...]:
        """What these methods do at an address with a resource of a type, or with a collection of them."""
        return tuple(
            Action(name, method, href, title, fields)
            for method, name, title in worded(target.rel.replace("_", " "), methods, many=many)
            for fields in [() if method == "DELETE" else inputs(target.schema, method, many=many)]
        )

    def taking(self, affordance: Affordance) -> Action:
        """How an affordance is taken."""
        fields = inputs(affordance.schema, affordance.method, many=True)
        undecided = tuple(replace(each, value=None) for each in fields)  # what it does not say, nobody sets
        return Action(affordance.name, affordance.method, affordance.href, affordance.title, undecided)

    def served(self) -> Iterator[tuple[ResourceType, Relation]]:
        """The relations whose hrefs are addresses of their own, each with the type that owns it."""
        for owner in self.types.values():
            for relation in owner.relations:
                if isinstance(relation, Relation) and relation.child_key and "?" not in relation.href:
                    yield owner, relation

    def affordances(self) -> Iterator[tuple[ResourceType, Affordance]]:
        """The transitions, each with the type that offers it."""
        for owner in self.types.values():
            for relation in owner.relations:
                if isinstance(relation, Affordance):
                    yield owner, relation

    def founded(self) -> Iterator[tuple[ResourceType, Founding]]:
        """The types whose resources may belong to no other, each with where one is made."""
        for each in self.types.values():
            if each.founding:
                yield each, each.founding

    def page_shape(self, relation: Relation, names: frozenset[str]) -> Shape:
        """The shape of a page with links of these names; its hidden values are paths without the slash."""
        links = tuple(
            Link(Rel(name), f"/{{{name}}}", title) for name, title in PAGE_TITLES.items() if name in names
        )
        hidden = ("page", *PAGE_TITLES)
        writing = self.actions(self.target(relation), relation.methods, "/{page}", many=True)
        actions = (self.paging(relation), *writing)
        zooms = self.target(relation).zooms
        about = self._about(relation.name, self.target(relation).plural)
        return Shape(None, PAGE_PROPERTIES, links, actions, hidden, self.curie, zooms=zooms, about=about)

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
            *_alternate(resource_type),
        )
        slots = {name for link in links for _, name in template_parts(link.href)}
        offered = [each for each in resource_type.relations if isinstance(each, Affordance)]
        asked = {name for each in offered if each.when for name in each.when.needs}
        needed = {"id", "store_id", ROW_VERSION, *slots, *asked, *_keys(self.types.values(), resource_type)}
        columns = (str(column.name) for column in resource_type.table.columns)
        known = (*(ROW_VERSION if each == "version" else each for each in columns), FACE)
        hidden = tuple(name for name in known if name in needed and name not in properties)
        actions = (
            *self.actions(resource_type, resource_type.methods, resource_type.path),
            *map(self.taking, offered),
        )
        kind, zooms = self.rel(resource_type.rel), resource_type.zooms
        about = self._about(resource_type.rel, resource_type.name)
        return Shape(kind, properties, links, actions, hidden, self.curie, zooms=zooms, about=about)

    def _about(self, rel: str, schema: str) -> tuple[Link, ...]:
        """Where a resource is described: to people by its relation's page, to machines by its schema."""
        page = Link(PROFILE, self.rel(rel).uri)
        if not self._schemas_href:
            return (page,)
        return (page, Link(DESCRIBED_BY, f"{self._schemas_href}{schema}", type=JSON_SCHEMA))


DESCRIBED_BY = Rel("describedby")
JSON_SCHEMA = "application/schema+json"


def _alternate(resource_type: ResourceType) -> Iterator[Link]:
    """The link to the same resource in OData (RFC 8288, registered relation `alternate`)."""
    if resource_type.alternate:
        title = f"This {resource_type.rel.capitalize()} in OData"
        yield Link(Rel("alternate"), resource_type.alternate, title, "application/json")


def _keys(types: Iterable[ResourceType], resource_type: ResourceType) -> Iterator[str]:
    """The columns of a type by which relations, its own and those that lead to it, find or judge rows."""
    for each in types:
        for relation in each.relations:
            if isinstance(relation, Relation):
                if relation.target == resource_type.name and relation.child_key:
                    yield relation.child_key
                if each is resource_type and relation.own_key:
                    yield relation.own_key
                if each is resource_type and relation.child_key:
                    yield from next(it for it in types if it.name == relation.target).asked_of_owner
