"""Which properties of a type can be compared, and how: what filters and orders may name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.hypermedia import Registry, Relation, ResourceType
from app.schema import Kind, Match, stored_kind

OPERATORS = (
    "not",
    "in",
    "lessthan",
    "lessthanorequal",
    "greaterthan",
    "greaterthanorequal",
    "isdefined",
)
"""What may stand behind a property and a colon; nothing means that they are equal."""

OF_FLAGS = ("not", "in", "isdefined")


@dataclass(frozen=True, slots=True)
class Property:
    """A property that can be compared: its column, what that holds, and how it is matched."""

    name: str
    kind: Kind
    match: Match | None = None

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that it takes."""
        return OF_FLAGS if self.kind == "flag" else OPERATORS


@lru_cache(maxsize=64)
def comparable(resource_type: ResourceType) -> Mapping[str, Property]:
    """The properties by which resources of a type can be filtered and ordered."""
    matches = resource_type.matches
    return {
        name: Property(name, stored_kind(resource_type.table.c[name].type), matches.get(name))
        for name in resource_type.comparable
    }


def has_names(resource_type: ResourceType) -> bool:
    """Whether resources of a type are names with values, of which `name[…]` means one."""
    return {"name", "value"} <= comparable(resource_type).keys()


def described_filters(registry: Registry, relation: Relation) -> dict[str, str]:
    """What documentation says of the filters of a collection: how each property is written."""
    resource_type = registry.target(relation)
    own = {
        name: ", ".join((*_FORMS[found.kind], *(f":{each}=" for each in found.operators)))
        for name, found in comparable(resource_type).items()
    }
    related = {
        f"{name}:…": f"those of {name}, which one of them must pass"
        + ("; behind name[…], the one of that name" if has_names(registry.target(below)) else "")
        for name, below in resource_type.embeddable.items()
    }
    return own if relation.linked else own | related


_FORMS: Mapping[Kind, tuple[str, ...]] = {
    "moment": ("=", "=a..b", "=*"),
    "flag": ("=", "=*"),
    "integer": ("=", "=a..b", "=*"),
    "amount": ("=", "=a..b", "=*"),
    "text": ("=", "=*text*"),
}
