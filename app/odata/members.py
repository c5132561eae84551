"""What a path of names leads to, from the entity that a variable stands for: the only way to a column."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.odata.bound import ITSELF, Type
from app.odata.edm import MODEL, Complex, EntityType, Navigation, Property
from app.odata.faults import shortened, unoffered, wrong
from app.odata.syntax import Path

MOST_STEPS = 3
"""How many navigations a path may follow."""

_TYPES: Mapping[str, Type] = {
    "Edm.Boolean": "Edm.Boolean",
    "Edm.DateTimeOffset": "Edm.DateTimeOffset",
    "Edm.Int32": "Edm.Int64",
    "Edm.String": "Edm.String",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An entity, by the variable from which navigations lead `through` to it."""

    entity: EntityType
    variable: str
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """What a path leads to from a place: a column, or none where it is complex or an entity, or many."""

    place: Place
    name: str = ""
    type: Type = "null"
    column: str | None = None
    nullable: bool = False
    target: EntityType = MODEL["Customer"]
    many: bool = False


def reach(path: Path, scope: Mapping[str, Place], option: str) -> Reached:
    """What a path leads to: from the variable that it begins with, or else from the row itself.

    :raises Refusal: where it leads nowhere.
    """
    names = path.names
    variable = names[0].lower() if names[0].startswith("$") else names[0]
    if variable in scope:
        place, names = scope[variable], names[1:]
    elif variable.startswith("$"):
        raise unoffered(option, f"{variable} in the options of an expanded navigation is not supported")
    else:
        place = scope[ITSELF]
    return _reached(place, names, path, option)


def _reached(place: Place, names: tuple[str, ...], path: Path, option: str) -> Reached:
    for at, name in enumerate(names):
        member, rest = place.entity.members.get(name), names[at + 1 :]
        if isinstance(member, Property):
            return _property(place, member, rest, path, option)
        if isinstance(member, Complex):
            return _complex(place, member, rest, path, option)
        if member is None:
            raise unknown(name, place.entity, option, path.at)
        if member.many:
            if rest:
                message = f"{name} are many: write {name}/any(a:a/{shortened(rest[0])} …)"
                raise wrong(option, message, path.at)
            return Reached(place, name, target=MODEL[member.target], many=True)
        place = _followed(place, member, option, path.at)
    return Reached(place, names[-1] if names else "")


def _followed(place: Place, navigation: Navigation, option: str, at: int) -> Place:
    through = (*place.through, navigation.name)
    if len(through) > MOST_STEPS:
        raise wrong(option, f"a path follows at most {MOST_STEPS} navigations", at)
    return Place(MODEL[navigation.target], place.variable, through)


def _property(place: Place, member: Property, rest: tuple[str, ...], path: Path, option: str) -> Reached:
    if rest:
        raise wrong(option, f"{member.name} has no '{shortened(rest[0])}'", path.at)
    if member.column is None:
        raise wrong(option, f"{member.name} can be written only", path.at)
    return Reached(place, member.name, _TYPES[member.type], member.column, member.nullable)


def _complex(place: Place, member: Complex, rest: tuple[str, ...], path: Path, option: str) -> Reached:
    if not rest:
        return Reached(place, member.name)
    for each in member.properties:
        if each.name == rest[0]:
            return _property(place, each, rest[1:], path, option)
    there = ", ".join(each.name for each in member.properties)
    raise wrong(option, f"{member.name} has no '{shortened(rest[0])}'; it has: {there}", path.at)


def unknown(name: str, entity: EntityType, option: str, at: int | None = None) -> Exception:
    """The refusal of a name that an entity does not have; it lists those that it has."""
    there = ", ".join(
        each.name for each in entity.members.values() if not (isinstance(each, Property) and each.write_only)
    )
    return wrong(option, f"{entity.name} has no '{shortened(name)}'; it has: {there}", at)
