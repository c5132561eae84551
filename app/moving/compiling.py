"""Python functions for a type's properties, made of its declaration: they take what is surely right."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import fields

from app.cards import SHORTEST_DISGUISED, may_be_card
from app.fields import Boolean, Check, String, at_most, is_chosen, is_listed, no_card_number
from app.moving.making import MOMENTS

Values = Mapping[str, Any]
ByName = Callable[[Values], dict[str, Any]]


class Doubt(Exception):
    """A value may be wrong."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a property is taken: `check` gives its value, or raises; None where its field says it all.

    Where it `is_text`, that is of a text alone; a null stays one, and nothing else is taken.
    """

    field: fields.Field[Any]
    check: Callable[[Any], Any] | None = None
    is_text: bool = False


def by_name(
    taken: Mapping[str, Taken], known: frozenset[str], refused: frozenset[str] | None, *, trusted: bool
) -> ByName:
    """A function from the properties of a document to their values, in the order of the declaration.

    It raises `Doubt` or `ValidationError` where one may be wrong; it takes nothing that marshmallow does not.

    :param known: what else a document may have, which is passed over.
    :param refused: the names, in small letters, of what it may not have; None where it may have nothing else.
    :param trusted: look at types, lengths, closed sets and card numbers only.
    """
    names: dict[str, Any] = {"ABSENT": object(), "KNOWN": known | taken.keys(), "REFUSED": refused}
    body = ["get, made = given.get, {}"]
    if refused is None:
        body += ["if not given.keys() <= KNOWN:", "    raise Doubt"]
    elif refused:
        body += ["if any(name.lower() in REFUSED for name in given):", "    raise Doubt"]
    for name, each in taken.items():
        body += [f"value = get({name!r}, ABSENT)", "if value is not ABSENT:"]
        body += [f"    {line}" for line in _looking("value", name, each, names, trusted=trusted)]
        body += [f"    made[{name!r}] = value"]
        body += ["else:", "    raise Doubt"] if each.field.required else []
    return _defined("given", [*body, "return made"], names)


def by_place(
    form: Sequence[str], taken: Mapping[str, Taken], apart: Iterable[str], *, trusted: bool
) -> Callable[[Values], tuple[tuple[Any, ...], dict[str, Any]]]:
    """The same for documents of one form: it gives the values of the properties that are taken, in the order
    of the form, and some of them by name.

    :param form: the names of a document's properties, in their order: all that must be there, and none that
        is not known.
    :param apart: the names of those that are given by name as well.
    """
    names: dict[str, Any] = {}
    own = [name for name in form if name in taken]
    place = {name: f"value_{number}" for number, name in enumerate(form)}
    body = [f"{_listed(place.values())} = given.values()"]
    for name in own:
        body += _looking(place[name], name, taken[name], names, trusted=trusted)
    by_name = ", ".join(f"{name!r}: {place[name]}" for name in own if name in apart)
    body.append(f"return ({_listed(place[name] for name in own)}), {{{by_name}}}")
    return _defined("given", body, names)


def row_by_place(
    own: Sequence[str], apart: Iterable[str], defaults: Mapping[str, Any]
) -> Callable[..., tuple[Any, ...]]:
    """A function from what `by_place` gives to rows; it takes what `Maker.row` does, behind the values.

    :param own: the properties that are taken, in the order of the form.
    :param apart: the names of properties that a class of rows makes others of: those come from it alone.
    :param defaults: the columns of the table, each with its default.
    """
    names: dict[str, Any] = {}
    place = {name: f"value_{number}" for number, name in enumerate(own)}
    columns = list[str]()
    for number, (name, default) in enumerate(defaults.items()):
        names[f"default_{number}"] = default
        otherwise = "moment" if name in MOMENTS else f"default_{number}"
        if name in _KEYS:
            columns.append(_KEYS[name])
        elif name in place and name not in apart:
            columns.append(place[name])
        else:
            columns.append(f"get({name!r}, {otherwise})")
    body = [f"{_listed(place.values())} = values", "get = columns.get", f"return ({_listed(columns)})"]
    return _defined("values, columns, store_id, row_id, customer_id, moment", body, names)


_KEYS = {"store_id": "store_id", "id": "row_id", "customer_id": "customer_id"}


def _listed(parts: Iterable[str]) -> str:
    """What makes a tuple of these, or takes one apart."""
    return "".join(f"{each}, " for each in parts) or "()"


def _defined(parameters: str, body: Iterable[str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function; its source is of declarations alone, values and their names come later."""
    source = "\n".join([f"def made({parameters}):", *(f"    {line}" for line in body)])
    names |= {"Doubt": Doubt, "no_card_number": no_card_number, "may_be_card": may_be_card}
    exec(compile(source, "<a declaration>", "exec"), names)  # noqa: S102 - of declarations alone
    made: Callable[..., Any] = names["made"]
    return made


def _looking(value: str, name: str, taken: Taken, names: dict[str, Any], *, trusted: bool) -> Iterator[str]:
    """The lines that look at a value, which a variable holds, and leave there what it is taken for."""
    check = f"check_{name}"
    if taken.check is None and isinstance(taken.field, Boolean):
        yield from (f"if {value} is not True and {value} is not False:", "    raise Doubt")
    elif taken.check is None and isinstance(taken.field, String):
        yield from _text(value, name, taken.field, names, trusted=trusted)
    else:
        names[check] = taken.check or taken.field.deserialize
        if taken.is_text:
            yield from (f"if {value}.__class__ is str:", f"    {value} = {check}({value})")
            yield from (f"elif {value} is not None:", "    raise Doubt")
        else:
            yield f"{value} = {check}({value})"


def _text(value: str, name: str, field: String, names: dict[str, Any], *, trusted: bool) -> Iterator[str]:
    lengths, others = list[int](), list[Check]()
    for each in field.validators:
        if isinstance(each, partial) and each.func is at_most:
            lengths.append(each.args[0])
        else:
            others.append(each)
    yield f"if {value}.__class__ is str:"
    yield from (f"    if len({value}) > {length}: raise Doubt" for length in lengths)
    if not field.allow_none:
        yield f"    if not {value} or {value}.isspace(): raise Doubt"
    for at, each in enumerate(filter(_is_always_checked, others) if trusted else others):
        if each is no_card_number:
            is_long = f"(len({value}) >= {SHORTEST_DISGUISED} or not {value}.isascii())"
            yield f"    if {is_long} and may_be_card({value}): no_card_number({value})"
        else:
            names[f"check_{name}_{at}"] = each
            yield f"    check_{name}_{at}({value})"
    if field.allow_none:
        yield from ("    pass", f"elif {value} is not None:", "    raise Doubt")
    else:
        yield from ("else:", "    raise Doubt")


def _is_always_checked(check: Check) -> bool:
    """Whether even those who are trusted are held to it: no export brings such elsewhere."""
    return check is no_card_number or (isinstance(check, partial) and check.func in {is_chosen, is_listed})
