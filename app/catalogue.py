"""All that can be read: one resource, the one that is related to another, a page of many."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from app.db.ids import LARGEST
from app.db.reader import Reader, Row, Run
from app.embedding import Budget, Planner, embed
from app.encryption import Cipher
from app.errors import Refusal
from app.filtering import Filtering
from app.hypermedia import FACE, PAGE_TITLES, Registry, Relation, ResourceType
from app.paging import Pages
from app.query import Query, parse_page
from app.reading import Blank, Caller, Source, for_readers
from app.zones import zone
from representations import Embedded, Resource, Shape


class Catalogue:
    """Reads resources of a caller's store. What is not in that store does not exist."""

    def __init__(self, registry: Registry, reader: Reader, cipher: Cipher) -> None:
        self._registry = registry
        self._reader = reader
        self._sources = {
            each.name: Source(registry, reader, cipher, each) for each in registry.types.values()
        }
        self._planner = Planner(registry, self._sources)
        filtering = Filtering(registry, reader.dialect)
        self._pages = {name: Pages(source, filtering) for name, source in self._sources.items()}
        self._shapes: dict[Relation, dict[frozenset[str], Shape]] = {}
        self._blanks: dict[Relation, Blank] = {}
        self._embedded: dict[Relation, Embedded] = {}
        for _, relation in registry.served():
            self._prepare(relation)

    def one(
        self,
        resource_type: ResourceType,
        caller: Caller,
        row_id: int,
        query: Query,
        run: Run | None = None,
    ) -> Resource:
        """One resource by its id.

        :param run: reads within somebody's transaction, where given.
        :raises Refusal: 404 where the caller's store has none.
        """
        source = self._sources[resource_type.name]
        values = caller.parameters | {"id": row_id}
        with self._reading(source, query, run) as run:
            resources = self._resources(run, caller, source, run(source.one, values), query)
        if not resources:
            raise absent(resource_type, row_id)
        return resources[0]

    def related(
        self,
        owner: ResourceType,
        relation: Relation,
        caller: Caller,
        owner_id: int,
        query: Query,
        run: Run | None = None,
    ) -> Resource:
        """The one resource that a relation leads to; a blank one where none has been written.

        :param run: reads within somebody's transaction, where given.
        :raises Refusal: 404 where the caller's store does not have the owner.
        """
        source = self._sources[relation.target]
        statement = source.related(str(relation.child_key), relation.flag)
        with self._reading(source, query, run) as run:
            rows = run(statement, caller.parameters | {"owner": owner_id})
            if not rows:
                self._require(run, owner, caller, owner_id)
            resources = self._resources(run, caller, source, rows, query)
        if resources:
            return resources[0]
        blank = self._blanks[relation].resource(caller, owner_id)
        return Resource(blank.shape.only(query.fields), blank.values) if query.fields is not None else blank

    def page(
        self,
        owner: ResourceType,
        relation: Relation,
        caller: Caller,
        owner_id: int,
        query: Query,
        run: Run | None = None,
    ) -> Resource:
        """A page of the resources that a relation leads to.

        :param run: reads within somebody's transaction, where given.
        :raises Refusal: 404 where the caller's store does not have the owner.
        """
        _refuse_foreign_filters(relation, query)
        source = self._sources[relation.target]
        pages, key = self._pages[relation.target], str(relation.child_key)
        values = caller.parameters | pages.values(query) | {"owner": owner_id}
        with nullcontext(run) if run else self._reader.snapshot() as run:
            if owner.name != "store" or owner_id != caller.store_id:
                self._require(run, owner, caller, owner_id)
            rows = rows_of(run, pages, key, query, values)
            total = _total(run, pages, key, rows, query, values)
            read = self._own_owners if relation.linked else self._resources
            resources = read(run, caller, source, rows, query)
        path = relation.href.replace("{id}", str(owner_id)).replace(f"{{{FACE}}}", caller.face)
        cursor = pages.cursor(query, rows[-1]) if rows and len(rows) == query.limit else None
        return self._page(relation, caller, query, path, total, resources, cursor)

    def row(self, resource_type: ResourceType, caller: Caller, row_id: int) -> Resource:
        """One resource with nothing embedded, as a write needs to see it.

        :raises Refusal: 404 where the caller's store has none.
        """
        source = self._sources[resource_type.name]
        rows = self._reader.run(source.one, caller.parameters | {"id": row_id})
        if not rows:
            raise absent(resource_type, row_id)
        return source.resources(rows[:1], caller)[0]

    def related_row(self, relation: Relation, caller: Caller, owner_id: int) -> Resource:
        """The one resource that a relation leads to, blank or not, with nothing embedded."""
        source = self._sources[relation.target]
        statement = source.related(str(relation.child_key), relation.flag)
        rows = self._reader.run(statement, caller.parameters | {"owner": owner_id})
        if rows:
            return source.resources(rows[:1], caller)[0]
        return self._blanks[relation].resource(caller, owner_id)

    def first(
        self, resource_type: ResourceType, column: str, caller: Caller, flag: str | None = None
    ) -> int | None:
        """An id of the first of a store's rows that have one in a column, and a flag where it is given.

        That is looked for among the first few; None where they have none.
        """
        rows = self._reader.run(self._sources[resource_type.name].first(column, flag), caller.parameters)
        return rows[0][0] if rows else None

    def members(
        self, resource_type: ResourceType, key: str, caller: Caller, owner_id: int, run: Run | None = None
    ) -> list[Resource]:
        """All resources of a type whose `key` names an owner, with nothing embedded."""
        source = self._sources[resource_type.name]
        statement = source.batch(key, 1, (), ranked=False)
        values = caller.parameters | {"owner_0": owner_id, "limit": LARGEST}
        rows = (run or self._reader.run)(statement, values)
        return source.resources(rows, caller)

    def _reading(self, source: Source, query: Query, run: Run | None) -> AbstractContextManager[Run]:
        """A snapshot where several statements must agree; one alone needs none."""
        if run is not None:
            return nullcontext(run)
        if self._planner.plan(source.type, query.zoom).groups:
            return self._reader.snapshot()
        return nullcontext(self._reader.run)

    def _own_owners(
        self, run: Run, caller: Caller, source: Source, rows: Sequence[Any], query: Query
    ) -> list[Resource]:
        """Stores, each with what belongs to it as one sees it who reaches that store alone."""
        found, budget = list[Resource](), Budget()
        store_at, zone_at = source.position("id"), source.position("timezone")
        for row in rows:
            inside = replace(caller, store_id=row[store_at], zone=zone(row[zone_at]))
            found += self._resources(run, inside, source, [row], query, budget)
        return found

    def _resources(
        self,
        run: Run,
        caller: Caller,
        source: Source,
        rows: Sequence[Any],
        query: Query,
        budget: Budget | None = None,
    ) -> list[Resource]:
        resources = source.resources(rows, caller)
        if query.fields is not None:
            for resource in resources:
                resource.shape = resource.shape.only(query.fields)
        embed(run, caller, self._planner.plan(source.type, query.zoom), resources, budget or Budget())
        return resources

    def _page(
        self,
        relation: Relation,
        caller: Caller,
        query: Query,
        path: str,
        total: int,
        resources: Sequence[Resource],
        cursor: str | None,
    ) -> Resource:
        limit, offset, returned = query.limit, query.offset, len(resources)
        carried = f"{query.carried}&" if query.carried else ""

        def at(position: int) -> str:
            return f"{path}?{carried}limit={limit}&offset={position}"

        path = path.removeprefix("/")
        links = {"self": f"{path}?{query.asked}" if query.asked else path, "first": at(0)}
        links["last"] = at((total - 1) // limit * limit if limit and total else 0)
        if limit and offset:
            links["prev"] = at(max(offset - limit, 0))
        if limit and returned == limit:
            links["next"] = at(min(offset + limit, LARGEST)) + (f"&cursor={cursor}" if cursor else "")
        shape = self._shapes[relation][frozenset(links)]
        shape = shape if caller.scope.writes else for_readers(shape)
        values = (total, returned, limit, offset, path, *(links.get(name) for name in PAGE_TITLES))
        return Resource(shape, values, ((self._embedded[relation], resources),))

    def _prepare(self, relation: Relation) -> None:
        """Makes what serving a relation needs: at start-up, not on the first request."""
        source, key = self._sources[relation.target], str(relation.child_key)
        self._embedded[relation] = self._registry.embedded(relation)
        if not relation.many:
            source.related(key, relation.flag)
            self._blanks[relation] = source.blank(self._registry, relation)
            return
        pages, query = self._pages[relation.target], parse_page("", self._registry, source.type, zone("UTC"))
        for each in (query, replace(query, after=(0,))):
            pages.walks(key, each)
        pages.count(key, query)
        always = {"self", "first", "last"}
        self._shapes[relation] = {
            frozenset(always | extra): self._registry.page_shape(relation, frozenset(always | extra))
            for extra in (set(), {"prev"}, {"next"}, {"prev", "next"})
        }

    def _require(self, run: Run, owner: ResourceType, caller: Caller, owner_id: int) -> None:
        source = self._sources[owner.name]
        if not run(source.presence, caller.parameters | {"id": owner_id}):
            raise absent(owner, owner_id)


def _refuse_foreign_filters(relation: Relation, query: Query) -> None:
    """Refuses filters that would look behind the walls of several stores at once.

    :raises Refusal: 400, naming them.
    """
    asked = {each.path[0] for clause in query.filters for each in clause if each.path}
    if relation.linked and asked:
        names = sorted(asked)
        message = f"{relation.name} are filtered by their own properties, not by {', '.join(names)}"
        raise Refusal.of(400, message, properties=names[:1], code="unknown_parameter")


def rows_of(run: Run, pages: Pages, key: str, query: Query, values: dict[str, Any]) -> list[Row]:
    """The rows of a page, from the first walk and as far as needed from those that go on from there."""
    if query.is_empty:
        return []
    first, *others = pages.walks(key, query)
    rows = run(first, values)
    for walk in others:
        left = query.limit - len(rows)
        if left:
            rows = [*rows, *run(walk, values | {"limit": left, "reach": left})]
    return rows


def _total(
    run: Run, pages: Pages, key: str, rows: Sequence[Row], query: Query, values: dict[str, Any]
) -> int:
    """How many there are: from the counter that came with the rows, or because this page shows all."""
    if query.is_empty:
        return 0
    if rows and pages.counted(key, query):
        return rows[0][-1] or 0
    if query.after is None and query.offset == 0 and len(rows) < query.limit:
        return len(rows)
    counted = run(pages.count(key, query), values)
    return (counted[0][0] or 0) if counted else 0


def absent(resource_type: ResourceType, row_id: int) -> Refusal:
    """The refusal of what the caller's store does not have."""
    return Refusal.of(404, f"{resource_type.rel} {row_id} does not exist.")
