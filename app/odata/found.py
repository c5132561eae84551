"""Entities as they were found: stored values by the resource's property names, and what was expanded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.odata.bound import Options
from app.odata.edm import EntityType


@dataclass(frozen=True, slots=True)
class Found:
    """One entity: the stored values of its resource's properties, its version, and what was expanded of it.

    Moments are stored text in UTC (`2026-01-31 12:00:00`), flags true or false. `expanded` has a `Found` or a
    `Listed` for each navigation that was asked for, by its name.
    """

    type: EntityType
    values: Mapping[str, Any]
    version: int
    expanded: Mapping[str, "Found | Listed"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """Some entities of a set or of a navigation: how many there are in all, where $count asked for it; and
    the $skiptoken behind the last of them, where there are more."""

    found: Sequence[Found]
    total: int | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An entity set with the options that it is asked with; of a navigation `owner` is whose it is."""

    type: EntityType
    options: Options
    navigation: str = ""
    owner: int | None = None
