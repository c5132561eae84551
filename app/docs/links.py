"""What documentation says of links: what each means, and which of them can be embedded."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.hypermedia import PAGE_TITLES, Registry, ResourceType
from representations import Shape, Value
from representations.model import DEEPEST_ZOOM

REGISTERED = {
    "self": "The resource itself.",
    "alternate": "The same resource on another face.",
    "first": "The page at which the collection begins.",
    "prev": "The page before this one, where there is one.",
    "next": "The page behind this one, while there may be one: follow it until it is missing.",
    "last": "The page at which the collection ends.",
    "search": "Where what is listed here can be searched.",
}
"""The link relations that are registered with IANA, as far as resources show them (RFC 8288)."""


def links_of(
    shape: Shape, meanings: Mapping[str, str], target: ResourceType | None = None
) -> dict[str, dict[str, Any]]:
    """The links of a shape, by relation."""
    embeddable = target.embeddable if target else {}
    return {
        link.rel.compact: {
            "title": f"{{{link.title.property}}}" if isinstance(link.title, Value) else link.title,
            "meaning": briefly(meanings.get(link.rel.name) or REGISTERED.get(link.rel.name, "")),
            "href": link.href,
            "documented": link.rel.curie is not None,
            "zoom": link.rel.name in embeddable,
        }
        for link in shape.links
    }


def briefly(meaning: str) -> str:
    """The first sentence of a meaning: the page of the link relation has the others."""
    first, stop, _ = meaning.partition(". ")
    return f"{first}." if stop else first


def page_links() -> dict[str, dict[str, Any]]:
    """The links of a page of a collection."""
    return {
        name: {"title": title, "meaning": REGISTERED[name], "documented": False, "zoom": False}
        for name, title in PAGE_TITLES.items()
    }


def zooms_of(
    registry: Registry, target: ResourceType, meanings: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """All that `zoom` can name, as it is written: nested ones behind a colon, none twice on its way."""
    return dict(_zooms(registry, target, meanings, (), (target.name,)))


def _zooms(
    registry: Registry,
    target: ResourceType,
    meanings: Mapping[str, str],
    way: tuple[str, ...],
    met: tuple[str, ...],
) -> Iterator[tuple[str, dict[str, Any]]]:
    below = []
    for name, each in target.embeddable.items():
        path, leads = (*way, name), registry.target(each)
        yield (
            ":".join(path),
            {
                "title": each.title,
                "meaning": briefly(meanings.get(name, "")),
                "rel": name,
                "many": each.many,
                "always": each.embed == "always",
            },
        )
        if len(path) < DEEPEST_ZOOM and leads.name not in met:
            below.append((leads, path))
    for leads, path in below:
        yield from _zooms(registry, leads, meanings, path, (*met, leads.name))
