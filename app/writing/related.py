"""The one resource that a relation leads to: it stands blank until it is first written."""

from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.db.reader import Run
from app.hypermedia import Relation, ResourceType
from app.query import Query
from app.reading import Caller
from app.validation import Values, changes
from app.writing.attempts import attempted
from app.writing.one import Read, delete, deleted, modify
from app.writing.writer import Reply, Request, Writer, Written, change, keys, loaded, said, values_of
from representations import Resource

Done = TypeVar("Done")


def write_related(
    writer: Writer,
    owner: ResourceType,
    relation: Relation,
    caller: Caller,
    owner_id: int,
    request: Request,
    query: Query,
    reply: Reply[Done],
) -> Done:
    """Updates or replaces it, creates what stands blank, or clears it.

    :raises Refusal: what cannot be written, and why.
    """
    target = writer.registry.target(relation)

    def read(run: Run | None, caller: Caller) -> Resource:
        return writer.catalogue.related(owner, relation, caller, owner_id, query, run)

    def attempt() -> Done:
        holder = values_of(writer.catalogue.row(owner, caller, owner_id))
        seen = writer.catalogue.related_row(relation, caller, owner_id)
        request.precondition.require_version(seen.value("version"))
        if request.method == "DELETE":
            return _clear(writer, owner, relation, caller, values_of(seen), reply)
        if seen.value("version"):
            return modify(writer, target, caller, seen, request, read, reply, holder)
        return _fill(writer, owner, relation, caller, holder, seen, request, read, reply)

    return attempted(attempt, target)


def _fill(
    writer: Writer,
    owner: ResourceType,
    relation: Relation,
    caller: Caller,
    holder: Values,
    blank: Resource,
    request: Request,
    read: Read,
    reply: Reply[Done],
) -> Done:
    """Creates the row that stood blank; where nothing is changed, it stays so."""
    target = writer.registry.target(relation)
    message = said(relation.name, holder["id"], "updated")
    sent = request.given(blank.properties)
    as_shown = {**request.options, "whole": False}
    if not changes(target, sent, values_of(blank), **as_shown):
        return reply(Written(read(None, caller), message))
    shown = relation.blank or {}
    new = {name: value for name, value in sent.items() if name not in shown or shown[name] != value}
    named = _named(writer, relation, caller, holder["id"])
    given = changes(target, named | new, None, **as_shown)
    columns = writer.columns(target, given | _uses(owner, relation, given), None, caller, holder)
    row = writer.new_row(target, caller, columns | keys(relation, holder["id"]))
    with writer.session(caller) as session:
        session.add(row)
        session.flush()
        return reply(Written(read(writer.reader.within(session), caller), message, session=session))


def _named(writer: Writer, relation: Relation, caller: Caller, owner_id: int) -> dict[str, Any]:
    """The values that a blank row shows; a name that another of the owner's rows has gets a number."""
    target = writer.registry.target(relation)
    unique = {name for name, _ in target.clashes.values()}
    named = dict(relation.blank or {})
    for name in unique.intersection(named):
        members = writer.catalogue.members(target, str(relation.child_key), caller, owner_id)
        taken = {each.value(name) for each in members}
        wanted, number = named[name], 2
        while named[name] in taken:
            named[name] = f"{wanted} ({number})"
            number += 1
    return named


def _uses(owner: ResourceType, relation: Relation, given: Values) -> dict[str, Any]:
    """The flag of a default, and its use; other uses only where they are asked for."""
    if relation.flag is None:
        return {}
    others = {use: given.get(use, False) for use in _all_uses(owner, relation)}
    return {**others, str(relation.use): True, relation.flag: True}


def _all_uses(owner: ResourceType, relation: Relation) -> list[str]:
    return [
        each.use
        for each in owner.relations
        if isinstance(each, Relation) and each.target == relation.target and each.use
    ]


def _clear(
    writer: Writer,
    owner: ResourceType,
    relation: Relation,
    caller: Caller,
    seen: Values,
    reply: Reply[Done],
) -> Done:
    """Takes the use from a default; the row goes with its last one. Nothing stored is nothing to do."""
    target = writer.registry.target(relation)
    message = said(relation.name, seen[str(relation.child_key)], "deleted")
    gone = deleted(writer, target, seen, message)

    def told(written: Written) -> Done:
        return reply(Written(gone, session=written.session))

    if not seen["version"]:
        return told(Written(gone))
    if not any(seen[use] for use in _all_uses(owner, relation) if use != relation.use):
        return delete(writer, target, caller, seen, told)
    with writer.session(caller) as session:
        _take(session, target, caller, seen, relation)
        return told(Written(gone, session=session))


def _take(session: Session, target: ResourceType, caller: Caller, seen: Values, relation: Relation) -> None:
    row = loaded(session, target, caller, seen)
    change(row, {str(relation.flag): False, str(relation.use): False})
    session.flush()
