"""From a document of another server to the columns of a row, held to what its type is declared to be."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.errors import Refusal
from app.hypermedia import ResourceType
from app.pulling.documents import Document
from app.pulling.rows import Incoming
from app.pulling.translating import Moments, as_declared, carried
from app.schema import column_of, declared
from app.validation import changes
from representations.body import fault_in


class NotTaken(Exception):
    """A resource that cannot be taken; the text says why."""


def columns_of(resource_type: ResourceType, document: Document, moment: Moments) -> dict[str, Any]:
    """What a resource says of itself, as columns; what a purchase was like is not judged again.

    :raises NotTaken: naming each faulty property.
    """
    require_clean(document.properties)
    said = as_declared(resource_type, document.properties)
    known = declared(resource_type.schema)
    writable = {name: value for name, value in said.items() if not known[name].load_only}
    try:
        given = changes(resource_type, writable, None, lenient=True)
    except Refusal as refusal:
        raise NotTaken(reason_of(refusal)) from None
    found = {column_of(resource_type.schema, name): value for name, value in given.items()}
    found = {name: moment(each) if isinstance(each, datetime) else each for name, each in found.items()}
    return found | carried(resource_type, said, moment)


def require_clean(values: Any) -> None:
    """Refuses characters that some format could not show again.

    :raises NotTaken: naming them.
    """
    if fault := fault_in(values):
        raise NotTaken(fault)


def incoming(resource_type: ResourceType, document: Document, moment: Moments, **own: Any) -> Incoming:
    """A resource as it is to be written.

    :param own: further columns.
    :raises NotTaken: naming each faulty property.
    """
    columns = columns_of(resource_type, document, moment) | own
    return Incoming(resource_type, document.self_href, document.id, columns)


def incoming_attributes(
    resource_type: ResourceType, documents: Iterable[Document], moment: Moments, client: str
) -> list[Incoming]:
    """Attributes of any owner.

    :param client: the client whose restricted ones these are.
    :raises NotTaken: naming each faulty property.
    """
    made = [incoming(resource_type, each, moment) for each in documents]
    for each in made:
        each.columns["client"] = client if each.columns.get("visibility") == "restricted" else ""
    return made


def reason_of(refusal: Refusal) -> str:
    """What is wrong, in one line."""
    return "; ".join(each.message for each in refusal.faults)
