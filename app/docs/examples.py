"""Live examples: what a link relation leads to for whoever asks, as it is at this moment.

They are read as every other answer is, by the catalogue, so that walls between stores hold here too; but
nobody is shown a secret.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.addresses import Place
from app.affordances import Affordances
from app.catalogue import Catalogue
from app.db.tables import is_global
from app.docs.pages import Page
from app.docs.strangers import Strangers
from app.errors import Refusal
from app.hypermedia import Registry, Relation, ResourceType
from app.query import Query, parse_page
from app.reading import Caller
from app.transitions import Affordance, Founding
from representations import Resource

A_FEW = "limit=2"
MOST_LOOKED_THROUGH = "limit=20"
"""A page of owners, of which one may offer what is looked for."""

ReadPublic = Callable[[Caller | None], Resource]


@dataclass(frozen=True, slots=True)
class Example:
    """A resource, and the path of the address that it was read at; the place, where a token is needed."""

    resource: Resource
    path: str
    place: Place | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it is a page with nothing on it."""
        return any(not resources for part, resources in self.resource.embedded if part.many and self._paged)

    @property
    def _paged(self) -> bool:
        return self.place is not None and self.place.many


class Examples:
    """Finds examples for callers. `stranger` is who asks without a token, where there is anything to see."""

    def __init__(
        self,
        registry: Registry,
        catalogue: Catalogue,
        public: Mapping[str, ReadPublic],
        stranger: Strangers,
    ) -> None:
        self._registry, self._catalogue, self._public = registry, catalogue, public
        self._stranger = stranger
        self._paging: dict[str, Relation] = {
            relation.target: relation
            for owner, relation in registry.served()
            if owner.name == "store" and relation.many
        }
        self._leading: dict[str, tuple[ResourceType, Relation]] = {}
        for owner, relation in registry.served():
            if relation.many and owner.name != "store":
                self._leading.setdefault(relation.target, (owner, relation))

    def find(self, page: Page, caller: Caller | None) -> Example | None:
        """The example on a page, if there is one for this caller: best one that is not an empty page."""
        if page.public:
            read = self._public.get(page.rel)
            return Example(read(caller), page.public) if read else None
        empty = None
        for place in page.places:
            found = self._at(place, caller)
            if found and not found.is_empty:
                return found
            empty = empty or found
        return empty

    def reached(self, page: Page, caller: Caller | None) -> bool:
        """Whether a caller may look there at all."""
        return any(self._seen_by(place, caller) for place in page.places)

    def _seen_by(self, place: Place, caller: Caller | None) -> Caller | None:
        """Who looks at a place: the caller, without the secrets; None where that is not theirs to see."""
        founding = isinstance(place.relation, Founding)
        reach = "client" if founding else place.owner.reach
        is_own = is_global(place.owner.table) and reach != "store" and not founding
        known = caller or (None if is_own else self._stranger(reach))
        if known is None or known.scope.reach != reach:
            return None
        return replace(known, scope=replace(known.scope, without_secrets=True))

    def _at(self, place: Place, caller: Caller | None) -> Example | None:
        seen_by = self._seen_by(place, caller)
        if seen_by is None:
            return None
        try:
            return self._read(place, seen_by)
        except Refusal as refusal:
            if refusal.status != _GONE:
                raise
            return None  # it was there a moment ago

    def _read(self, place: Place, caller: Caller) -> Example | None:
        relation = place.relation
        if isinstance(relation, Affordance | Founding):
            return self._offered(place, relation, caller)
        row_id = self._id(place, caller)
        if row_id is None:
            return None
        path = place.href.replace("{id}", str(row_id))
        if relation is None or relation.own_key:
            target = self._registry.target(relation) if relation else place.owner
            return Example(self._catalogue.one(target, caller, row_id, Query()), path, place)
        if relation.many:
            return Example(self._page(place.owner, relation, caller, row_id), path, place)
        found = self._catalogue.related(place.owner, relation, caller, row_id, Query())
        return Example(found, path, place)

    def _offered(self, place: Place, offered: Affordance | Founding, caller: Caller) -> Example | None:
        """What OPTIONS says of something that may be done."""
        path = place.href
        if isinstance(offered, Affordance):
            row_id = next(self._offering(place.owner, offered, caller), None)
            if row_id is None:
                return None
            path = path.replace("{id}", str(row_id))
            actions: Any = [self._registry.taking(offered)]
        else:
            actions = self._registry.actions(place.owner, offered.methods, offered.href, many=True)
        said = Affordances(self._registry.curie, offered.methods, actions)
        return Example(said.resource(path.removeprefix("/")), path, place)

    def _offering(self, owner: ResourceType, offered: Affordance, caller: Caller) -> Iterator[int]:
        rel = self._registry.rel(offered.name)
        if owner.name in self._paging:
            page = self._page(
                self._registry.types["store"],
                self._paging[owner.name],
                caller,
                caller.store_id,
                MOST_LOOKED_THROUGH,
            )
            for each in page.embedded[0][1]:
                if any(link.rel == rel for link in each.shape.links):
                    yield each.value("id")

    def _id(self, place: Place, caller: Caller) -> int | None:
        """The id that an address is filled with: of the first that it leads to something for."""
        owner, relation = place.owner, place.relation
        if not isinstance(relation, Relation):
            return self._first(owner, caller)
        if relation.own_key:
            return self._catalogue.first(owner, relation.own_key, caller)
        if is_global(owner.table):
            return self._first(owner, caller)
        key = str(relation.child_key)
        found = self._catalogue.first(self._registry.target(relation), key, caller, relation.flag)
        return found or self._first(owner, caller)

    def _first(self, target: ResourceType, caller: Caller) -> int | None:
        """The id of the first of a type: of a store's own, on the first page of them."""
        if is_global(target.table):
            itself = {"store": caller.store_id, "client": caller.client_row, "user": caller.user_id}
            return itself[target.reach] or None
        if target.where is None and target.name not in self._paging:
            return self._catalogue.first(target, "id", caller)
        owner, owner_id = self._registry.types["store"], caller.store_id
        relation = self._paging.get(target.name)
        if relation is None:
            owner, relation = self._leading[target.name]
            found = self._catalogue.first(target, str(relation.child_key), caller)
            if found is None:
                return None
            owner_id = found
        rows = self._page(owner, relation, caller, owner_id, "limit=1").embedded[0][1]
        return rows[0].value("id") if rows else None

    def _page(
        self, owner: ResourceType, relation: Relation, caller: Caller, owner_id: int, raw: str = A_FEW
    ) -> Resource:
        query = parse_page(raw, self._registry, self._registry.target(relation), caller.zone)
        return self._catalogue.page(owner, relation, caller, owner_id, query)


_GONE = 404
