"""`zoom`: what to embed, a comma list of relations, each perhaps with what to embed below it."""

import re
from collections.abc import Mapping
from typing import Any

from app.errors import Refusal, shortened
from app.hypermedia import Registry, Relation, ResourceType
from representations.model import DEEPEST_ZOOM

Zoom = tuple[tuple[str, "Zoom"], ...]
"""What to embed: names of relations, each with what to embed below it."""

LARGEST_ZOOM = 50


def parse_zoom(text: str, registry: Registry, resource_type: ResourceType) -> Zoom:
    """What a `zoom` asks for: a comma list of relations, `:` going deeper and implying the parent.

    :raises Refusal: 400 for a name that this type does not embed, and beyond the limits.
    """
    paths = [path.strip() for path in text.split(",") if path.strip()]
    if len(paths) > LARGEST_ZOOM:
        message = f"zoom names {len(paths)} relations, at most {LARGEST_ZOOM} are embedded"
        raise Refusal.of(400, message, properties=["zoom"], code="zoom_too_wide")
    tree: dict[str, Any] = {}
    for path in paths:
        _add_path(tree, path, registry, resource_type)
    return _frozen(tree)


def _add_path(tree: dict[str, Any], path: str, registry: Registry, resource_type: ResourceType) -> None:
    prefix = f"{registry.curie.prefix}:"
    names = re.split(rf":(?:{prefix})?", path.removeprefix(prefix))
    for depth, name in enumerate(names):
        relation: Relation | None = resource_type.embeddable.get(name)
        if relation is None:
            offered = ", ".join(resource_type.embeddable) or "nothing"
            message = f"zoom: {resource_type.rel} has no '{shortened(name)}' to embed, it offers {offered}"
            raise Refusal.of(400, message, properties=["zoom"], code="unknown_zoom")
        if depth >= DEEPEST_ZOOM:
            message = f"zoom: {shortened(path)} is too deep, at most {DEEPEST_ZOOM} levels are embedded"
            raise Refusal.of(400, message, properties=["zoom"], code="zoom_too_deep")
        tree = tree.setdefault(name, {})
        resource_type = registry.target(relation)


def _frozen(tree: Mapping[str, Any]) -> Zoom:
    return tuple(sorted((name, _frozen(below)) for name, below in tree.items()))
