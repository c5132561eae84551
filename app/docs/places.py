"""The addresses that a link relation leads to, each as it is declared."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.hypermedia import Registry, Relation, ResourceType
from app.transitions import Affordance, Founding

Declared = Relation | Affordance | Founding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """One URL rule: whose id it names, what stands there, and how one comes to it.

    Where no `relation` leads there it is the address of the `owner` itself. One that names its `target` in a
    column (`own_key`) leads to the target's own address.
    """

    href: str
    title: str
    owner: ResourceType
    target: ResourceType | None
    methods: tuple[str, ...]
    relation: Declared | None = None

    @property
    def many(self) -> bool:
        """Whether a collection stands there."""
        return isinstance(self.relation, Relation) and self.relation.many

    @property
    def makes(self) -> bool:
        """Whether a POST there makes something new."""
        return self.many or isinstance(self.relation, Founding)


def places(registry: Registry) -> Iterator[tuple[str, Place]]:
    """All addresses, each with the link relation whose page is about it."""
    for each in registry.types.values():
        if "{id}" in each.path:
            title = each.title if isinstance(each.title, str) else each.meaning
            yield each.rel, Place(href=each.path, title=title, owner=each, target=each, methods=each.methods)
    for owner, relation in registry.served():
        yield relation.name, _leading(registry, owner, relation, relation.href, relation.methods)
    for owner, relation in _named(registry):
        target = registry.target(relation)
        yield relation.name, _leading(registry, owner, relation, target.path, target.methods)
    for owner, taken in registry.affordances():
        said: dict[str, Any] = {"href": taken.href, "title": taken.title, "methods": taken.methods}
        yield taken.name, Place(owner=owner, target=None, relation=taken, **said)
    for founded, founding in registry.founded():
        said = {"href": founding.href, "title": founding.title, "methods": founding.methods}
        yield founding.name, Place(owner=founded, target=founded, relation=founding, **said)


def _leading(
    registry: Registry, owner: ResourceType, relation: Relation, href: str, methods: tuple[str, ...]
) -> Place:
    target = registry.target(relation)
    return Place(
        href=href, title=relation.title, owner=owner, target=target, methods=methods, relation=relation
    )


def _named(registry: Registry) -> Iterator[tuple[ResourceType, Relation]]:
    """The relations that lead to a row which their owner names, and are not called as it is."""
    for owner in registry.types.values():
        for each in owner.relations:
            if isinstance(each, Relation) and each.own_key and each.name != registry.target(each).rel:
                yield owner, each
