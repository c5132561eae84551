"""/rels: a link relation is itself a resource, and its page is derived from what is declared."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields

from app.errors import Refusal, shortened
from app.home import HELPERS_TITLE, HOME_TITLE, MEANINGS, RELS_TITLE, TOKEN_TITLE
from app.hypermedia import READ, Registry, ResourceType
from app.odata.edm import odata_names
from app.query import ON_ONE, ON_PAGES, described_filters, refuse_query
from app.reading import Caller
from app.resources.property_helper import PROPERTY_HELPERS
from app.schema import declared
from app.transitions import Affordance
from representations import SELF, Embedded, Link, Resource, Shape, Value

PROPERTIES = ("rel", "title", "description", "methods", "parameters", "filters", "zoom", "properties")


class Docs:
    """A documentation page for each link relation that any representation shows."""

    def __init__(self, registry: Registry) -> None:
        own = Link(SELF, "/rels/{rel}", Value("rel"))
        rels = Link(registry.rel("rels"), "/rels", RELS_TITLE)
        self._shape = Shape(registry.rel("rel"), PROPERTIES, (own, rels), curie=registry.curie)
        self._short = self._shape.only(frozenset({"rel", "title", "description"}))
        self._list = Shape(
            registry.rel("rels"),
            ("message",),
            (Link(SELF, "/rels", rels.title),),
            curie=registry.curie,
        )
        self._embedded = Embedded(registry.rel("rels"), registry.rel("rel"), many=True)
        self._pages: dict[str, tuple[Any, ...]] = {}
        for page in (*_kinds(registry), *_related(registry), *_helpers(), *_general()):
            self._pages.setdefault(page[0], page)

    @property
    def names(self) -> frozenset[str]:
        """The link relations that have a page."""
        return frozenset(self._pages)

    def index(self, _caller: Caller | None, _name: str, raw: str) -> Resource:
        """All link relations."""
        refuse_query(raw)
        pages = [Resource(self._short, self._pages[name]) for name in sorted(self._pages)]
        message = "The link relations of this API that are not registered with IANA."
        return Resource(self._list, (message,), ((self._embedded, pages),))

    def read(self, _caller: Caller | None, name: str, raw: str) -> Resource:
        """The page of one link relation.

        :raises Refusal: 404 for a name that is none.
        """
        refuse_query(raw)
        page = self._pages.get(name)
        if page is None:
            raise Refusal.of(404, f"rel {shortened(name)} does not exist: /rels lists those that do")
        return Resource(self._shape, page)


def _page(
    rel: str,
    title: str,
    meaning: str,
    methods: Iterable[str] = READ,
    *,
    parameters: Iterable[str] = (),
    filters: Mapping[str, str] | None = None,
    target: ResourceType | None = None,
    schema: type[Schema] | None = None,
) -> tuple[Any, ...]:
    zoom = list(target.embeddable) if target else []
    schema = target.schema if target else schema
    known, named = declared(schema) if schema else {}, odata_names(target.row) if target else {}
    properties = {name: _described(field, named.get(name)) for name, field in known.items()}
    return (rel, title, meaning, list(methods), list(parameters), filters or {}, zoom, properties)


def _related(registry: Registry) -> Iterable[tuple[Any, ...]]:
    """A page for each relation; where several types have it, the one that has the meaning says it."""
    relations = [each for owner in registry.types.values() for each in owner.relations]
    relations.sort(key=lambda each: not each.meaning)
    for each in relations:
        if isinstance(each, Affordance):
            yield _page(each.name, each.title, each.meaning, each.methods, schema=each.schema)
            continue
        target = registry.target(each)
        parameters, filters = (ON_PAGES, described_filters(registry, each)) if each.many else (ON_ONE, {})
        said = (each.name, each.title, each.meaning, each.methods)
        yield _page(*said, parameters=parameters, filters=filters, target=target)
    for target, founding in registry.founded():
        said = (founding.name, founding.title, founding.meaning, founding.methods)
        yield _page(*said, parameters=ON_ONE, target=target)


def _kinds(registry: Registry) -> Iterable[tuple[Any, ...]]:
    for each in registry.types.values():
        title = each.title if isinstance(each.title, str) else each.meaning
        yield _page(each.rel, title, each.meaning, each.methods, parameters=ON_ONE, target=each)


def _helpers() -> Iterable[tuple[Any, ...]]:
    for each in PROPERTY_HELPERS:
        yield _page(each.name, each.title, each.meaning, parameters=each.parameters)


def _general() -> Iterable[tuple[Any, ...]]:
    yield _page("home", HOME_TITLE, MEANINGS["home"])
    yield _page("property_helpers", HELPERS_TITLE, MEANINGS["property_helpers"])
    yield _page("rels", RELS_TITLE, "The list of all link relations.")
    yield _page("rel", "Documentation of this Link Relation", "What a link relation means and offers.")
    yield _page("token", TOKEN_TITLE, MEANINGS["token"], ("POST", "OPTIONS"))
    checkout = "Where a customer of the portal is signed in at the store's checkout."
    yield _page("checkout", "Checkout", checkout, ("GET",))
    errors = "Why a request was refused: how many faults it had, and each of them."
    yield _page("errors", "Errors", errors, ())
    error = "One fault of a request: what is wrong, with which property, and a stable code."
    yield _page("error", "Error", error, ())


def _described(field: fields.Field[Any], odata: str | None) -> dict[str, Any]:
    """What documentation says about a property: its type, constraints, meaning, and its name in OData."""
    described = {
        "type": type(field).__name__,
        "constraints": " ".join(_constraints(field, field.metadata)),
        "description": field.metadata.get("description", ""),
    }
    return described | ({"odata": odata} if odata else {})


def _constraints(field: fields.Field[Any], said: Mapping[str, Any]) -> list[str]:
    if field.dump_only:
        return ["Read only."]
    constraints = ["Required." if field.required else "Optional."]
    if most := said.get("most"):
        constraints.append(f"{most} characters or less.")
    if within := said.get("within"):
        constraints.append("From {} to {}.".format(*within))
    if choices := said.get("choices"):
        constraints.append("One of " + ", ".join(choices) + ".")
    if field.load_only:
        constraints.append("Write only.")
    if said.get("once"):
        constraints.append("Read only after creation.")
    if see := said.get("see"):
        constraints.append(f"See {see}.")
    return constraints
