"""Zoom: what is embedded, loaded with one statement a table, whether for one row or for 300.

A plan is made once per type and zoom. Relations to the same table share its statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from app.db.reader import Row, Run
from app.errors import Refusal
from app.hypermedia import Registry, Relation, ResourceType
from app.query import Zoom
from app.reading import Blank, Caller, Source
from representations import Embedded, Resource

EACH = 300
"""How many of a to-many relation are embedded per resource; its link leads on to the rest."""

ALTOGETHER = 10_000
"""How many resources one answer embeds."""

SIZES = (1, 20, 100, 300)
"""For how many owners at once statements are made; between them the last owner is repeated."""


@dataclass(frozen=True, slots=True)
class Part:
    """One embedded relation: how formats see it, which rows are its own, what stands for a missing one."""

    embedded: Embedded
    many: bool
    flag: str | None = None
    flag_at: int | None = None
    blank: Blank | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The relations that one statement loads: those with the same target and the same key."""

    source: Source
    key: str
    own_at: int
    parts: tuple[Part, ...]
    below: "Plan"
    places: tuple[int, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of which a row needs one; none where a relation takes all rows."""
        flags = tuple(part.flag for part in self.parts if part.flag)
        return flags if len(flags) == len(self.parts) else ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is embedded in the resources of a type: groups, and all relations in their order."""

    groups: tuple[Group, ...] = ()
    relations: tuple[Embedded, ...] = ()


@dataclass(slots=True)
class Budget:
    """How many resources an answer may still embed."""

    left: int = field(default=ALTOGETHER)

    def spend(self, count: int) -> None:
        """Takes so many.

        :raises Refusal: 400 when there are not so many left.
        """
        self.left -= count
        if self.left < 0:
            message = f"more than {ALTOGETHER} resources would be embedded: ask for a smaller limit or zoom"
            raise Refusal.of(400, message, properties=["zoom"], code="zoom_too_large")


class Planner:
    """Makes plans, each once."""

    def __init__(self, registry: Registry, sources: dict[str, Source]) -> None:
        self._registry = registry
        self._sources = sources
        self._plans: dict[tuple[str, Zoom], Plan] = {}

    def plan(self, resource_type: ResourceType, zoom: Zoom) -> Plan:
        """The plan for a type and a zoom that `app.query` has checked."""
        key = (resource_type.name, zoom)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) > 1024:
                self._plans.clear()
            plan = self._plans[key] = self._make(resource_type, dict(zoom))
        return plan

    def _make(self, resource_type: ResourceType, zoom: dict[str, Zoom]) -> Plan:
        chosen = [
            relation
            for relation in resource_type.embeddable.values()
            if relation.embed == "always" or relation.name in zoom
        ]
        grouped: dict[tuple[Any, ...], list[int]] = {}
        for place, relation in enumerate(chosen):
            below = zoom.get(relation.name, ())
            key = (relation.target, relation.child_key, relation.own_key, below)
            grouped.setdefault(key, []).append(place)
        groups = tuple(
            self._group(resource_type, [chosen[place] for place in places], tuple(places), key[-1])
            for key, places in grouped.items()
        )
        return Plan(groups, tuple(self._registry.embedded(relation) for relation in chosen))

    def _group(
        self, owner: ResourceType, relations: list[Relation], places: tuple[int, ...], below: Zoom
    ) -> Group:
        target = self._registry.target(relations[0])
        source = self._sources[target.name]
        own = relations[0].own_key or "id"
        return Group(
            source=source,
            key=relations[0].child_key or "id",
            own_at=self._sources[owner.name].position(own),
            parts=tuple(self._part(relation, source) for relation in relations),
            below=self.plan(target, below),
            places=places,
        )

    def _part(self, relation: Relation, source: Source) -> Part:
        return Part(
            embedded=self._registry.embedded(relation),
            many=relation.many,
            flag=relation.flag,
            flag_at=source.position(relation.flag) if relation.flag else None,
            blank=source.blank(self._registry, relation) if relation.blank is not None else None,
        )


def embed(run: Run, caller: Caller, plan: Plan, resources: Sequence[Resource], budget: Budget) -> None:
    """Embeds in each of the resources, all of one type, what the plan says."""
    if not plan.groups or not resources:
        return
    columns: list[Sequence[Sequence[Resource]]] = [()] * len(plan.relations)
    for group in plan.groups:
        contents = _load(run, caller, group, resources, budget)
        for place, content in zip(group.places, contents, strict=True):
            columns[place] = content
    relations = plan.relations
    for resource, *contents in zip(resources, *columns, strict=True):
        resource.embedded = [
            (embedded, content)
            for embedded, content in zip(relations, contents, strict=True)
            if content or embedded.many
        ]


def _load(
    run: Run, caller: Caller, group: Group, resources: Sequence[Resource], budget: Budget
) -> list[list[Sequence[Resource]]]:
    """For each part of the group the embedded resources of each of the resources."""
    at = group.own_at
    owners = [resource.values[at] for resource in resources]
    found = _by_owner(run, caller, group, [owner for owner in owners if owner is not None], budget)
    return [_pick(run, caller, group, part, owners, found) for part in group.parts]


def _by_owner(
    run: Run, caller: Caller, group: Group, owners: list[int], budget: Budget
) -> dict[int, list[Resource]]:
    key_at = group.source.position(group.key)
    found: dict[int, list[Resource]] = {owner: [] for owner in owners}
    rows = _rows(run, caller, group, owners)
    if len(rows) > EACH:
        rows = [row for _, own in groupby(rows, itemgetter(key_at)) for row in islice(own, EACH)]
    loaded = group.source.resources(rows, caller)
    for row, resource in zip(rows, loaded, strict=True):
        found[row[key_at]].append(resource)
    budget.spend(len(loaded))
    embed(run, caller, group.below, loaded, budget)
    return found


def _rows(run: Run, caller: Caller, group: Group, owners: list[int]) -> list[Row]:
    if not owners:
        return []
    flags = group.flags
    values = caller.parameters | owners_named(owners) | {"limit": ALTOGETHER + 1, "each": EACH}
    size = size_for(len(owners))
    if size == 1:
        return run(group.source.batch(group.key, 1, flags, ranked=False), values | {"limit": EACH})
    rows = run(group.source.batch(group.key, size, flags, ranked=False), values)
    if len(rows) > ALTOGETHER:  # perhaps a few owners have very many: then only their first count
        rows = run(group.source.batch(group.key, size, flags, ranked=True), values)
    return rows


def owners_named(owners: Sequence[int]) -> dict[str, int]:
    """The owners as the parameters of a statement that is made for as many or more."""
    if len(owners) == 1:
        return {"owner_0": owners[0]}
    padded = [*owners, *[owners[-1]] * (size_for(len(owners)) - len(owners))]
    if len(padded) > len(_OWNERS):
        return {f"owner_{at}": owner for at, owner in enumerate(padded)}
    return dict(zip(_OWNERS, padded, strict=False))


_OWNERS = tuple(f"owner_{at}" for at in range(SIZES[-1]))


def size_for(count: int) -> int:
    """The smallest size that statements are made for; beyond the largest, the next multiple of it."""
    return next((size for size in SIZES if size >= count), -(-count // SIZES[-1]) * SIZES[-1])


def _pick(
    run: Run,
    caller: Caller,
    group: Group,
    part: Part,
    owners: Sequence[int | None],
    found: dict[int, list[Resource]],
) -> list[Sequence[Resource]]:
    if part.many:
        return [found[owner] if owner is not None else () for owner in owners]
    picked: list[Sequence[Resource]] = []
    for owner in owners:
        one = None
        if owner is not None:
            own = found[owner]
            one = _single(own, part.flag_at) or _missing(run, caller, group, part, owner, len(own))
        picked.append((one,) if one is not None else ())
    return picked


def _single(resources: Sequence[Resource], flag_at: int | None) -> Resource | None:
    if flag_at is None:
        return resources[0] if resources else None
    for each in resources:
        if each.values[flag_at]:
            return each
    return None


def _missing(run: Run, caller: Caller, group: Group, part: Part, owner: int, loaded: int) -> Resource | None:
    """The blank one; but first a look whether the flagged row stood behind the first `EACH`."""
    if part.flag and not group.flags and loaded >= EACH:
        values = caller.parameters | owners_named([owner]) | {"limit": 1}
        rows = run(group.source.batch(group.key, 1, (part.flag,), ranked=False), values)
        for resource in group.source.resources(rows, caller):
            return resource
    return part.blank.resource(caller, owner) if part.blank else None
