"""An affordance is taken: what it does to the row that offers it happens in one transaction."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.db.tables import Author
from app.errors import Refusal
from app.hypermedia import ResourceType
from app.query import Query
from app.reading import Caller
from app.schema import Invalid
from app.transitions import Act, Affordance, Outcome
from app.validation import Values, changes, fault, require_fit
from app.writing.attempts import attempted
from app.writing.writer import Reply, Request, Writer, Written, altered, change, loaded, values_of
from representations import Body

Done = TypeVar("Done")


def take(
    writer: Writer,
    owner: ResourceType,
    affordance: Affordance,
    caller: Caller,
    row_id: int,
    request: Request,
    query: Query,
    reply: Reply[Done],
) -> Done:
    """Does what an affordance of a row says, where that is possible now.

    :raises Refusal: 409 where it is not, and whatever else cannot be done, and why.
    """

    def attempt() -> Done:
        seen = writer.catalogue.row(owner, caller, row_id)
        request.require(owner, caller, seen)
        current = values_of(seen)
        require_possible(owner, affordance, current)
        given = _given(affordance, request)
        author = writer.author(caller, current, request)
        with writer.session(caller) as session:
            row = loaded(session, owner, caller, current, hold=True)
            outcome = _run(affordance, session, current, given, author)
            request.allow(owner, caller, seen, outcome.changes)
            if columns := _columns(owner, outcome, current, author):
                change(row, columns)
                session.flush()
            return reply(_written(writer, owner, caller, current["id"], session, outcome, query))

    return attempted(attempt, owner)


def require_possible(owner: ResourceType, affordance: Affordance, current: Values) -> None:
    """Holds an affordance's condition against the row that offers it.

    :raises Refusal: 409 where it does not hold, saying why.
    """
    when = affordance.when
    if when and not when.holds(*(current[name] for name in when.needs)):
        message = f"{owner.rel} {current['id']} {when.otherwise}"
        raise Refusal.of(409, message, code="not_possible_now")


def _written(
    writer: Writer,
    owner: ResourceType,
    caller: Caller,
    row_id: int,
    session: Session,
    outcome: Outcome,
    query: Query,
) -> Written:
    """The row as it is now; where nothing of it was changed, no more of it than its address is told."""
    run = writer.reader.within(session)
    if outcome.changes:
        resource = writer.catalogue.one(owner, caller, row_id, query, run)
        return Written(resource, outcome.message, session=session, told=outcome.told, tells="both")
    resource = writer.catalogue.one(owner, caller, row_id, Query(), run)
    return Written(resource, outcome.message, session=session, told=outcome.told, tells="message")


def _given(affordance: Affordance, request: Request) -> dict[str, Any]:
    assert isinstance(request.body, Body)  # a JSON Patch is no body of a POST
    return changes(affordance, request.body.properties, None, **request.options)


def _run(affordance: Affordance, session: Session, current: Values, given: Values, author: Author) -> Outcome:
    try:
        return affordance.run(Act(session=session, values=current, given=given, author=author))
    except Invalid as invalid:
        faults = tuple(fault(name, [text]) for name, text in invalid.faults)
        raise Refusal(400, faults) from invalid


def _columns(owner: ResourceType, outcome: Outcome, current: Values, author: Author) -> Mapping[str, Any]:
    if not outcome.changes:
        return {}
    require_fit(owner, outcome.changes, current, author)
    return altered(owner.row.columns(outcome.changes, current, author), current)
