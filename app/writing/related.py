"""The one resource that a relation leads to: it stands blank until it is first written."""

from typing import Any, TypeVar

from app.db.reader import Run
from app.db.tables import ROW_VERSION
from app.hypermedia import Relation, ResourceType
from app.query import Query
from app.reading import Caller
from app.schema import declared
from app.validation import Values, changes, checked, differing
from app.writing.attempts import attempted, watching
from app.writing.one import Read, deleted, modify
from app.writing.uses import give_up
from app.writing.writer import Reply, Request, Writer, Written, keys, said, values_of
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
        request.require(target, caller, seen)
        if request.method == "DELETE":
            return _clear(writer, owner, relation, caller, values_of(seen), request.base, reply)
        if seen.value(ROW_VERSION):
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
    message = said(f"{relation.name} of {owner.rel}", holder["id"], "updated")
    sent, shown = request.given(blank.properties), values_of(blank)
    new = differing(target, sent, shown, textual=request.textual)
    if not new and not _lacks(target, sent, request):
        changes(target, sent, shown, **request.options)  # which refuses what is unknown
        return reply(Written(read(None, caller), message))
    named = _named(writer, relation, caller, holder["id"])
    if request.method == "PUT":
        named = {name: value for name, value in named.items() if name in sent}
    new |= {name: value for name, value in sent.items() if name not in declared(target.schema)}
    author, uses = writer.author(caller, holder, request), _uses(owner, relation)
    given = checked(target, named | new, None, author, {**request.options, "whole": False}, uses)
    columns = target.row.columns(given, None, author)
    row = writer.new_row(target, caller, columns | keys(relation, holder["id"]))

    def changed() -> bool:
        chosen = _clashing(target).intersection(new)
        return (
            not chosen or writer.catalogue.related_row(relation, caller, holder["id"]).value(ROW_VERSION) > 0
        )

    with watching(changed), writer.session(caller) as session:
        session.add(row)
        session.flush()
        writer.note_changes(session, target, caller, row.id, given, request)
        return reply(Written(read(writer.reader.within(session), caller), message, session=session))


def _lacks(target: ResourceType, sent: Values, request: Request) -> bool:
    """Whether a PUT leaves out what is required."""
    required = (name for name, field in declared(target.schema).items() if field.required)
    return request.method == "PUT" and any(name not in sent for name in required)


def _named(writer: Writer, relation: Relation, caller: Caller, owner_id: int) -> dict[str, Any]:
    """The values that a blank row shows; a name that another of the owner's rows has gets a number."""
    target = writer.registry.target(relation)
    named = relation.unwritten
    for name in _clashing(target).intersection(named):
        members = writer.catalogue.members(target, str(relation.child_key), caller, owner_id)
        taken = {each.value(name) for each in members}
        wanted, number = named[name], 2
        while named[name] in taken:
            named[name] = f"{wanted} ({number})"
            number += 1
    return named


def _clashing(target: ResourceType) -> set[str]:
    """The properties whose values must be unique."""
    return {name for name, _ in target.clashes.values()}


def _uses(owner: ResourceType, relation: Relation) -> dict[str, Any]:
    """The flag of a default, and its use; other uses only where they are asked for."""
    if relation.flag is None:
        return {}
    return {**dict.fromkeys(_all_uses(owner, relation), False), str(relation.use): True, relation.flag: True}


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
    base: str,
    reply: Reply[Done],
) -> Done:
    """Takes the use from a default; the row goes with its last one. Nothing stored is nothing to do."""
    target = writer.registry.target(relation)
    named, owner_id = f"{relation.name} of {owner.rel}", seen[str(relation.child_key)]
    stored = (
        said(named, owner_id, "deleted") if seen[ROW_VERSION] else f"{named} {owner_id} is blank already."
    )
    gone = deleted(writer, target, seen, stored)

    if not seen[ROW_VERSION]:
        return reply(Written(gone))
    cleared = {str(relation.flag): False, str(relation.use): False}
    others = [use for use in _all_uses(owner, relation) if use != relation.use]
    return give_up(writer, target, caller, seen, cleared, others, base, gone, reply)
