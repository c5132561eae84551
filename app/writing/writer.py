"""The tools that all writes have in common."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine, Integer, String, bindparam, select
from sqlalchemy.orm import Session

from app.audit import Event, Facts, audit
from app.catalogue import Catalogue
from app.db.ids import NO_STORE, Ids, IdsExhausted
from app.db.reader import Reader
from app.db.sessions import StoreSession, store_session
from app.db.tables import ROW_VERSION, Author, Base, StoreRow, now
from app.emails import fold_email
from app.encryption import Cipher
from app.errors import Refusal
from app.events import has_recorded
from app.hypermedia import Registry, Relation, ResourceType
from app.payloads import query_fault
from app.reading import Caller
from app.resources.customer import Customer
from app.resources.store import Store
from app.schema import audited, secrets
from app.validation import Values
from app.writing.attempts import Raced, attempted
from app.writing.joint import Joint, Supplies, current, hashing, joining
from app.writing.request import Allow as Allow
from app.writing.request import Permit as Permit
from app.writing.request import Reply as Reply
from app.writing.request import Request as Request
from app.writing.request import Written as Written
from app.writing.request import anything as anything
from app.writing.request import whatever as whatever
from representations import Resource

Done = TypeVar("Done")


_NOTED = "changes of the audit trail"


class Writer:
    """The tools of all writes.

    `url_fault` says what the operator has against an address that a webhook is to be told at.
    `tell` is called with a store's id when a transaction is committed that has left events to be told:
    it must cost next to nothing, and never fail.
    """

    def __init__(
        self,
        registry: Registry,
        catalogue: Catalogue,
        engine: Engine,
        reader: Reader,
        cipher: Cipher,
        *,
        allow_weak_hashes: bool = False,
        sandbox: bool = False,
        ids: Ids | None = None,
        tell: Callable[[int], None] = lambda _: None,
        url_fault: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.registry, self.catalogue, self.reader, self.sandbox = registry, catalogue, reader, sandbox
        self._engine = engine
        self._cipher = cipher
        self._allow_weak_hashes = allow_weak_hashes
        self._ids = ids or Ids(engine)
        self.tell, self._url_fault = tell, url_fault
        chosen = (Store.customer_password_hash_type, Store.customer_password_hash_config)
        here = Store.id == bindparam("store", type_=Integer)
        self._hashing = reader.prepare(select(*chosen).where(here))
        of_store = Customer.store_id == bindparam("store", type_=Integer)
        named = Customer.email_key == bindparam("email_key", type_=String)
        registered = select(Customer.id).where(of_store, Customer.is_anonymous.is_(False), named)
        self._registered = reader.prepare(registered)

    def beside(self, registry: Registry, catalogue: Catalogue) -> "Writer":
        """The tools of another face's writes: of all but its resources they are the same."""
        return Writer(
            registry,
            catalogue,
            self._engine,
            self.reader,
            self._cipher,
            allow_weak_hashes=self._allow_weak_hashes,
            sandbox=self.sandbox,
            ids=self._ids,
            tell=self.tell,
            url_fault=self._url_fault,
        )

    @contextmanager
    def session(self, caller: Caller) -> Iterator[StoreSession]:
        """A transaction in the caller's store; what was noted in it stands in the audit trail afterwards.

        Within `together` it is the one that all share.
        """
        if (joint := current()) is not None:
            with joint.shared() as session:
                yield session
            return
        with store_session(self._engine, caller.store_id) as session:
            yield session
        self._committed(session)

    def together(self, caller: Caller, work: Callable[[], Done]) -> Done:
        """What some work gives whose reads and writes, all by this thread, are one transaction.

        It happens as a whole or, where it raises anything or one of its writes fails, not at all. It may be
        done several times over, so it must leave no other traces. Work within such work is a part of it.

        :raises Refusal: 409 where the store has used up its ids, 503 where it loses every race.
        :raises Unavailable: when the database does not answer.
        """
        if current() is not None:
            return work()
        supplies = Supplies(self._ids)

        def attempt() -> Done:
            while True:
                try:
                    return self._joined(caller, work, supplies)
                except Raced:
                    if not supplies.are_lacking:
                        raise
                try:
                    supplies.procure()
                except IdsExhausted as error:
                    raise Refusal.of(409, "the store has no ids left for all of this") from error

        return attempted(attempt)

    def _joined(self, caller: Caller, work: Callable[[], Done], supplies: Supplies) -> Done:
        with store_session(self._engine, caller.store_id) as session:
            _take_turn(session)
            joint = Joint(session, supplies)
            with self.reader.joining(session), joining(joint):
                try:
                    done = work()
                except Exception as error:
                    if isinstance(joint.failure, Raced):
                        raise joint.failure from error
                    raise
            if joint.failure is not None:
                raise joint.failure
            if supplies.are_lacking:
                raise Raced
        supplies.give_back(joint.taken)
        self._committed(session)
        return done

    def _committed(self, session: StoreSession) -> None:
        """Tells of what a transaction has left."""
        if has_recorded(session):
            self.tell(session.store_id)
        for event, facts in session.info.get(_NOTED, ()):
            audit(event, **facts)

    def note_changes(
        self,
        session: Session,
        resource_type: ResourceType,
        caller: Caller,
        row_id: int,
        given: Values,
        request: Request,
    ) -> None:
        """Notes by name which secrets and the like a write changes: the trail tells of it once committed."""
        told: dict[Event, frozenset[str]] = {
            "secret_changed": secrets(resource_type.schema),
            "account_changed": audited(resource_type.schema),
        }
        for event, names in told.items():
            if changed := sorted(names & given.keys()):
                facts = Facts(
                    store_id=caller.store_id,
                    client=caller.client,
                    address=request.address,
                    resource=resource_type.name,
                    resource_id=row_id,
                    properties=",".join(changed),
                )
                session.info.setdefault(_NOTED, []).append((event, facts))

    def author(self, caller: Caller, owner: Values, request: Request) -> Author:
        """What rows need to know of who writes them.

        :param owner: the values of the row to which they belong.
        """
        return Author(
            client=caller.client,
            chosen=partial(self._chosen, caller),
            allow_weak_hashes=self._allow_weak_hashes,
            hash=hashing(request.hash),
            encrypt=self._cipher.encrypt,
            owner=owner,
            knows=request.knows,
            moment=caller.zone.moment,
            query_fault=partial(query_fault, self.registry),
            url_fault=self._url_fault,
        )

    def registered(self, caller: Caller, email: str) -> int | None:
        """The customer of the caller's store who is registered with an email, if there is one."""
        rows = self.reader.run(self._registered, caller.parameters | {"email_key": fold_email(email)})
        return rows[0][0] if rows else None

    def _chosen(self, caller: Caller) -> tuple[str, str | None]:
        """How the caller's store hashes its customers' passwords; who has none does as new stores do."""
        rows = self.reader.run(self._hashing, caller.parameters)
        return (rows[0][0], rows[0][1]) if rows else ("bcrypt", None)

    def new_row(self, resource_type: ResourceType, caller: Caller, columns: Mapping[str, Any]) -> Any:
        """A row with an id of its own, not yet written. To be called before a transaction of its own begins.

        :raises Refusal: 409 where the store has used up its ids.
        """
        row_type: Any = resource_type.row
        store_id = caller.store_id if issubclass(row_type, StoreRow) else NO_STORE
        take_id = self._ids.take if (joint := current()) is None else joint.take_id
        try:
            row_id = take_id(store_id, row_type.__tablename__)
        except IdsExhausted as error:
            raise Refusal.of(409, f"the store has no ids left for another {resource_type.rel}") from error
        return row_type(id=row_id, **columns)


def _take_turn(session: StoreSession) -> None:
    """Begins a transaction that several writes share: those of one store are made one after the other.

    They write rows in whatever order their clients have chosen, so those that had rows in common would wait
    for each other for good, until PostgreSQL ends one of them: that takes it a second each time. The store's
    own row is held in a way that only who changes the store waits for, not who writes rows that belong to it.
    SQLite has one at a time anyway.
    """
    held = select(Store.id).where(Store.id == session.store_id).with_for_update(key_share=True)
    session.execute(held)


def loaded(
    session: Session, resource_type: ResourceType, caller: Caller, seen: Values, *, hold: bool = False
) -> Base:
    """The row as it was seen, to be changed.

    :param hold: keep others from changing it meanwhile. SQLite does that by itself.
    :raises Raced: where it has been changed or deleted since.
    """
    row_type = resource_type.row
    key: Any = (caller.store_id, seen["id"]) if issubclass(row_type, StoreRow) else seen["id"]
    row: Any = session.get(row_type, key, with_for_update=hold or None)
    if row is None or row.version != seen[ROW_VERSION]:
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
    return {
        name: value
        for name, value in columns.items()
        if name not in current or not _is_shown_as(value, current[name])
    }


def _is_shown_as(value: Any, shown: Any) -> bool:
    if isinstance(value, datetime) and isinstance(shown, str):
        return value == datetime.fromisoformat(shown)
    return bool(value == shown)


def keys(relation: Relation, owner_id: int) -> dict[str, Any]:
    """The columns by which a new row names its owner; every row names its store anyway."""
    return {} if relation.child_key == "store_id" else {str(relation.child_key): owner_id}


def said(rel: str, row_id: int, done: str) -> str:
    """hAPI's sentence about a write (§5.1)."""
    return f"{rel} {row_id} {done} successfully."
