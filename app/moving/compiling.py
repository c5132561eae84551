"""One Python function for a type's properties, made of its declaration: it takes what is surely right."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import fields

from app.cards import SHORTEST_DISGUISED
from app.fields import Boolean, Check, String, at_most, is_chosen, is_listed, no_card_number

Values = Mapping[str, Any]
Compiled = Callable[[Values], dict[str, Any]]


class Doubt(Exception):
    """A value may be wrong."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a property is taken: `check` gives its value, or raises; None where its field says it all."""

    field: fields.Field[Any]
    check: Callable[[Any], Any] | None = None


def compiled(taken: Mapping[str, Taken], known: Iterable[str] | None, *, trusted: bool) -> Compiled:
    """A function from the properties of a document to their values, in the order of the declaration.

    It raises `Doubt` or `ValidationError` where one may be wrong; it takes nothing that marshmallow does not.

    :param known: what else a document may have, which is passed over; None where that may be anything.
    :param trusted: look at types, lengths, closed sets and card numbers only.
    """
    names: dict[str, Any] = {"Doubt": Doubt, "ABSENT": object(), "no_card_number": no_card_number}
    body = list[str]()
    if known is not None:
        names["KNOWN"] = frozenset([*taken, *known])
        body += ["if not given.keys() <= KNOWN:", "    raise Doubt"]
    for number, (name, each) in enumerate(taken.items()):
        body += _property(name, each, number, names, trusted=trusted)
    lines = ["def take(given):", "    get, made = given.get, {}", *(f"    {line}" for line in body)]
    source = "\n".join([*lines, "    return made"])
    exec(compile(source, "<checks of a declaration>", "exec"), names)  # noqa: S102 - of declarations alone
    made: Compiled = names["take"]
    return made


def _property(name: str, taken: Taken, number: int, names: dict[str, Any], *, trusted: bool) -> Iterator[str]:
    yield f"value = get({name!r}, ABSENT)"
    yield "if value is not ABSENT:"
    if taken.check is not None or not isinstance(taken.field, String | Boolean):
        names[f"check_{number}"] = taken.check or taken.field.deserialize
        yield f"    value = check_{number}(value)"
    elif isinstance(taken.field, Boolean):
        yield from ("    if value is not True and value is not False:", "        raise Doubt")
    else:
        yield from (f"    {line}" for line in _text(taken.field, number, names, trusted=trusted))
    yield f"    made[{name!r}] = value"
    if taken.field.required:
        yield from ("else:", "    raise Doubt")


def _text(field: String, number: int, names: dict[str, Any], *, trusted: bool) -> Iterator[str]:
    lengths, others = list[int](), list[Check]()
    for each in field.validators:
        if isinstance(each, partial) and each.func is at_most:
            lengths.append(each.args[0])
        else:
            others.append(each)
    yield "if value.__class__ is str:"
    yield from (f"    if len(value) > {length}: raise Doubt" for length in lengths)
    if not field.allow_none:
        yield "    if not value.strip(): raise Doubt"
    for at, each in enumerate(filter(_is_always_checked, others) if trusted else others):
        if each is no_card_number:
            yield f"    if len(value) >= {SHORTEST_DISGUISED} or not value.isascii(): no_card_number(value)"
        else:
            names[f"check_{number}_{at}"] = each
            yield f"    check_{number}_{at}(value)"
    if field.allow_none:
        yield from ("    pass", "elif value is not None:", "    raise Doubt")
    else:
        yield from ("else:", "    raise Doubt")


def _is_always_checked(check: Check) -> bool:
    """Whether even those who are trusted are held to it: no export brings such elsewhere."""
    return check is no_card_number or (isinstance(check, partial) and check.func in {is_chosen, is_listed})
