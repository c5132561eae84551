"""$skiptoken: the place behind which a page goes on, as the values by which its last row was ordered.

A client that makes one up sees no more than by a filter: the values are held to the kinds of the order.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Literal

import orjson

from app.db.ids import LARGEST
from app.errors import Refusal, shortened
from app.query.cursors import IS_STORED
from app.schema import Kind

Key = Kind | Literal["number"]
"""What one of the values is: of a column's kind, or a computed number."""

LONGEST = 2048
"""A longer one says how many rows are passed over instead."""


@dataclass(frozen=True, slots=True)
class Token:
    """How many rows are still to come of a $top, where there was one, and behind which row they do.

    `after` are that row's values; where there are none, `offset` rows are passed over.
    """

    left: int | None = None
    offset: int = 0
    after: tuple[Any, ...] | None = None

    def text(self, keys: Sequence[Key]) -> str:
        """The token as a link has it."""
        is_written = self.after is not None and not any(map(_is_endless, self.after))
        after = list(map(_written, keys, self.after or ())) if is_written else None
        text = _encoded([self.left, self.offset, after])
        return text if len(text) <= LONGEST else _encoded([self.left, self.offset, None])


def parse_token(text: str, keys: Sequence[Key]) -> Token:
    """The token that a client sends back.

    :param keys: what the values are that the rows are ordered by.
    :raises Refusal: 400 for what is no token of this order.
    """
    found = _decoded(text)
    if not isinstance(found, list) or len(found) != 3:
        raise _refusal(text)
    left, offset, after = found
    if not (left is None or _is_count(left)) or not _is_count(offset):
        raise _refusal(text)
    if after is None:
        return Token(left, offset)
    if not isinstance(after, list) or len(after) != len(keys):
        raise _refusal(text)
    if not all(_is_valid(key, value) for key, value in zip(keys, after, strict=True)):
        raise _refusal(text)
    return Token(left, offset, tuple(map(_read, keys, after)))


def _encoded(value: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def _decoded(text: str) -> Any:
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", text, re.ASCII):
        return None
    try:
        return orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (NotBase64, orjson.JSONDecodeError):
        return None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST


_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?", re.ASCII)


def _is_valid(key: Key, value: Any) -> bool:
    if key != "number":
        return IS_STORED[key](value)
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _is_endless(value: Any) -> bool:
    """Whether it is a number that has grown beyond all that can be written."""
    return isinstance(value, float) and not isfinite(value)


def _written(key: Key, value: Any) -> Any:
    if key != "number":
        return value
    return format(Decimal(repr(value) if isinstance(value, float) else value), "f")


def _read(key: Key, value: Any) -> Any:
    if key == "number":
        return Decimal(value)
    return bool(value) if key == "flag" else value


def _refusal(text: str) -> Refusal:
    message = f"$skiptoken {shortened(text)} stands in no page of this order: follow the next links of a page"
    return Refusal.of(400, message, properties=["$skiptoken"], code="bad_token")
