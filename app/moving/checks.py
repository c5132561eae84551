"""The checks of a type's properties, compiled from its declaration into one function for each.

They take what is surely right, fast. What they do not take is left to `app.validation`, which everything
that is written over the wire passes too: it alone refuses, and says why.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from marshmallow import ValidationError, fields

from app.cards import SHORTEST_DISGUISED
from app.db.ids import LARGEST
from app.db.tables import Author
from app.db.types import STORED_FORMAT
from app.errors import Fault, Refusal
from app.fields import Boolean, Date, Integer, String, at_most, no_card_number
from app.hypermedia import ResourceType
from app.schema import Invalid, declared
from app.validation import checked, fault
from app.zones import Zone
from representations.body import NOT_PROPERTIES

Values = Mapping[str, Any]
Check = Callable[[Any], Any]

LEFT_BEHIND = frozenset({"forgot_password", "forgot_password_timestamp"})
"""Properties that do not move: a temporary password is for the place that has mailed it."""


class Checks:
    """The checks of one type.

    What clients cannot set, an import carries along: dates, ids, flags of defaults, masked numbers.

    :param zone: on whose clocks a moment without an offset is read.
    :param trusted: look at types and lengths only.
    :param lenient: pass over properties that nobody knows.
    """

    def __init__(self, resource_type: ResourceType, zone: Zone, *, trusted: bool, lenient: bool) -> None:
        self.type = resource_type
        self._trusted, self._lenient = trusted, lenient
        known = declared(resource_type.schema)
        self._carried = {
            name: _carrying(name, field, zone)
            for name, field in known.items()
            if field.dump_only and name not in LEFT_BEHIND
        }
        own = {name: _taking(field, trusted=trusted) for name, field in known.items() if not field.dump_only}
        passed_over = dict.fromkeys(NOT_PROPERTIES | LEFT_BEHIND | {"id"})
        self._checks: dict[str, Check | None] = {**passed_over, **own, **self._carried}
        self._required = tuple(name for name, field in known.items() if field.required)

    def quick(self, given: Values, author: Author) -> dict[str, Any] | None:
        """The values that are written, where all of them are surely right; None where that is in doubt."""
        made, checks = {}, self._checks
        try:
            for name, value in given.items():
                check = checks[name]
                if check is not None:
                    made[name] = check(value)
            for name in self._required:
                made[name]
            if not self._trusted:
                self.type.row.check(made, None, author)
        except (KeyError, _Doubt, ValidationError, Invalid):
            return None
        return made

    def thorough(self, given: Values, author: Author) -> dict[str, Any]:
        """The values that are written.

        :raises Refusal: with an entry for each faulty property.
        """
        faults, carried = list[Fault](), dict[str, Any]()
        for name, check in self._carried.items():
            if name in given:
                try:
                    carried[name] = check(given[name])
                except ValidationError as error:
                    faults.append(fault(name, [str(each) for each in error.messages]))
        own = {name: value for name, value in given.items() if self._is_own(name)}
        try:
            made = checked(self.type, own, None, author, {"lenient": self._lenient}, carried)
        except Refusal as refusal:
            raise Refusal(400, (*faults, *refusal.faults)) from refusal
        if faults:
            raise Refusal(400, tuple(faults))
        return made

    def _is_own(self, name: str) -> bool:
        """Whether a property is one that clients may send, or one that nobody knows."""
        return self._checks.get(name, _TAKES_ALL) is not None


class _Doubt(Exception):
    """A value may be wrong."""


def _TAKES_ALL(value: Any) -> Any:  # noqa: N802 - a constant
    return value


def _taking(field: fields.Field[Any], *, trusted: bool) -> Check:
    """Takes what marshmallow takes with this field; it raises where it may not."""
    if isinstance(field, String):
        return _trusted_text(field) if trusted else _text(field)
    if type(field) is Boolean:
        return _flag
    return field.deserialize


def _text(field: String) -> Check:
    most, others = _length(field)
    nullable, holds_cards = field.allow_none, no_card_number not in others
    others = tuple(each for each in others if each is not no_card_number)

    def check(value: Any) -> Any:
        if value.__class__ is not str:
            if value is None and nullable:
                return None
            raise _Doubt
        length = len(value)
        if length > most or not (nullable or value.strip()):
            raise _Doubt
        if not holds_cards and (length >= SHORTEST_DISGUISED or not value.isascii()):
            no_card_number(value)
        for validate in others:
            validate(value)
        return value

    return check


def _length(field: String) -> tuple[int, tuple[Check, ...]]:
    """The most characters that a text may have, and its other checks."""
    lengths, others = list[int](), list[Check]()
    for each in field.validators:
        if isinstance(each, partial) and each.func is at_most:
            lengths.append(each.args[0])
        else:
            others.append(each)
    return min(lengths, default=LARGEST), tuple(others)


def _trusted_text(field: String) -> Check:
    (most, _), nullable = _length(field), field.allow_none

    def check(value: Any) -> Any:
        if value.__class__ is not str:
            if value is None and nullable:
                return None
            raise _Doubt
        if len(value) > most or not (nullable or value):
            raise _Doubt
        return value

    return check


def _flag(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise _Doubt


def _carrying(name: str, field: fields.Field[Any], zone: Zone) -> Check:
    """Takes what only an import sets.

    It raises `ValidationError`, since no field of marshmallow's says more about what cannot be written.
    """
    if isinstance(field, Date):
        return _moment(field, zone)
    if isinstance(field, Integer):
        return _id
    if name in _MASKED:
        return _masked
    return _nullable(field)


def _nullable(field: fields.Field[Any]) -> Check:
    most = field.metadata.get("most")

    def check(value: Any) -> Any:
        taken = None if value is None and field.allow_none else field.deserialize(value)
        if isinstance(taken, str):
            if most and len(taken) > most:
                raise ValidationError(f"is too long (maximum is {most} characters)")
            no_card_number(taken)
        return taken

    return check


_MASKED = frozenset({"cc_number_masked"})
_NEVER = "0000-00-00"
"""How some stores write that something has never happened."""


def _masked(value: Any) -> Any:
    """At most ten digits of a card's number: so many may be shown of one, and none is kept whole."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValidationError("is not a string")
    if len(value) > 30 or sum(each.isdigit() for each in value) > 10:
        raise ValidationError("is not a masked card number")
    return value


def _id(value: Any) -> Any:
    if value is None or (value.__class__ is int and 0 < value <= LARGEST):
        return value
    raise ValidationError(f"is not a whole number from 1 to {LARGEST}")


def _moment(field: Date, zone: Zone) -> Check:
    """The stored form of a moment: UTC, to the second."""

    @lru_cache(maxsize=4096)
    def stored(value: str) -> str | None:
        if value.startswith(_NEVER):
            return None
        if _WHOLE(value):
            with suppress(ValueError, OverflowError):
                return f"{datetime.fromisoformat(value).astimezone(UTC):{STORED_FORMAT}}"
        moment: datetime = field.deserialize(value)
        return zone.stored(moment)

    def check(value: Any) -> Any:
        if value.__class__ is str:
            return stored(value)
        if value is None:
            return None
        raise ValidationError("is not a date: YYYY-MM-DD, perhaps with a time and an offset")

    return check


_WHOLE = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)", re.ASCII).fullmatch
"""How moments mostly come: of a year that is taken, to the second, and with an offset."""
