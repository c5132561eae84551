"""$select: from the paths that a client names to the properties that are shown (OData Protocol §11.2.5.1)."""

from collections.abc import Iterator

from app.odata.edm import Complex, EntityType, Navigation, Property
from app.odata.faults import shortened, unoffered, wrong
from app.odata.members import unknown
from app.odata.syntax import Selected

_OPTION = "$select"


def selected(items: tuple[Selected, ...], entity: EntityType) -> tuple[tuple[str, ...], ...] | None:
    """The paths of the selected properties and navigations in the order of the model; None where all
    properties are.

    :raises Refusal: where an entity has no such property, or one that is written only.
    """
    if not items:
        return None
    named: set[tuple[str, ...]] = set()
    for item in items:
        if item.path.names == ("*",):
            if item.below is not None:
                raise wrong(_OPTION, "* takes no options", item.path.at)
            _check_others(items, entity)
            return None
        named.update(_named(item, entity))
    return tuple(path for path in _paths(entity) if path in named)


def _check_others(items: tuple[Selected, ...], entity: EntityType) -> None:
    """Holds what is named beside a `*` to the model: it has to exist none the less."""
    for item in items:
        if item.path.names != ("*",):
            list(_named(item, entity))


def _paths(entity: EntityType) -> Iterator[tuple[str, ...]]:
    for each in entity.structural:
        yield (each.name,)
        if isinstance(each, Complex):
            yield from ((each.name, below.name) for below in each.properties)
    yield from ((each.name,) for each in entity.navigations)


def _named(item: Selected, entity: EntityType) -> Iterator[tuple[str, ...]]:
    name, *rest = item.path.names
    member = entity.members.get(name)
    if isinstance(member, Complex):
        yield from _complex(item, member, rest)
        return
    if member is None:
        raise unknown(name, entity, _OPTION, item.path.at)
    if rest:
        hint = f": write $expand={name}($select=…)" if isinstance(member, Navigation) else ""
        raise wrong(_OPTION, f"{name} has no '{shortened(rest[0])}'{hint}", item.path.at)
    if item.below is not None:
        raise unoffered(_OPTION, f"{name} takes no options: write $expand={name}($select=…)")
    if isinstance(member, Property) and member.write_only:
        raise wrong(_OPTION, f"{name} can be written only", item.path.at)
    yield (name,)


def _complex(item: Selected, member: Complex, rest: list[str]) -> Iterator[tuple[str, ...]]:
    below = [tuple(rest)] if rest else [each.path.names for each in item.below or ()]
    if rest and item.below is not None:
        raise unoffered(_OPTION, f"{shortened('/'.join(rest))} takes no options")
    if not below or ("*",) in below:
        yield (member.name,)
    names = {each.name for each in member.properties}
    for path in below:
        if path != ("*",) and (len(path) != 1 or path[0] not in names):
            there = ", ".join(each.name for each in member.properties)
            raise wrong(_OPTION, f"{member.name} has no '{shortened('/'.join(path))}'; it has: {there}")
        if path != ("*",):
            yield (member.name, path[0])
