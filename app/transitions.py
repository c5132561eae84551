"""What a resource offers beyond having properties set: an affordance is data, and what it does a function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from app.db.tables import Author
from representations import Method


class NoBody(Schema):
    """The body of what takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An affordance that is being taken: the row's values as its store sees them, and what the body gives.

    The row is held by `session` until it ends, in whose transaction everything happens.
    """

    session: Session
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    author: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an affordance has done, and a sentence about it.

    `changes` are properties of the row, held to its own `check` and made columns by it, as those of a
    PATCH are; the answer is then the row as it is now. Without any, it is the sentence and what is `told`.
    """

    message: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class When:
    """That an affordance is possible now: a pure function of some of the row's values, in this order.

    `otherwise` is said, after the row's name, where it is not.
    """

    needs: tuple[str, ...]
    holds: Callable[..., bool]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Affordance:
    """A transition that is more than setting properties: a link to where it is taken.

    `schema` is what its body may say. Where `when` does not hold, the link and the action are not shown,
    and taking it is a conflict. `run` does it, in the transaction that holds the row; it may refuse by
    raising `Invalid` (of `app.schema`), and is run again where a race is lost.
    """

    name: str
    title: str
    href: str
    meaning: str
    method: Method = "POST"
    schema: type[Schema] = NoBody
    when: When | None = None
    run: Callable[[Act], Outcome]

    refused: Mapping[str, str] = field(default_factory=dict, init=False)

    @property
    def rel(self) -> str:
        """The link relation that names it."""
        return self.name

    @property
    def methods(self) -> tuple[str, ...]:
        """What its address takes."""
        return (self.method, "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Founding:
    """Where something is made that belongs to no other: a client, a user."""

    name: str
    title: str
    href: str
    meaning: str

    @property
    def methods(self) -> tuple[str, ...]:
        """What its address takes."""
        return ("POST", "OPTIONS")
