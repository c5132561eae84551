"""The addresses of the hypermedia API, as OpenAPI needs to know them: what stands there, and what is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.home import HELPERS_TITLE, HOME_TITLE, MEANINGS, RELS_TITLE
from app.hypermedia import READ, Registry, Relation, ResourceType
from app.json_schema import SCHEMAS
from app.query import ON_ONE, ON_PAGES, described_filters
from app.resources.property_helper import PROPERTY_HELPERS
from representations.model import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One address. `shows` is the schema of what stands there, `takes` of what one sends, `new` of a new one.

    `slot` is the name in braces and `of` what it is of; `public` needs no token; `language` is the media
    type of what is no resource. A POST `tells` where its answer has what is said only once.
    """

    path: str
    name: str
    title: str
    meaning: str
    methods: tuple[str, ...] = READ
    shows: str = "resource"
    takes: str = ""
    new: str = ""
    one: bool = True
    slot: str = ""
    of: str = ""
    parameters: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    public: bool = False
    language: str = ""
    tells: bool = False


def places(registry: Registry) -> Iterator[Place]:
    """All of them."""
    yield from _public()
    for each in registry.types.values():
        if "{id}" in each.path:
            yield _one(each)
    for owner, relation in registry.served():
        yield (_collection if relation.many else _related)(registry, owner, relation)
    for owner, affordance in registry.affordances():
        yield Place(
            path=affordance.href,
            name=f"{owner.name}_{affordance.name}",
            title=affordance.title,
            meaning=affordance.meaning,
            methods=affordance.methods,
            takes=f"{owner.name}_{affordance.name}",
            slot="id",
            of=owner.name,
        )
    for target, founding in registry.founded():
        yield Place(
            path=founding.href,
            name=founding.name,
            title=founding.title,
            meaning=founding.meaning,
            methods=founding.methods,
            takes=target.name,
            new=f"new_{target.name}",
            one=False,
            parameters=ON_ONE,
            tells=True,
        )


def _one(target: ResourceType) -> Place:
    title = target.meaning.partition(".")[0] if isinstance(target.title, Value) else target.title
    return Place(
        path=target.path,
        name=target.name,
        title=title,
        meaning=target.meaning,
        methods=target.methods,
        shows=target.name,
        takes=target.name,
        slot="id",
        of=target.name,
        parameters=ON_ONE,
    )


def _related(_registry: Registry, owner: ResourceType, relation: Relation) -> Place:
    return Place(
        path=relation.href,
        name=f"{owner.name}_{relation.name}",
        title=relation.title,
        meaning=relation.meaning,
        methods=relation.methods,
        shows=relation.target,
        takes=relation.target,
        slot="id",
        of=owner.name,
        parameters=ON_ONE,
    )


def _collection(registry: Registry, owner: ResourceType, relation: Relation) -> Place:
    target = registry.target(relation)
    return Place(
        path=relation.href,
        name=f"{owner.name}_{relation.name}",
        title=relation.title,
        meaning=relation.meaning,
        methods=relation.methods,
        shows=target.plural,
        takes=target.name,
        new=f"new_{target.name}" if "POST" in relation.methods else "",
        one=False,
        slot="id",
        of=owner.name,
        parameters=ON_PAGES,
        filters=described_filters(registry, relation),
        tells=relation.linked,
    )


def _public() -> Iterator[Place]:
    helpers = tuple(dict.fromkeys(name for each in PROPERTY_HELPERS for name in each.parameters))
    rel = "What a link relation means and offers."
    for path, name, title, meaning, parameters in (
        ("/", "home", HOME_TITLE, MEANINGS["home"], ()),
        ("/property_helpers", "property_helpers", HELPERS_TITLE, MEANINGS["property_helpers"], ()),
        ("/property_helpers/{name}", "property_helper", HELPERS_TITLE, "A list of values.", helpers),
        ("/rels", "rels", RELS_TITLE, "The list of all link relations.", ()),
        ("/rels/{name}", "rel", "Documentation of this Link Relation", rel, ()),
    ):
        yield Place(path=path, name=name, title=title, meaning=meaning, parameters=parameters, public=True,
                    slot="name" if "{" in path else "", of=name)  # fmt: skip
    schema = "What a resource holds, as JSON Schema has it."
    yield Place(path=f"{SCHEMAS}{{name}}", name="schema", title="JSON Schema", meaning=schema, public=True,
                slot="name", of="schema", language="application/schema+json")  # fmt: skip
    yield Place(path="/openapi.json", name="openapi", title="OpenAPI", meaning="This document.", public=True,
                language="application/vnd.oai.openapi+json;version=3.1")  # fmt: skip
