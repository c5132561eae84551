"""Where members of a collection are written: the collection, whether it is as the client saw it, and held."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db.tables import StoreRow
from app.errors import Refusal
from app.hypermedia import PAGE_PROPERTIES, Relation, ResourceType
from app.query import Query
from app.reading import Caller
from app.validation import NOTHING, Values
from app.writing.writer import Request, Writer
from representations import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A collection: the relation by which its owner has it, and who asks.

    `beside` says what a new member gets that no body can set, from what its body says; it is asked anew at
    each attempt.
    """

    owner: ResourceType
    relation: Relation
    target: ResourceType
    caller: Caller
    owner_id: int
    beside: Callable[[Values], Values] = lambda _: NOTHING


def single(target: ResourceType, request: Request) -> Values | None:
    """The one resource that a body gives; None where it lists several."""
    assert isinstance(request.body, Body)
    if request.body.items is None or request.body.properties.keys() - PAGE_PROPERTIES:
        return request.body.properties
    if not target.named_by:
        message = f"a POST here takes one {target.rel}, not a list: send one request for each"
        raise Refusal.of(400, message, code="one_at_a_time")
    return None


def require(writer: Writer, place: Place, request: Request, query: Query, session: Session) -> None:
    """Holds the collection as this client would read it against its precondition."""
    if request.precondition.given:
        hold(session, place)
        run = writer.reader.within(session)
        page = writer.catalogue.page(place.owner, place.relation, place.caller, place.owner_id, query, run)
        request.precondition.require_tag(request.tag(page))


def require_place(
    writer: Writer, place: Place, request: Request, query: Query
) -> Callable[[Session | None], None]:
    """Refuses to add to a collection whose owner is not the caller's, or that is not as the client saw it."""

    def held(session: Session | None) -> None:
        if session is None:
            writer.catalogue.row(place.owner, place.caller, place.owner_id)
        else:
            require(writer, place, request, query, session)

    return held


def hold(session: Session, place: Place) -> None:
    """Keeps others waiting who bring the same collection in line, or add to it under a precondition.

    SQLite does that by itself.
    """
    row: Any = place.owner.row
    key = (place.caller.store_id, place.owner_id) if issubclass(row, StoreRow) else place.owner_id
    session.get(row, key, with_for_update={"key_share": True})
