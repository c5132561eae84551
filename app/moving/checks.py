"""The checks of a type's properties, compiled from its declaration into one function for each.

They take what is surely right, fast. What they do not take is left to `app.validation`, which everything
that is written over the wire passes too: it alone refuses, and says why.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from app.db.ids import LARGEST, is_id
from app.db.tables import Author, StoreRow
from app.errors import Fault, Refusal
from app.fields import Boolean, Date, Integer, no_card_number
from app.hypermedia import ResourceType
from app.moving.compiling import Doubt, Taken
from app.moving.forms import OFTEN, Forms, Part
from app.moving.moments import storing
from app.passwords import TYPES
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
    :param trusted: look at types, lengths, closed sets and card numbers only.
    :param lenient: pass over properties that nobody knows.
    :param often: how often a form of documents must come until it is compiled.
    """

    def __init__(
        self, resource_type: ResourceType, zone: Zone, *, trusted: bool, lenient: bool, often: int = OFTEN
    ) -> None:
        self.type, row = resource_type, resource_type.row
        assert issubclass(row, StoreRow)
        self._trusted, self._lenient = trusted, lenient
        known = declared(resource_type.schema)
        moving = {name: field for name, field in known.items() if name not in LEFT_BEHIND}
        self._carried = {
            name: _carrying(name, field, zone) for name, field in moving.items() if field.dump_only
        }
        self._passed_over = NOT_PROPERTIES | LEFT_BEHIND | {"id"}
        self._forms = Forms(
            row,
            {name: self._taken(name, field, zone) for name, field in moving.items()},
            self._passed_over,
            frozenset(resource_type.refused) if lenient else None,
            trusted=trusted,
            often=often,
        )

    def _taken(self, name: str, field: fields.Field[Any], zone: Zone) -> Taken:
        """How a property is taken, where it is surely right."""
        if field.dump_only and isinstance(field, Date):
            return Taken(field, storing(zone), is_text=True)
        if self._trusted and name == "password_hash_type":
            return Taken(field, _hash_type, is_text=True)
        return Taken(field, self._carried.get(name))

    def quick(self, given: Values, author: Author) -> Part | None:
        """What is written, where all of it is surely right; None where that is in doubt."""
        made = self.all_quick((given,), author)
        return made[0] if made else None

    def all_quick(self, several: Iterable[Values], author: Author) -> list[Part] | None:
        """The same of several; None where one is in doubt."""
        made, form_of = list[Part](), self._forms.of
        look = None if self._trusted else self.type.row.check
        try:
            for given in several:
                form = form_of(tuple(given))
                values, apart = form.take(given)
                if look:
                    look(form.named(values), None, author)
                made.append((form, values, apart))
        except (Doubt, ValidationError, Invalid):
            return None
        return made

    def thorough(self, given: Values, author: Author) -> Part:
        """What is written.

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
        return self.part(made)

    def part(self, values: dict[str, Any]) -> Part:
        """What is written of values that have been checked."""
        return self._forms.part(values)

    def _is_own(self, name: str) -> bool:
        """Whether a property is one that clients may send, or one that nobody knows."""
        return name not in self._carried and name not in self._passed_over


def _carrying(name: str, field: fields.Field[Any], zone: Zone) -> Check:
    """Takes what only an import sets.

    It raises `ValidationError`, since no field of marshmallow's says more about what cannot be written.
    """
    if isinstance(field, Date):
        return _moment(storing(zone))
    if isinstance(field, Integer):
        return _id
    if name in _MASKED:
        return _masked
    if isinstance(field, Boolean):
        return _flag
    return _nullable(field)


def _hash_type(text: str) -> str:
    if text and text not in TYPES:
        raise Doubt
    return text


def _moment(stored: Callable[[str], str | None]) -> Check:
    def check(value: Any) -> str | None:
        if value.__class__ is str:
            return stored(value)
        if value is None:
            return None
        raise ValidationError(Date.default_error_messages["invalid"])

    return check


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
