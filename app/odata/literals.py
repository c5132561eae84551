"""Literals of OData's primitive types: what their text stands for (OData ABNF, primitiveValue)."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

from app.errors import shortened

LiteralType = Literal[
    "Edm.Boolean", "Edm.Int64", "Edm.Decimal", "Edm.String", "Edm.DateTimeOffset", "Edm.Date", "Edm.TimeOfDay"
]

MOST_DIGITS = 28
"""As many as a decimal of most systems holds."""

_INT64 = range(-(2**63), 2**63)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([Ee][+-]?[0-9]{1,4})?")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,12}))?)?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT = re.compile(rf"({_DATE.pattern})[Tt]({_TIME.pattern})(?:([Zz])|([+\- ])([0-9]{{2}}):([0-9]{{2}}))")


class Unreadable(ValueError):
    """A text that is no literal of its type, and why."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a literal is."""

    type: LiteralType
    value: Any


def read_number(text: str) -> Read:
    """A whole number, or one with a fraction or an exponent, which is a decimal here.

    :raises Unreadable: where it is none, or too large.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Unreadable(f"'{shortened(text, 40)}' is no number")
    if found[1] is None and found[2] is None:
        if len(text) > 40 or int(text) not in _INT64:
            raise Unreadable("the number is beyond Edm.Int64")
        return Read("Edm.Int64", int(text))
    number = Decimal(text)
    if len(number.as_tuple().digits) > MOST_DIGITS or (number and abs(number.adjusted()) >= MOST_DIGITS):
        raise Unreadable(f"a decimal has at most {MOST_DIGITS} digits")
    return Read("Edm.Decimal", number)


def read_date(text: str) -> Read:
    """A day, `2019-09-30`.

    :raises Unreadable: where there is no such day from year 1 to 9999.
    """
    return Read("Edm.Date", _date(text))


def read_time(text: str) -> Read:
    """A time of the day, `07:59` or `07:59:59.999`.

    :raises Unreadable: where there is no such time.
    """
    return Read("Edm.TimeOfDay", _time(text))


def read_moment(text: str) -> Read:
    """A moment with its offset, `2019-09-30T07:59:59Z`; a blank is a `+` that was not percent-encoded.

    :raises Unreadable: where there is no such moment, or its offset is missing.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        wanted = "write 2019-09-30T07:59:59Z, or an offset for Z"
        raise Unreadable(f"'{shortened(text, 40)}' is no Edm.DateTimeOffset: {wanted}")
    day, clock, sign, hours, minutes = found[1], found[5], found[11], found[12], found[13]
    offset = timedelta()
    if sign:
        if int(hours) > 14 or int(minutes) > 59:
            raise Unreadable(f"there is no offset {sign}{hours}:{minutes}")
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        moment = datetime.combine(_date(day), _time(clock), timezone(offset)).astimezone(UTC)
    except OverflowError:
        raise Unreadable("the moment is beyond the years 1 to 9999") from None
    return Read("Edm.DateTimeOffset", moment)


def read_boolean(text: str) -> Read:
    """true, false.

    :raises Unreadable: where it is neither.
    """
    if text.lower() not in {"true", "false"}:
        raise Unreadable(f"'{shortened(text, 40)}' is neither true nor false")
    return Read("Edm.Boolean", text.lower() == "true")


def read(text: str, type_: str) -> Read:
    """A text as a literal of a type: as text, it may stand where that type is wanted (OData 4.01).

    :raises Unreadable: where it is none.
    """
    literal = _READERS[type_](text)
    if literal.type != type_ and type_ != "Edm.Decimal" and type_ != "Edm.Int64":
        raise Unreadable(f"'{shortened(text, 40)}' is no {type_}")
    return literal


_READERS: Mapping[str, Callable[[str], Read]] = {
    "Edm.Boolean": read_boolean,
    "Edm.Int64": read_number,
    "Edm.Decimal": read_number,
    "Edm.DateTimeOffset": read_moment,
    "Edm.Date": read_date,
    "Edm.TimeOfDay": read_time,
}


def _date(text: str) -> date:
    found = _DATE.fullmatch(text)
    year, month, day = found.groups() if found else ("0", "0", "0")
    with _readable(f"there is no day '{shortened(text, 40)}' from year 1 to 9999"):
        return date(int(year), int(month), int(day))


def _time(text: str) -> time:
    found = _TIME.fullmatch(text)
    hour, minute, second, fraction = found.groups() if found else ("24", "0", "0", "0")
    with _readable(f"there is no time '{shortened(text, 40)}'"):
        return time(int(hour), int(minute), int(second or 0), int((fraction or "").ljust(6, "0")[:6]))


@contextmanager
def _readable(fault: str) -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise Unreadable(fault) from None
