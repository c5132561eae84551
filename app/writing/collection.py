"""A collection: one member or many are added, or all of them are brought in line with a body."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.reader import Run
from app.db.tables import ROW_VERSION, Author, Base, StoreRow
from app.errors import Fault, Refusal
from app.hypermedia import PAGE_PROPERTIES, ResourceType
from app.query import Query
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.schema import declared
from app.validation import Values, checked
from app.writing.attempts import Raced, attempted, watching
from app.writing.checkout import record
from app.writing.defaults import make_way
from app.writing.place import Place, hold, require, single
from app.writing.subscribing import subscribe
from app.writing.writer import Reply, Request, Writer, Written, altered, change, keys, loaded, said, values_of
from representations import Body, Resource

MOST_MEMBERS = 1000

Done = TypeVar("Done")


@dataclass(slots=True)
class Plan:
    """What bringing a collection in line takes: rows to add, to change and to delete."""

    added: list[StoreRow] = field(default_factory=list)
    changed: list[tuple[Values, Mapping[str, Any]]] = field(default_factory=list)
    dropped: list[Values] = field(default_factory=list)
    given: list[tuple[int, Values]] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """How many rows of each kind."""
        counts = (len(self.added), len(self.changed), len(self.dropped))
        done = zip(counts, ("created", "updated", "deleted"), strict=True)
        return ", ".join(f"{count} {word}" for count, word in done if count) or "nothing to change"


def write_collection(
    writer: Writer, place: Place, request: Request, query: Query, reply: Reply[Done]
) -> Done:
    """Adds to a collection (POST), merges into it (PATCH) or replaces it (PUT).

    :raises Refusal: what cannot be written, and why.
    """

    def attempt() -> Done:
        request.permit(place.target, place.caller, None)
        owner = values_of(writer.catalogue.row(place.owner, place.caller, place.owner_id))
        if request.method == "POST" and (alone := single(place.target, request)) is not None:
            make = _MAKERS.get(place.target.row, _create)
            made: Done = make(writer, place, owner, request, alone, query, reply)
            return made
        return _align(writer, place, owner, request, query, reply)

    return attempted(attempt, place.target)


def _create(
    writer: Writer,
    place: Place,
    owner: Values,
    request: Request,
    alone: Values,
    query: Query,
    reply: Reply[Done],
) -> Done:
    caller, target = place.caller, place.target
    author = writer.author(caller, owner, request)
    options, beside = {**request.options, "whole": False}, place.beside(alone)
    given = checked(target, alone, None, author, options, beside)
    columns = target.row.columns(given, None, author)
    row = writer.new_row(target, caller, columns | keys(place.relation, place.owner_id))
    with writer.session(caller) as session:
        require(writer, place, request, query, session)
        make_way(session, row, columns)
        session.add(row)
        session.flush()
        writer.note_changes(session, target, caller, row.id, given, request)
        resource = writer.catalogue.one(target, caller, row.id, query, writer.reader.within(session))
        return reply(Written(resource, said(target.rel, row.id, "created"), 201, session))


_MAKERS: Mapping[type[Base], Callable[..., Any]] = {Transaction: record, Subscription: subscribe}
"""How one is made whose POST writes more than its own row."""


def _align(
    writer: Writer, place: Place, owner: Values, request: Request, query: Query, reply: Reply[Done]
) -> Done:
    """Many at once. Members are told apart by the properties that name them."""
    members = _members(writer, place)
    author = writer.author(place.caller, owner, request)
    plan = _plan(writer, place, author, request, members)
    caller, catalogue = place.caller, writer.catalogue

    def changed() -> bool:
        return _seen(_members(writer, place)) != _seen(members)

    with watching(changed), writer.session(caller) as session:
        hold(session, place)
        require(writer, place, request, query, session)
        run = writer.reader.within(session)
        if _seen(_members(writer, place, run)) != _seen(members):
            raise Raced
        _carry_out(session, place, plan)
        for row_id, given in plan.given:
            writer.note_changes(session, place.target, caller, row_id, given, request)
        resource = catalogue.page(place.owner, place.relation, caller, place.owner_id, query, run)
        status = 201 if request.method == "POST" and plan.added else 200
        return reply(Written(resource, f"{place.relation.name}: {plan.summary}.", status, session))


def _members(writer: Writer, place: Place, run: Run | None = None) -> list[Resource]:
    """All members that the caller sees, as they are now."""
    key = str(place.relation.child_key)
    return writer.catalogue.members(place.target, key, place.caller, place.owner_id, run)


def _seen(members: Iterable[Resource]) -> set[tuple[int, int]]:
    return {(each.value("id"), each.value(ROW_VERSION)) for each in members}


def _carry_out(session: Session, place: Place, plan: Plan) -> None:
    held = _load(session, place, [*plan.dropped, *(seen for seen, _ in plan.changed)])
    for seen in plan.dropped:
        session.delete(loaded(session, place.target, place.caller, seen))
    session.flush()  # what is dropped frees its name for what is added
    for seen, columns in plan.changed:
        change(loaded(session, place.target, place.caller, seen), columns)
    session.add_all(plan.added)
    session.flush()
    del held


def _load(session: Session, place: Place, seen: Iterable[Values]) -> Sequence[Any]:
    """The rows that were seen, all by one statement: while they are held, the session finds them again."""
    row: Any = place.target.row
    ids = [each["id"] for each in seen]
    wanted = select(row).where(row.store_id == place.caller.store_id, row.id.in_(ids))
    return session.scalars(wanted).all() if ids else []


def _plan(
    writer: Writer, place: Place, author: Author, request: Request, members: Sequence[Resource]
) -> Plan:
    plan, faults = Plan(), list[Fault]()
    by_name = _by_name(place.target, members) if request.method != "POST" else {}
    matched: set[Any] = set()
    for number, item in enumerate(_items(place, request)):
        try:
            member = _match(place.target, item, by_name)
            about = _named(place.target, item) if member is None else member.value("id")
            if about in matched:
                raise Refusal.of(400, "name is given more than once", properties=["name"], code="repeated")
            matched.add(about)
            _add(writer, place, author, request, item, member, plan)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            faults += [replace(each, property=f"[{number}].{each.property}") for each in refusal.faults]
    if faults:
        raise Refusal(400, tuple(faults))
    if request.method == "PUT":
        plan.dropped = [values_of(each) for each in members if each.value("id") not in matched]
    return plan


def _add(
    writer: Writer,
    place: Place,
    author: Author,
    request: Request,
    item: Values,
    member: Resource | None,
    plan: Plan,
) -> None:
    """Notes what one item of the body changes."""
    target = place.target
    current = values_of(member) if member is not None else None
    given = checked(target, item, current, author, request.options)
    columns = target.row.columns(given, current, author)
    if current is None:
        named = columns | keys(place.relation, place.owner_id)
        row = writer.new_row(target, place.caller, named)
        plan.added.append(row)
        plan.given.append((row.id, given))
    elif columns := altered(columns, current):
        plan.changed.append((current, columns))
        plan.given.append((current["id"], given))


def _items(place: Place, request: Request) -> Sequence[Values]:
    """What the body lists.

    :raises Refusal: 400 where it lists nothing, too much, or only a part of what it would replace.
    """
    body = request.body
    assert isinstance(body, Body)
    total, items = body.properties.get("total_items"), body.items
    if body.properties.keys() - PAGE_PROPERTIES:
        items = (body.properties,)
    elif items is None and str(total) == "0":
        items = ()
    if items is None:
        message = f"the body lists nothing: send an array of {place.target.rel} objects"
        raise Refusal.of(400, message, code="malformed_body")
    if len(items) > MOST_MEMBERS:
        message = f"the body lists {len(items)}, at most {MOST_MEMBERS} are written at once"
        raise Refusal.of(400, message, code="too_many")
    if request.method == "PUT" and total is not None and str(total) != str(len(items)):
        message = f"the page shows {len(items)} of {total}: replacing all by it would delete the others"
        raise Refusal.of(400, message, properties=["total_items"], code="partial_page")
    return items


def _named(target: ResourceType, item: Values) -> tuple[str, ...]:
    """What a new member would be told apart by."""
    known = declared(target.schema)
    defaults = ((name, known[name].metadata["default"]) for name in target.named_by)
    return tuple(str(item.get(name) or default) for name, default in defaults)


def _by_name(target: ResourceType, members: Iterable[Resource]) -> Mapping[str, Sequence[Resource]]:
    """The members by the first of the properties that name them, so that many are found at once."""
    found = defaultdict[str, list[Resource]](list)
    for each in members:
        found[each.value(target.named_by[0])].append(each)
    return found


def _match(target: ResourceType, item: Values, by_name: Mapping[str, Sequence[Resource]]) -> Resource | None:
    """The member that an item of the body is about; a POST is about none that is there.

    :raises Refusal: 400 where it may be one of several.
    """
    name, *others = target.named_by
    given = item.get(name)
    found = by_name.get(given, ()) if isinstance(given, str) else ()
    for other in others:
        if item.get(other) not in (None, ""):
            found = [each for each in found if each.value(other) == item[other]]
    if len(found) > 1:
        message = f"{name} is that of {len(found)} here: say which {' and '.join(others)} is meant"
        raise Refusal.of(400, message, properties=[name], code="ambiguous")
    return found[0] if found else None
