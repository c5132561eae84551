"""From rows to values: what is stored otherwise than it is shown, read by the type of its column."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement

from app import amounts
from app.db.reader import Row
from app.db.types import Ciphertext, EncryptedJson, Json, Moment, Money
from app.encryption import Cipher
from representations.compiled import (
    Expression,
    Named,
    called,
    is_one,
    item,
    listing,
    unless_none,
    variable,
)

Values = Callable[[Row, Callable[[str], str], str], list[Any]]
"""From a row, how the store's zone shows a moment, and the caller's face: the values of a resource."""


def values_of(columns: Sequence[ColumnElement[Any]], cipher: Cipher, dialect: str, *, faced: bool) -> Values:
    """How the rows of a table become values: one expression, compiled.

    :param columns: in their order; what else a row has behind them is left out.
    :param faced: the caller's face is a value, too.
    """
    calls, readings = Named(), list(_readings(cipher))

    def read(at: int, kind: Any) -> Expression:
        stored = value = item("row", at)
        if dialect == "sqlite" and isinstance(kind, Boolean):
            return is_one(stored)
        if isinstance(kind, Moment):
            value = called("show", stored)
        for kept, reading in readings:
            value = calls.call(reading, value) if isinstance(kind, kept) else value
        return stored if value is stored else unless_none(stored, value)

    values = [read(at, column.type) for at, column in enumerate(columns)]
    if faced:
        values.append(variable("face"))
    return calls.function(["row", "show", "face"], listing(values))


def _readings(cipher: Cipher) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """How what is stored otherwise than it is shown is read, by the type of its column; in this order."""
    yield Ciphertext, cipher.decrypt
    yield Json | EncryptedJson, orjson.loads
    yield Money, amounts.shown
