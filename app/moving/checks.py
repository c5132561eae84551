"""The checks of a type's properties, compiled from its declaration into one function for each.

They take what is surely right, fast. What they do not take is left to `app.validation`, which everything
that is written over the wire passes too: it alone refuses, and says why.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from app.db.ids import LARGEST, is_id
from app.db.tables import Author
from app.errors import Fault, Refusal
from app.fields import Boolean, Date, Integer, no_card_number
from app.hypermedia import ResourceType
from app.moving.compiling import Doubt, Taken, compiled
from app.moving.moments import storing
from app.passwords import TYPES
from app.schema import Invalid, declared
from app.validation import checked, fault
from app.zones import Zone
from representations.body import NOT_PROPERTIES

Values = Mapping[str, Any]
Check = Callable[[Any], Any]

_HASH_TYPES = {*TYPES, "", None}
LEFT_BEHIND = frozenset({"forgot_password", "forgot_password_timestamp"})
"""Properties that do not move: a temporary password is for the place that has mailed it."""


class Checks:
    """The checks of one type.

    What clients cannot set, an import carries along: dates, ids, flags of defaults, masked numbers.

    :param zone: on whose clocks a moment without an offset is read.
    :param trusted: look at types, lengths, closed sets and card numbers only.
    :param lenient: pass over properties that nobody knows.
    """

    def __init__(self, resource_type: ResourceType, zone: Zone, *, trusted: bool, lenient: bool) -> None:
        self.type = resource_type
        self._trusted, self._lenient = trusted, lenient
        known = declared(resource_type.schema)
        moving = {name: field for name, field in known.items() if name not in LEFT_BEHIND}
        self._carried = {
            name: _carrying(name, field, zone) for name, field in moving.items() if field.dump_only
        }
        self._passed_over = NOT_PROPERTIES | LEFT_BEHIND | {"id"}
        taken = {name: Taken(field, self._carried.get(name)) for name, field in moving.items()}
        passed_over = None if lenient else self._passed_over
        self._compiled = compiled(taken, passed_over, trusted=trusted)

    def quick(self, given: Values, author: Author) -> dict[str, Any] | None:
        """The values that are written, where all of them are surely right; None where that is in doubt."""
        try:
            if (
                self._lenient
                and self.type.refused
                and any(name.lower() in self.type.refused for name in given)
            ):
                return None
            made = self._compiled(given)
            if not self._trusted:
                self.type.row.check(made, None, author)
            elif made.get("password_hash_type", "") not in _HASH_TYPES:
                return None
        except (Doubt, ValidationError, Invalid):
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
        return name not in self._carried and name not in self._passed_over


def _carrying(name: str, field: fields.Field[Any], zone: Zone) -> Check:
    """Takes what only an import sets.

    It raises `ValidationError`, since no field of marshmallow's says more about what cannot be written.
    """
    if isinstance(field, Date):
        return storing(zone)
    if isinstance(field, Integer):
        return _id
    if name in _MASKED:
        return _masked
    if isinstance(field, Boolean):
        return _flag
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


def _flag(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise ValidationError(Boolean.default_error_messages["invalid"])


_MASKED = frozenset({"cc_number_masked"})


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
    if value is None or is_id(value):
        return value
    raise ValidationError(f"is not a whole number from 1 to {LARGEST}")
