"""One resource is updated, replaced or deleted.

What a write needs is worked out before its transaction begins: read on a kept connection, checked,
hashed. The transaction is short: it writes only if the row still has the version that was read, and
the answer is read back in it, so that the client is told what was committed.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from app.auth.scopes import STORE_FULL_ACCESS
from app.db.reader import Run
from app.db.tables import StoreRow
from app.errors import Refusal
from app.events import DELETED, note_deletion
from app.hypermedia import Registry, Relation, ResourceType
from app.payloads import payload
from app.query import Query
from app.reading import Caller
from app.resources.webhook import Webhook
from app.validation import Values, checked
from app.writing.attempts import attempted
from app.writing.defaults import make_way
from app.writing.reattaching import reattached
from app.writing.writer import Reply, Request, Writer, Written, altered, change, loaded, said, values_of
from app.zones import zone
from representations import Resource, Shape
from representations.model import template_parts

Done = TypeVar("Done")
Read = Callable[[Run | None, Caller], Resource]


def write_one(
    writer: Writer,
    resource_type: ResourceType,
    caller: Caller,
    row_id: int,
    request: Request,
    query: Query,
    reply: Reply[Done],
) -> Done:
    """Updates, replaces or deletes one resource.

    :raises Refusal: what cannot be written, and why.
    """

    def read(run: Run | None, caller: Caller) -> Resource:
        return writer.catalogue.one(resource_type, caller, row_id, query, run)

    def attempt() -> Done:
        seen = writer.catalogue.row(resource_type, caller, row_id)
        request.require(resource_type, caller, seen)
        if request.method == "DELETE":
            return delete(writer, resource_type, caller, values_of(seen), request.base, reply)
        owner = _owner(writer, resource_type, caller, seen)
        return modify(writer, resource_type, caller, seen, request, read, reply, owner)

    return attempted(attempt, resource_type)


def _owner(writer: Writer, resource_type: ResourceType, caller: Caller, seen: Resource) -> Values:
    """The values of the row that one belongs to, where its own writes are judged by them."""
    for each in resource_type.relations if resource_type.asked_of_owner else ():
        if isinstance(each, Relation) and each.own_key and (owner_id := seen.value(each.own_key)):
            target = writer.registry.target(each)
            if set(resource_type.asked_of_owner) <= set(target.table.c.keys()):
                return values_of(writer.catalogue.row(target, caller, owner_id))
    return {}


def modify(
    writer: Writer,
    resource_type: ResourceType,
    caller: Caller,
    seen: Resource,
    request: Request,
    read: Read,
    reply: Reply[Done],
    owner: Values | None = None,
) -> Done:
    """Writes what the request changes in a row that has been seen.

    :raises Raced: where the row has been changed since.
    """
    current = values_of(seen)
    message = said(resource_type.rel, current["id"], "updated")
    author = writer.author(caller, owner or {}, request)
    given = checked(resource_type, request.given(seen.properties), current, author, request.options)
    request.allow(resource_type, caller, seen, given)
    columns = altered(resource_type.row.columns(given, current, author), current)
    if not columns:
        return reply(Written(read(None, caller), message))
    with writer.session(caller) as session:
        row = reattached(session, resource_type, caller, current)
        make_way(session, row, columns)
        change(row, columns)
        writer.note_changes(session, resource_type, caller, current["id"], given, request)
        session.flush()
        if resource_type.name == "store" and "timezone" in columns:
            caller = replace(caller, zone=zone(columns["timezone"]))  # its dates are shown in it at once
        return reply(Written(read(writer.reader.within(session), caller), message, session=session))


def delete(
    writer: Writer, resource_type: ResourceType, caller: Caller, seen: Values, base: str, reply: Reply[Done]
) -> Done:
    """Deletes a row that has been seen, with what belongs to it; what only names it is unlinked.

    :param base: what links begin with in what webhooks are told of it.
    :raises Raced: where the row has been changed since.
    :raises Refusal: 409 where something cannot be without it.
    """
    with writer.session(caller) as session:
        row = loaded(session, resource_type, caller, seen)
        if isinstance(row, StoreRow) and DELETED in row.told:
            note_deletion(session, row, _last_words(writer, session, resource_type, caller, row.id, base))
        _unlink(writer, session, resource_type, caller, seen["id"])
        session.delete(row)
        session.flush()
        message = said(resource_type.rel, seen["id"], "deleted")
        return reply(Written(deleted(writer, resource_type, seen, message), session=session))


def _last_words(
    writer: Writer, session: Session, resource_type: ResourceType, caller: Caller, row_id: int, base: str
) -> dict[int, str]:
    """What each webhook is told of a resource that is about to be deleted, as it was."""
    wanted = (Webhook.store_id == caller.store_id, Webhook.event_resource == resource_type.name)
    receivers = session.execute(select(Webhook.id, Webhook.url, Webhook.query).where(*wanted)).all()
    store = replace(caller, client="", scope=STORE_FULL_ACCESS)
    run = writer.reader.within(session)
    return {
        each.id: payload(
            writer.catalogue, writer.registry, resource_type, store, row_id, each, base, run
        ).decode()
        for each in receivers
    }


def deleted(writer: Writer, resource_type: ResourceType, seen: Values, message: str) -> Resource:
    """What is said of a resource that is gone: a message, and links to what it belonged to."""
    shape = _gone(writer.registry, resource_type)
    return Resource(shape, (message, *(seen.get(name) for name in shape.hidden)))


@lru_cache(maxsize=64)
def _gone(registry: Registry, resource_type: ResourceType) -> Shape:
    """Made once for each type: formats compile each shape that they meet."""
    shape = registry.shape(resource_type)
    owners = {
        registry.rel(each.name)
        for each in resource_type.relations
        if isinstance(each, Relation) and (each.own_key or each.name == "store")
    }
    links = tuple(link for link in shape.links if link.rel in owners)
    slots = tuple({name for link in links for _, name in template_parts(link.href) if name})
    return Shape(None, ("message",), links, hidden=slots, curie=shape.curie)


def _unlink(
    writer: Writer, session: Session, resource_type: ResourceType, caller: Caller, row_id: int
) -> None:
    """Sees to the rows that name this one and do not go with it."""
    about = f"{resource_type.rel} {row_id}"
    for dependent in writer.registry.types.values():
        for column in _loose_keys(dependent, resource_type):
            row: Any = dependent.row
            named = getattr(row, column) == row_id
            _require_none_active(session, dependent, [named, row.store_id == caller.store_id], about)
            if dependent.table.c[column].nullable:
                unlinked = update(row).where(named, row.store_id == caller.store_id)
                session.execute(unlinked.values({column: None, "version": row.version + 1}))
            elif session.scalar(select(exists().where(named, row.store_id == caller.store_id))):
                message = f"{about} has {dependent.name}s: they come first"
                raise Refusal.of(409, message, code="has_dependents")


def _require_none_active(
    session: Session, dependent: ResourceType, such: list[ColumnElement[bool]], about: str
) -> None:
    """Refuses to delete what rows name that are active.

    :raises Refusal: 409.
    """
    if dependent.active and session.scalar(select(exists().where(*such, dependent.active(dependent.table)))):
        message = f"{about} has active {dependent.name}s: they come first"
        raise Refusal.of(409, message, code="has_dependents")


@lru_cache(maxsize=256)
def _loose_keys(dependent: ResourceType, resource_type: ResourceType) -> list[str]:
    """The columns of a type's table that name rows of another and do not cascade."""
    if not issubclass(dependent.row, StoreRow):
        return []
    return [
        constraint.column_keys[-1]
        for constraint in dependent.table.foreign_key_constraints
        if constraint.referred_table is resource_type.table
        and constraint.ondelete is None
        and len(constraint.column_keys) > 1
    ]
