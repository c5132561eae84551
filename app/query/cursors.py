"""`cursor`: the place behind which a page begins, as the values by which the last row was ordered."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from app.errors import Refusal, shortened
from app.hypermedia import ResourceType
from app.query.orders import Order
from app.query.parameters import parse_number
from app.query.properties import comparable
from app.schema import Kind

LONGEST_CURSOR = 2048
"""Beyond it a page's `next` carries the offset alone."""


def make_cursor(order: Order, values: Sequence[Any]) -> str | None:
    """The cursor behind a row with these stored values; None where it would be too long."""
    if len(order) == 1:
        return str(values[0])
    text = urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")
    return text if len(text) <= LONGEST_CURSOR else None


def parse_cursor(text: str, order: Order, resource_type: ResourceType) -> tuple[Any, ...]:
    """The stored values behind which a page begins.

    :raises Refusal: 400 for what is no cursor of this order.
    """
    if len(order) == 1:
        return (parse_number("cursor", text, 0),)
    values = _decoded(text)
    kinds = [_kind(resource_type, name) for name, _ in order]
    if values is None or len(values) != len(order):
        raise _refusal(text)
    for value, kind in zip(values, kinds, strict=True):
        if not IS_STORED[kind](value):
            raise _refusal(text)
    return tuple(bool(value) if kind == "flag" else value for value, kind in zip(values, kinds, strict=True))


def _decoded(text: str) -> list[Any] | None:
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST_CURSOR}}}", text, re.ASCII):
        return None
    try:
        found = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (NotBase64, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, list) else None


def _kind(resource_type: ResourceType, name: str) -> Kind:
    found = comparable(resource_type).get(name)
    return found.kind if found is not None else "integer" if name == "id" else "text"


def _is_moment(value: Any) -> bool:
    """Whether it is a moment as it is stored; a bulk load may have left fractions of a second in it."""
    if value is None:
        return True
    if not isinstance(value, str) or not _STORED.fullmatch(value):
        return False
    try:
        return bool(datetime.fromisoformat(value[:19]))
    except ValueError:
        return False


_STORED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?", re.ASCII)


def _is_integer(value: Any) -> bool:
    return value is None or (type(value) is int and abs(value) < 2**63)


IS_STORED: Mapping[Kind, Callable[[Any], bool]] = {
    "moment": _is_moment,
    "flag": lambda value: value in (True, False),
    "integer": _is_integer,
    "amount": _is_integer,
    "text": lambda value: value is None or (isinstance(value, str) and "\0" not in value),
}
"""Whether a value is one that a column of this kind may hold, as it is stored."""


def _refusal(text: str) -> Refusal:
    message = f"cursor {shortened(text)} stands in no page of this order: follow the links of a page"
    return Refusal.of(400, message, properties=["cursor"], code="bad_cursor")
