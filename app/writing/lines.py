"""What is bought, in the body of a purchase: its items are held to what items are, with all else at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.db.tables import Author
from app.errors import Fault, Refusal
from app.hypermedia import ResourceType
from app.resources.item import Item
from app.schema import declared
from app.structures import typed
from app.validation import Values, checked
from app.writing.writer import Request, Writer
from representations.model import RESERVED


def checked_with_items(
    writer: Writer,
    target: ResourceType,
    author: Author,
    request: Request,
    alone: Values,
    lacking: Iterable[Fault] = (),
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a body says of a purchase, and each of its items.

    :param lacking: what is known to be missing.
    :raises Refusal: 400, one entry for each faulty property of it and of its items.
    """
    options = {**request.options, "whole": False}
    faults, given, items = list(lacking), dict[str, Any](), list[dict[str, Any]]()
    try:
        given = checked(target, alone, None, author, options)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        faults += refusal.faults
        given = {"items": _read(target, alone.get("items"))}
    for number, item in enumerate(given.get("items") or ()):
        if not isinstance(item, Mapping):
            continue  # which has been said
        try:
            said = {name: value for name, value in item.items() if name not in RESERVED}
            items.append(checked(type_of(writer, Item), said, None, author, options))
        except Refusal as refusal:
            faults += [replace(each, property=f"items[{number}].{each.property}") for each in refusal.faults]
    if faults:
        raise Refusal(400, tuple(faults))
    return given, items


def _read(target: ResourceType, items: Any) -> list[Any]:
    """The items of a body that has other faults, as far as they can be looked at."""
    found = typed(declared(target.schema)["items"], items)
    return found if isinstance(found, list) else []


def price(items: Sequence[Values]) -> Decimal:
    """What items cost together."""
    return sum((each["price"] * each.get("quantity", 1) for each in items), Decimal())


def type_of(writer: Writer, row: type[Any]) -> ResourceType:
    """The type of resource that rows of a class are."""
    return next(each for each in writer.registry.types.values() if each.row is row)
