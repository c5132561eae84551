"""A row that has several uses loses one of them; it goes with its last."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from app.hypermedia import ResourceType
from app.reading import Caller
from app.validation import Values
from app.writing.attempts import attempted
from app.writing.one import delete, deleted
from app.writing.writer import Reply, Request, Writer, Written, change, loaded, said, values_of
from representations import Resource

Done = TypeVar("Done")


def clear_use(
    writer: Writer,
    resource_type: ResourceType,
    caller: Caller,
    row_id: int,
    request: Request,
    cleared: Mapping[str, Any],
    others: tuple[str, ...],
    reply: Reply[Done],
) -> Done:
    """Sets what says that a row has a use, or deletes the row where it has none of the others.

    :param cleared: the columns of the use as they are without it.
    :raises Refusal: 404 where there is no such row, 412 where it is another than the client saw.
    """

    def attempt() -> Done:
        seen = writer.catalogue.row(resource_type, caller, row_id)
        request.require(resource_type, caller, seen)
        current = values_of(seen)
        gone = deleted(writer, resource_type, current, said(resource_type.rel, row_id, "deleted"))
        return give_up(writer, resource_type, caller, current, cleared, others, request.base, gone, reply)

    return attempted(attempt, resource_type)


def give_up(
    writer: Writer,
    resource_type: ResourceType,
    caller: Caller,
    seen: Values,
    cleared: Mapping[str, Any],
    others: Iterable[str],
    base: str,
    gone: Resource,
    reply: Reply[Done],
) -> Done:
    """Takes a use from a row that has been seen, or deletes it where it has none of the others.

    :param gone: what is said of it.
    :raises Raced: where the row has been changed since.
    """

    def told(written: Written) -> Done:
        return reply(Written(gone, session=written.session))

    if not any(seen[use] for use in others):
        return delete(writer, resource_type, caller, seen, base, told)
    with writer.session(caller) as session:
        change(loaded(session, resource_type, caller, seen), cleared)
        session.flush()
        return told(Written(gone, session=session))
