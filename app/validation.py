"""From what a body says to what changes: typed, checked against the schema, all faults at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow.fields import Field

from app import fields
from app.db.tables import Author
from app.errors import Fault, Refusal, shortened
from app.hypermedia import ResourceType
from app.schema import Forbidden, Invalid, declared
from app.structures import faults_in, identical, merged, typed

Values = Mapping[str, Any]

NOTHING: Values = MappingProxyType({})


class Taker(Protocol):
    """What takes a body: a resource type, or an affordance."""

    @property
    def rel(self) -> str:
        """What messages call it."""

    @property
    def schema(self) -> type[Schema]:
        """What may be said to it."""

    @property
    def refused(self) -> Mapping[str, str]:
        """What is never taken, and why."""


@dataclass(eq=False)
class Faulty(Refusal):
    """The refusal of some properties. `valid` are those that would have changed but for the others."""

    valid: Values = field(default_factory=dict)


def checked(
    resource_type: ResourceType,
    given: Values,
    current: Values | None,
    author: Author,
    options: Mapping[str, bool],
    beside: Values = NOTHING,
) -> dict[str, Any]:
    """What a body changes, as `changes` says, where that also fits together with itself and what is there.

    :param options: how the body is to be understood, as `changes` takes them.
    :param beside: what the write sets that no body can.
    :raises Refusal: 400, one entry for each faulty property, all of them at once; 409 for what is not
        allowed as things are.
    """
    try:
        changed = changes(resource_type, given, current, **options)
    except Faulty as faulty:
        named = {each.property for each in faulty.faults}
        together = _misfits(resource_type, {**beside, **faulty.valid}, current, author)
        others = (each for each in together if each.property not in named)
        raise Refusal(400, (*faulty.faults, *others)) from faulty
    changed = {**beside, **changed}
    require_fit(resource_type, changed, current, author)
    return changed


def require_fit(resource_type: ResourceType, changed: Values, current: Values | None, author: Author) -> None:
    """Holds valid properties against one another, and against what is there.

    :raises Refusal: 400, one entry for each that does not fit.
    """
    if faults := _misfits(resource_type, changed, current, author):
        raise Refusal(400, tuple(faults))


def changes(
    taker: Taker,
    given: Values,
    current: Values | None,
    *,
    whole: bool = False,
    textual: bool = False,
    lenient: bool = False,
) -> dict[str, Any]:
    """What a body changes, by property. A value sent back as it is shown is no change.

    :param current: the values that are shown now, None for a resource that is being created.
    :param whole: what the body leaves out is set to its default, as PUT demands.
    :param textual: values are text, as in forms and XML, where an empty one stands for null too.
    :param lenient: pass over unknown properties.
    :raises Faulty: 400, one entry for each faulty property.
    """
    known = declared(taker.schema)
    faults = list(_unknown(given, known, taker, lenient=lenient))
    creating = current is None
    sent = _sent(given, current, known, textual=textual)
    if whole and current is not None:
        sent = _defaults(known, given) | sent
    elif current is not None:
        sent = {name: merged(known[name], current.get(name), value) for name, value in sent.items()}
    if current is not None:
        sent = _changed(sent, current, known)
    try:
        partial = _partial(known, given, whole=whole, creating=creating)
        loaded: dict[str, Any] = _schema(taker.schema).load(sent, partial=partial)
    except ValidationError as error:
        faults += _faults(error.messages_dict, known)
        raise Faulty(400, tuple(faults), valid=error.valid_data or {}) from error  # type: ignore[arg-type]
    if faults:
        raise Faulty(400, tuple(faults), valid=loaded)
    return loaded


def differing(
    resource_type: ResourceType, given: Values, current: Values, *, textual: bool
) -> dict[str, Any]:
    """The properties that a body gives and that are not as they are shown, unchecked."""
    known = declared(resource_type.schema)
    return _changed(_sent(given, current, known, textual=textual), current, known)


def fault(name: str, texts: list[str]) -> Fault:
    """The entry of one property; several faults of one are joined in one message (hAPI §5.2)."""
    return Fault(", ".join(said_of(name, text) for text in texts), name, _code(texts[0]))


def said_of(name: str, text: str) -> str:
    """A text behind the name that it is about, unless it is a sentence already."""
    stands_alone = text[0].isupper() or text.startswith("this ")
    return text if stands_alone else f"{name} {text}"


_CODES = {
    fields.BLANK: "blank",
    "is too long": "too_long",
    "is too short": "too_short",
    fields.NOT_LISTED: "not_listed",
    "is not a valid email": "not_an_email",
    "is not a string": "wrong_type",
    "is not true or false": "wrong_type",
    "is not a number": "wrong_type",
    "is not a date": "wrong_type",
}


def _code(text: str) -> str:
    return next((code for start, code in _CODES.items() if text.startswith(start)), "invalid")


def _misfits(
    resource_type: ResourceType, changed: Values, current: Values | None, author: Author
) -> list[Fault]:
    """What is wrong with properties together; what nobody changes is right as it is.

    :raises Refusal: 409 for what is not allowed as things are.
    """
    if not changed and current is not None:
        return []
    try:
        resource_type.row.check(changed, current, author)
    except Forbidden as forbidden:
        faults = (replace(fault(name, [text]), code="not_allowed") for name, text in forbidden.faults)
        raise Refusal(409, tuple(faults)) from forbidden
    except Invalid as invalid:
        return [fault(name, [text]) for name, text in invalid.faults]
    return []


@lru_cache(maxsize=64)
def _schema(schema: type[Schema]) -> Schema:
    return schema(unknown=EXCLUDE)


def _sent(
    given: Values, current: Values | None, known: Mapping[str, Field[Any]], *, textual: bool
) -> dict[str, Any]:
    """The properties that are given and can be written, each as its type."""
    sent = {
        name: typed(known[name], value) if textual else value
        for name, value in given.items()
        if name in known and _writable(known[name], creating=current is None)
    }
    if not textual:
        return sent
    return {name: value for name, value in sent.items() if not _nothing(name, value, known, current)}


def _writable(field: Field[Any], *, creating: bool) -> bool:
    """Read-only properties are ignored, those that are fixed at creation ever after."""
    return not field.dump_only and (creating or not field.metadata.get("once"))


def _unknown(given: Values, known: Mapping[str, Any], taker: Taker, *, lenient: bool) -> Iterator[Fault]:
    for name in given:
        if name.lower() in taker.refused:
            yield Fault(f"{name} {taker.refused[name.lower()]}", name, "refused")
        elif name not in known and not lenient:
            offered = ", ".join(each for each, field in known.items() if not field.dump_only) or "none"
            named = shortened(name)
            message = f"{named} is no property of {taker.rel}, these can be written: {offered}"
            yield Fault(message, named, "unknown_property")


def _nothing(name: str, value: Any, known: Mapping[str, Field[Any]], current: Values | None) -> bool:
    """An empty element or form field where nothing is stored, or of a property that has a default."""
    if value not in ("", None):
        return False
    if current is None:
        return not known[name].required
    return current.get(name) in ("", None)


def _same(name: str, value: Any, current: Values) -> bool:
    """Whether a value is the one that is shown; 1 is not true."""
    return name in current and identical(current[name], value)


def _changed(sent: Values, current: Values, known: Mapping[str, Field[Any]]) -> dict[str, Any]:
    """What is not as it is shown, together with what means something only beside that."""
    changed = {name for name, value in sent.items() if not _same(name, value, current)}
    groups = {known[name].metadata.get("group") for name in changed} - {None}
    return {
        name: value
        for name, value in sent.items()
        if name in changed or known[name].metadata.get("group") in groups
    }


def _defaults(known: Mapping[str, Field[Any]], given: Values) -> dict[str, Any]:
    return {
        name: field.metadata["default"]
        for name, field in known.items()
        if name not in given
        and _writable(field, creating=False)
        and not field.metadata.get("kept")
        and not field.required
    }


def _partial(
    known: Mapping[str, Field[Any]], given: Values, *, whole: bool, creating: bool
) -> tuple[str, ...]:
    """The required properties that may be missing from what is loaded."""
    if creating:
        return ()
    return tuple(name for name in known if not whole or name in given)


def _faults(messages: Mapping[Any, Any], known: Mapping[str, Field[Any]]) -> Iterator[Fault]:
    """One entry a property; a required text that is missing is too short as well, says hAPI."""
    for name, told in messages.items():
        field = known[name]
        for way, said in faults_in(name, told):
            if said == [fields.BLANK] and field.required and isinstance(field, fields.String):
                said.append(fields.SHORT)
            yield fault(way, said)
