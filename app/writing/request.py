"""A write as it was asked for, and what it has done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from sqlalchemy.orm import Session

from app.conditions import NO_PRECONDITION, Precondition
from app.db.tables import ROW_VERSION
from app.errors import Refusal
from app.hypermedia import ResourceType
from app.passwords import Hashed, hash_password
from app.reading import Caller
from app.validation import Values
from representations import Body, JsonPatch, Malformed, PatchConflict, Resource

Done = TypeVar("Done")

Permit = Callable[[ResourceType, Caller, Resource | None], None]
"""Holds a caller's write of a resource, or of a new one (None), against what they may do.

It raises a Refusal, 403, where they may not.
"""


Allow = Callable[[ResourceType, Caller, Resource, Values], None]
"""Holds what a caller changes of a resource, checked, against what they may; it raises a Refusal too."""


def whatever(_type: ResourceType, _caller: Caller, _seen: Resource, _given: Values) -> None:
    """Who may write this may change it as they like."""


def anything(_type: ResourceType, _caller: Caller, _seen: Resource | None) -> None:
    """Who may write at all may write this."""


@dataclass(frozen=True, slots=True)
class Request:
    """A write as it was asked for, below `base`; `tag` says what the tag of a resource would be for this
    client.

    `address` is the client's. `permit`, `allow` and `knows` are for customers who write of themselves: what
    they may write, and change it to, and whether a password is their own. `make_hash` makes what is stored
    of a password.
    """

    method: str
    body: Body | JsonPatch
    address: str = ""
    base: str = ""
    lenient: bool = False
    precondition: Precondition = NO_PRECONDITION
    tag: Callable[[Resource], str] = lambda _: ""
    permit: Permit = anything
    allow: Allow = whatever
    knows: Callable[[str], bool] | None = None
    make_hash: Callable[[str, str, str | None], Hashed] = field(default=hash_password, repr=False)
    hashes: dict[tuple[str, str, str | None], Hashed] = field(default_factory=dict, repr=False)

    @property
    def options(self) -> dict[str, bool]:
        """How the body is to be understood, for `app.validation.changes`."""
        return {"whole": self.method == "PUT", "textual": self.textual, "lenient": self.lenient}

    @property
    def textual(self) -> bool:
        """Whether its values are text that is yet to be typed."""
        return isinstance(self.body, Body) and self.body.textual

    def hash(self, password: str, hash_type: str, config: str | None) -> Hashed:
        """What is stored of a password, made once however often the write is attempted: it takes its time."""
        key = (password, hash_type, config)
        if key not in self.hashes:
            self.hashes[key] = self.make_hash(*key)
        return self.hashes[key]

    def require(self, resource_type: ResourceType, caller: Caller, seen: Resource) -> None:
        """Holds the resource that was seen against what the caller may do and expects.

        :raises Refusal: 403 where they may not write it, 412 where it is another than they saw.
        """
        self.permit(resource_type, caller, seen)
        self.precondition.require_version(seen.value(ROW_VERSION))

    def given(self, seen: Values) -> Values:
        """The properties that the body gives; a JSON Patch is applied to those that were seen.

        :raises Refusal: 409 where a patch does not fit what is there, 400 where it makes no sense.
        """
        if isinstance(self.body, Body):
            return self.body.properties
        try:
            patched = self.body.apply(dict(seen))
        except PatchConflict as error:
            raise Refusal.of(409, str(error), code="patch_conflict") from error
        except Malformed as error:
            raise Refusal.of(400, error.message, code="malformed_body") from error
        return patched | {name: None for name in seen if name not in patched}


@dataclass(frozen=True, slots=True)
class Written:
    """What a write has done: the resource as it is now, and a sentence about it.

    `session` is the transaction that is about to be committed; None where nothing was to be written.
    `told` are members that this one answer has besides: secrets, which cannot be read again. `tells`
    says whether the answer is the resource, the sentence, or both.
    """

    resource: Resource
    message: str = ""
    status: int = 200
    session: Session | None = None
    told: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tells: Literal["resource", "message", "both"] = "resource"


Reply = Callable[[Written], Done]
"""Makes the answer to a write, before that is committed."""
