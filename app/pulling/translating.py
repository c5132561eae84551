"""From what another server says of a resource to properties as they are declared here: the quirks are taken
out, what nobody knows here is left out, and what the server alone sets is kept.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Field

from app.db.types import Ciphertext
from app.fields import Boolean, Date, String
from app.hypermedia import ResourceType
from app.schema import column_of, declared
from app.structures import FLAGS, typed

_TOO_FINE = re.compile(r"(?<=\.\d{6})\d+")
"""What is finer in a moment than microseconds: .NET writes a digit more."""

NO_DATE = "0000-00-00"
"""What hAPI has for a date that is none (§3.7)."""

Moments = Callable[[datetime], datetime]


def as_declared(resource_type: ResourceType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that are properties here, each of the type that it has here where it can be."""
    known = declared(resource_type.schema)
    said = {name: _typed(known[name], value) for name, value in values.items() if name in known}
    return {
        name: value
        for name, value in said.items()
        if value is not None or known[name].allow_none or known[name].dump_only
    }


def carried(resource_type: ResourceType, values: Mapping[str, Any], moment: Moments) -> dict[str, Any]:
    """The columns of what clients only read, and a server that moves in brings along: dates, masked numbers.

    :param values: as `as_declared` gives them. What makes no sense is left out.
    :param moment: what reads a date without an offset.
    """
    found: dict[str, Any] = {}
    for name, field in declared(resource_type.schema).items():
        if not field.dump_only or name == "id" or name not in values:
            continue
        column = column_of(resource_type.schema, name)
        stored = resource_type.table.c[column]
        value = _read(field, values[name], moment)
        length = getattr(stored.type, "length", None)
        is_long = isinstance(value, str) and length and len(value) > length
        if is_long or (value is None and not stored.nullable) or isinstance(stored.type, Ciphertext):
            continue
        found[column] = value
    return found


def _read(field: Field[Any], value: Any, moment: Moments) -> Any:
    if value is None:
        return None
    try:
        read = field.deserialize(value)
    except ValidationError:
        return None
    return moment(read) if isinstance(read, datetime) else read


def _typed(field: Field[Any], value: Any) -> Any:
    if isinstance(field, Boolean):
        return FLAGS.get(str(value).strip().lower(), value) if isinstance(value, str | int) else value
    if isinstance(field, Date) and isinstance(value, str):
        return None if not value or value.startswith(NO_DATE) else _TOO_FINE.sub("", value)
    if isinstance(field, String):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if is_number else value
    return typed(field, value)
