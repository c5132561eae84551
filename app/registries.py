"""Registries, each once in a process: whatever makes an application, a worker or a command shares them."""

from functools import lru_cache

from app.hypermedia import Registry, ResourceType


@lru_cache(maxsize=16)
def joined(types: tuple[ResourceType, ...], rels_href: str, schemas_href: str = "") -> Registry:
    """The registry of these types: what formats compile, they keep by its shapes.

    :param rels_href: what the addresses of link relations' pages begin with.
    :param schemas_href: where the types' JSON Schemas stand, where they do.
    """
    return Registry(types, rels_href, schemas_href)
