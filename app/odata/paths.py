"""Resource paths below the service root: what they lead to, before anybody asks whether it exists.

A path is read left to right (OData URL Conventions §4); keys stand in brackets or as a segment of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from app.db.ids import LARGEST
from app.errors import Refusal
from app.odata.edm import MODEL, Complex, EntityType, Navigation, Property
from app.odata.faults import shortened

MOST_STEPS = 4
"""How many navigations a path may follow."""

Document = Literal["service", "$metadata", "$batch"]
Suffix = Literal["", "$value", "$count"]


@dataclass(frozen=True, slots=True)
class Step:
    """A navigation that a path follows, and the key of the one entity behind it where one is named."""

    navigation: Navigation
    key: int | None = None

    @property
    def target(self) -> EntityType:
        """What it leads to."""
        return MODEL[self.navigation.target]


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """A path from an entity set: to that set, an entity, what navigations lead to, or a property.

    `names` is the path of a property (`("Name",)`, `("Address",)`, `("Address", "City")`), empty where
    the path ends in entities. `suffix` is `$count` of a set or of a navigation to many, or `$value` of a
    primitive property.
    """

    set: EntityType
    key: int | None = None
    steps: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()
    suffix: Suffix = ""

    @property
    def entity(self) -> EntityType:
        """The type of the entities that the path ends in, or whose property it names."""
        return self.steps[-1].target if self.steps else self.set

    @property
    def owner(self) -> "ResourcePath":
        """The path to the entity that its last navigation starts from."""
        return replace(self, steps=self.steps[:-1], names=(), suffix="")

    @property
    def many(self) -> bool:
        """Whether it ends in many entities (or in their number) rather than in one."""
        if self.steps:
            return self.steps[-1].navigation.many and self.steps[-1].key is None
        return self.key is None

    @property
    def member(self) -> Property | Complex | None:
        """The property that it ends in, where it does."""
        if not self.names:
            return None
        found = self.entity.members[self.names[0]]
        assert not isinstance(found, Navigation)
        if isinstance(found, Complex) and len(self.names) > 1:
            return next(each for each in found.properties if each.name == self.names[1])
        return found


def parse_path(path: str) -> Document | ResourcePath:
    """What a decoded path below the service root leads to.

    :raises Refusal: 404 where there is nothing of that name, 400 for a key that is none, 501 for what OData
        has and this face does not offer.
    """
    segments = path.removesuffix("/").split("/")
    if segments == [""]:
        return "service"
    name, brackets = _split(segments[0])
    if name in _DOCUMENTS and brackets is None and len(segments) == 1:
        return _DOCUMENTS[name]
    if name in _DOCUMENTS and brackets is None:
        raise _absent(segments[1], f"nothing follows {name}")
    _check_offered(name)
    entity = MODEL.get(name) or _ALIASES.get(name)
    if entity is None:
        raise _absent(name, f"the service has {', '.join(MODEL)}, $metadata and $batch")
    found = ResourcePath(entity, _key(brackets, name))
    for segment in segments[1:]:
        found = _further(found, segment)
    return found


_DOCUMENTS: dict[str, Document] = {"$metadata": "$metadata", "$batch": "$batch"}
_ALIASES = {"Customers": MODEL["Customer"]}
"""What clients guess a set is called: Liftoff's names are in the singular."""

_UNOFFERED = {
    "$all", "$crossjoin", "$each", "$entity", "$filter", "$links", "$query", "$ref", "$root",
}  # fmt: skip
_SEGMENT = re.compile(r"([^()]*)(?:\(([^()]*)\))?")
_KEY = re.compile(r"(?:Id=)?(-?[0-9]{1,40})")


def _split(segment: str) -> tuple[str, str | None]:
    found = _SEGMENT.fullmatch(segment)
    return (found[1], found[2]) if found else (segment, None)


def _check_offered(name: str) -> None:
    if name in _UNOFFERED:
        raise _unoffered(name)
    if name.startswith("Patron."):
        raise Refusal.of(501, f"'{shortened(name)}': types in paths are not supported", code="not_supported")


def _key(brackets: str | None, name: str) -> int | None:
    """The key in brackets; none where they are empty, as some clients write a set."""
    if not brackets:
        return None
    if brackets.removeprefix("Id=").startswith("@"):
        raise Refusal.of(501, "an alias for a key is not supported: write the key", code="not_supported")
    found = _KEY.fullmatch(brackets)
    if found is None:
        shown = shortened(name)
        message = f"'{shortened(brackets)}' is no key: write {shown}(115), or {shown}(Id=115)"
        raise Refusal.of(400, message, properties=["Id"])
    key = int(found[1])
    if not 0 <= key <= LARGEST:
        raise Refusal.of(404, f"there is no {shortened(name)}({shortened(brackets)})")
    return key


def _further(found: ResourcePath, segment: str) -> ResourcePath:
    name, brackets = _split(segment)
    if found.suffix:
        raise _absent(segment, f"nothing follows {found.suffix}")
    _check_offered(name)
    if name in {"$count", "$value"} and brackets is None:
        return _ended(found, name)
    if found.names:
        return _below(found, segment)
    if found.many:
        return _keyed(found, segment)
    member = found.entity.members.get(name)
    if isinstance(member, Navigation):
        return _stepped(found, member, brackets)
    if member is None or brackets is not None or (isinstance(member, Property) and member.write_only):
        raise _absent(segment, f"{found.entity.name} has {', '.join(_readable(found.entity))}")
    return replace(found, names=(name,))


def _ended(found: ResourcePath, name: str) -> ResourcePath:
    if name == "$count":
        if not found.many:
            raise _absent(name, "only sets and navigations to many are counted")
        return replace(found, suffix="$count")
    if not isinstance(found.member, Property):
        raise _absent(name, "only a primitive property has a raw value")
    return replace(found, suffix="$value")


def _keyed(found: ResourcePath, segment: str) -> ResourcePath:
    """A key as a segment of its own, `Customer/115` (OData 4.01)."""
    if not re.fullmatch(r"[0-9]{1,40}", segment):
        raise _absent(segment, f"{found.entity.name} are many: name one by its key")
    key = _key(segment, found.entity.name)
    if not found.steps:
        return replace(found, key=key)
    return replace(found, steps=(*found.steps[:-1], replace(found.steps[-1], key=key)))


def _stepped(found: ResourcePath, navigation: Navigation, brackets: str | None) -> ResourcePath:
    if len(found.steps) == MOST_STEPS:
        raise Refusal.of(400, f"a path follows at most {MOST_STEPS} navigations")
    if brackets is not None and not navigation.many:
        raise _absent(f"{navigation.name}({brackets})", f"{navigation.name} is one entity, without a key")
    step = Step(navigation, _key(brackets, navigation.name))
    return replace(found, steps=(*found.steps, step))


def _below(found: ResourcePath, segment: str) -> ResourcePath:
    if not isinstance(found.member, Complex):
        raise _absent(segment, f"{'/'.join(found.names)} has only $value")
    there = [each.name for each in found.member.properties]
    if segment not in there:
        raise _absent(segment, f"{found.member.name} has {', '.join(there)}")
    return replace(found, names=(*found.names, segment))


def _readable(entity: EntityType) -> Iterator[str]:
    for each in entity.members.values():
        if not (isinstance(each, Property) and each.write_only):
            yield each.name


def _absent(segment: str, there: str) -> Refusal:
    return Refusal.of(404, f"there is no '{shortened(segment)}': {there}")


def _unoffered(name: str) -> Refusal:
    return Refusal.of(501, f"{name} is not supported", code="not_supported")
