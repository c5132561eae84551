"""What every write has in common: the request, what it has done, and the tools for both."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.catalogue import Catalogue
from app.conditions import NO_PRECONDITION, Precondition
from app.db.ids import Ids, IdsExhausted
from app.db.reader import Reader
from app.db.sessions import StoreSession, store_session
from app.db.tables import Author, Base, StoreRow, now
from app.encryption import Cipher
from app.errors import Refusal
from app.hypermedia import Registry, Relation, ResourceType
from app.passwords import hash_password
from app.reading import Caller
from app.validation import Values
from app.writing.attempts import Raced
from representations import Body, JsonPatch, Malformed, PatchConflict, Resource

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Request:
    """A write as it was asked for; `tag` says what the tag of a resource would be for this client."""

    method: str
    body: Body | JsonPatch
    lenient: bool = False
    precondition: Precondition = NO_PRECONDITION
    tag: Callable[[Resource], str] = lambda _: ""
    hashes: dict[tuple[str, str, str | None], str] = field(default_factory=dict, repr=False)

    @property
    def options(self) -> dict[str, bool]:
        """How the body is to be understood, for `app.validation.changes`."""
        return {"whole": self.method == "PUT", "textual": self.textual, "lenient": self.lenient}

    @property
    def textual(self) -> bool:
        """Whether its values are text that is yet to be typed."""
        return isinstance(self.body, Body) and self.body.textual

    def hash(self, password: str, hash_type: str, config: str | None) -> str:
        """The hash of a password, made once however often the write is attempted: it takes its time."""
        key = (password, hash_type, config)
        if key not in self.hashes:
            self.hashes[key] = hash_password(*key)
        return self.hashes[key]

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
    """

    resource: Resource
    message: str = ""
    status: int = 200
    session: Session | None = None


Reply = Callable[[Written], Done]
"""Makes the answer to a write, before that is committed."""


class Writer:
    """The tools of all writes."""

    def __init__(
        self, registry: Registry, catalogue: Catalogue, engine: Engine, reader: Reader, cipher: Cipher
    ) -> None:
        self.registry, self.catalogue, self.reader = registry, catalogue, reader
        self._engine = engine
        self._cipher = cipher
        self._ids = Ids(engine)

    def session(self, caller: Caller) -> AbstractContextManager[StoreSession]:
        """A transaction in the caller's store."""
        return store_session(self._engine, caller.store_id)

    def author(self, caller: Caller, owner: Values, request: Request) -> Author:
        """What rows need to know of who writes them.

        :param owner: the values of the row to which they belong.
        """
        store = self.catalogue.row(self.registry.types["store"], caller, caller.store_id)
        return Author(
            client=caller.client,
            hash_type=store.value("customer_password_hash_type"),
            hash_config=store.value("customer_password_hash_config"),
            hash=request.hash,
            encrypt=self._cipher.encrypt,
            owner=owner,
        )

    def new_row(self, resource_type: ResourceType, caller: Caller, columns: Mapping[str, Any]) -> StoreRow:
        """A row with an id of its own, not yet written. To be called before a transaction begins.

        :raises Refusal: 409 where the store has used up its ids.
        """
        row_type = resource_type.row
        assert issubclass(row_type, StoreRow)
        try:
            row_id = self._ids.take(caller.store_id, row_type.__tablename__)
        except IdsExhausted as error:
            raise Refusal.of(409, f"the store has no ids left for another {resource_type.rel}") from error
        return row_type(id=row_id, **columns)


def loaded(session: Session, resource_type: ResourceType, caller: Caller, seen: Values) -> Base:
    """The row as it was seen, to be changed.

    :raises Raced: where it has been changed or deleted since.
    """
    row_type = resource_type.row
    key: Any = (caller.store_id, seen["id"]) if issubclass(row_type, StoreRow) else seen["id"]
    row: Any = session.get(row_type, key)
    if row is None or row.version != seen["version"]:
        raise Raced
    assert isinstance(row, Base)
    return row


def change(row: Base, columns: Mapping[str, Any]) -> None:
    """Sets columns of a row, and when it was modified."""
    for name, value in {**columns, "date_modified": now()}.items():
        setattr(row, name, value)


def values_of(resource: Resource) -> dict[str, Any]:
    """All values of a row by name, shown or not."""
    return {name: resource.values[at] for name, at in resource.shape.index.items()}


def altered(columns: Values, current: Values) -> dict[str, Any]:
    """The columns that are not as they are shown: what is blank is so in more than one way."""
    return {name: value for name, value in columns.items() if name not in current or current[name] != value}


def keys(relation: Relation, owner_id: int) -> dict[str, Any]:
    """The columns by which a new row names its owner; every row names its store anyway."""
    return {} if relation.child_key == "store_id" else {str(relation.child_key): owner_id}


def said(rel: str, row_id: int, done: str) -> str:
    """hAPI's sentence about a write (§5.1)."""
    return f"{rel} {row_id} {done} successfully."
