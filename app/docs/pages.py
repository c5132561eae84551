"""The pages of link relations, derived from what is declared: what each means, and what it offers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.addresses import Place, led_to
from app.docs.links import links_of, page_links, zooms_of
from app.docs.methods import methods_of
from app.docs.properties import of_page, of_schema
from app.docs.refusals import refusals_of
from app.hypermedia import PAGE_MEANINGS, Registry, Relation, ResourceType
from app.query import described_filters
from app.transitions import Affordance

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """What is said of one link relation, whoever asks: members by name.

    `places` are the addresses that it leads to with a token. Without any, it leads to one that is `public`,
    or it is met in answers alone.
    """

    rel: str
    title: str
    meaning: str
    places: tuple[Place, ...] = ()
    public: str = ""
    told: Told


_NOTHING: Told = {
    "addresses": {},
    "methods": {},
    "parameters": {},
    "filters": {},
    "order": [],
    "zoom": {},
    "properties": {},
    "links": {},
    "page": {},
    "errors": [],
}


def telling(said: Told) -> Told:
    """All members of what a page says; those are empty of which there is nothing to say."""
    return {**_NOTHING, **said}


def declared_pages(registry: Registry, *, sandbox: bool) -> dict[str, Page]:
    """The pages of all types and of all that they lead to and offer, by link relation."""
    found: dict[str, list[Place]] = {}
    for rel, place in led_to(registry, sandbox=sandbox):
        found.setdefault(rel, []).append(place)
    named = dict(_named(registry))
    meanings = {rel: meaning for rel, (_, meaning, _) in named.items()}
    return {
        rel: Page(
            rel=rel,
            title=title,
            meaning=meaning,
            places=tuple(found[rel]),
            told=telling(_told(registry, tuple(found[rel]), target, meanings)),
        )
        for rel, (title, meaning, target) in named.items()
    }


Named = tuple[str, str, ResourceType | None]
"""The title and the meaning of a relation, and the type that it leads to."""


def _named(registry: Registry) -> Iterator[tuple[str, Named]]:
    """All relations. A type goes before what leads to it by its name, then who has the meaning."""
    named: dict[str, Named] = {}
    for kind in registry.types.values():
        named.setdefault(
            kind.rel, (kind.title if isinstance(kind.title, str) else kind.meaning, kind.meaning, kind)
        )
    relations = [each for owner in registry.types.values() for each in owner.relations]
    for each in sorted(relations, key=lambda each: not each.meaning):
        target = None if isinstance(each, Affordance) else registry.target(each)
        named.setdefault(each.name, (each.title, each.meaning, target))
    for founded, founding in registry.founded():
        named.setdefault(founding.name, (founding.title, founding.meaning, founded))
    yield from named.items()


def _told(
    registry: Registry, leading: tuple[Place, ...], target: ResourceType | None, meanings: Mapping[str, str]
) -> Told:
    first = leading[0]
    methods = {name: each for place in reversed(leading) for name, each in methods_of(place).items()}
    told: dict[str, Any] = {
        "addresses": {place.href: place.title for place in leading},
        "methods": {name: methods[name] for name in _METHODS if name in methods},
        "errors": refusals_of(registry, leading),
    }
    if target is None:
        assert isinstance(first.relation, Affordance)
        return told | {"properties": of_schema(first.relation.schema)}
    told |= {
        "parameters": first.parameters,
        "zoom": zooms_of(registry, target, meanings),
        "properties": of_schema(target.schema, target),
        "links": links_of(registry.shape(target), meanings, target),
    }
    if isinstance(first.relation, Relation) and first.many:
        page = {"properties": of_page(PAGE_MEANINGS), "links": page_links()}
        filters = described_filters(registry, first.relation)
        told |= {"filters": filters, "order": list(target.comparable), "page": page}
    return told


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
