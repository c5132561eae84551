"""The addresses that a token is for, each as it is declared, and the link relations that lead there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.auth.scopes import SCOPES
from app.hypermedia import READ, Registry, Relation, ResourceType
from app.query import MEANINGS, ON_ONE, ON_PAGES
from app.transitions import Affordance, Founding

Declared = Relation | Affordance | Founding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Address:
    """One URL rule: a name of its own, what stands there, what may be done, and what its query may say."""

    href: str
    name: str
    title: str
    meaning: str
    methods: tuple[str, ...] = READ
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place(Address):
    """An address of resources: whose id it names, what stands there, and how one comes to it.

    Where no `relation` leads there it is the address of the `owner` itself. One that names its `target` in a
    column (`own_key`) leads to the target's own address. One that is `open` is for strangers too.
    """

    owner: ResourceType
    target: ResourceType | None
    relation: Declared | None = None
    open: bool = False

    @property
    def many(self) -> bool:
        """Whether a collection stands there."""
        return isinstance(self.relation, Relation) and self.relation.many

    @property
    def makes(self) -> bool:
        """Whether a POST there makes something new."""
        return self.many or isinstance(self.relation, Founding)

    @property
    def keeps_keys(self) -> bool:
        """Whether a POST there may be named by a key; answers that hold secrets are kept for none."""
        linked = isinstance(self.relation, Relation) and self.relation.linked
        return not (linked or isinstance(self.relation, Founding))


def scopes(place: Place, method: str) -> list[str]:
    """The scopes of which a token needs one; those of a founding make what is their own."""
    reach = "client" if isinstance(place.relation, Founding) else place.owner.reach
    known = (each for each in SCOPES.values() if each.reach == reach)
    return [each.name for each in known if each.writes or method in READ]


def places(registry: Registry, *, sandbox: bool) -> Iterator[Place]:
    """All addresses, each once.

    :param sandbox: strangers may make what belongs to nobody yet.
    """
    for each in registry.types.values():
        if "{id}" in each.path:
            yield _own(each)
    for owner, relation in registry.served():
        yield _leading(registry, owner, relation, relation.href, relation.methods)
    for owner, taken in registry.affordances():
        yield Place(owner=owner, target=None, parameters={}, **_said(taken, f"{owner.name}_{taken.name}"))
    for founded, founding in registry.founded():
        said = _said(founding, founding.name)
        yield Place(owner=founded, target=founded, parameters=_parameters(ON_ONE), open=sandbox, **said)


def led_to(registry: Registry, *, sandbox: bool) -> Iterator[tuple[str, Place]]:
    """All addresses, each with the link relations that lead there: of most there is one."""
    for each in places(registry, sandbox=sandbox):
        yield each.relation.name if each.relation else each.owner.rel, each
    for owner, relation in _named(registry):
        target = registry.target(relation)
        yield relation.name, _leading(registry, owner, relation, target.path, target.methods)


def _own(target: ResourceType) -> Place:
    return Place(
        href=target.path,
        name=target.name,
        title=target.title if isinstance(target.title, str) else target.meaning,
        meaning=target.meaning,
        methods=target.methods,
        parameters=_parameters(ON_ONE),
        owner=target,
        target=target,
    )


def _leading(
    registry: Registry, owner: ResourceType, relation: Relation, href: str, methods: tuple[str, ...]
) -> Place:
    return Place(
        href=href,
        name=f"{owner.name}_{relation.name}",
        title=relation.title,
        meaning=relation.meaning,
        methods=methods,
        parameters=_parameters(ON_PAGES if relation.many else ON_ONE),
        owner=owner,
        target=registry.target(relation),
        relation=relation,
    )


def _said(offered: Affordance | Founding, name: str) -> dict[str, Any]:
    """What an address has of what is offered there."""
    known = {"href": offered.href, "title": offered.title, "meaning": offered.meaning}
    return known | {"name": name, "methods": offered.methods, "relation": offered}


def _named(registry: Registry) -> Iterator[tuple[ResourceType, Relation]]:
    """The relations that lead to a row which their owner names, and are not called as it is."""
    for owner in registry.types.values():
        for each in owner.relations:
            if isinstance(each, Relation) and each.own_key and each.name != registry.target(each).rel:
                yield owner, each


def _parameters(names: tuple[str, ...]) -> Mapping[str, str]:
    return {name: MEANINGS[name] for name in names}
