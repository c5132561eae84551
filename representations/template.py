"""Text with slots, compiled once per shape and base URL, filled by position per resource.

The literal parts hold what is declared and the base URL, already escaped for their format. No text
of a request is ever code or a format string here: a `%` in a literal is doubled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from representations.model import Shape, Value, Values, absolute, template_parts


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for the value at `index`, written by `write`, or as it is where that is None."""

    index: int
    write: Callable[[Any], str] | None = None


Part = str | Slot
Fill = Callable[[Values], str]


def compile_template(parts: Iterable[Part]) -> Fill:
    """A function from values to text."""
    pieces = list(parts)
    text = "".join(piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in pieces)
    slots = [piece for piece in pieces if isinstance(piece, Slot)]
    if not slots:
        constant = text % ()
        return lambda _: constant
    if any(slot.write for slot in slots):
        return _written(text, slots)
    pick = itemgetter(*(slot.index for slot in slots))
    return lambda values: text % pick(values)


def _written(text: str, slots: Sequence[Slot]) -> Fill:
    writers = [(slot.index, slot.write or str) for slot in slots]
    return lambda values: text % tuple([write(values[index]) for index, write in writers])


def href_parts(
    href: str, shape: Shape, base: str, escape: Callable[[str], str], *, templated: bool = False
) -> Iterator[Part]:
    """The parts of an absolute href, literals escaped for the format that asks."""
    if templated:
        yield escape(absolute(href, base))
        return
    for position, (literal, name) in enumerate(template_parts(href)):
        if name is not None:
            yield Slot(shape.index[name], _percent_encoded(escape))
        else:
            yield escape(absolute(literal, base) if position == 0 else literal)


def _percent_encoded(escape: Callable[[str], str]) -> Callable[[Any], str] | None:
    """Nothing to write where percent-encoded text needs no escaping; XML escapes its `&`."""
    return None if escape("&") == "&" else lambda value: escape(str(value))


def title_parts(title: str | Value, shape: Shape, escape: Callable[[str], str]) -> Iterator[Part]:
    """The parts of a title: declared text, or the text of a property."""
    if isinstance(title, Value):
        yield Slot(shape.index[title.property], lambda value: escape("" if value is None else str(value)))
    else:
        yield escape(title)


def joined(groups: Iterable[Iterable[Part]], separator: str) -> Iterator[Part]:
    """The parts of all groups, with a separator between them."""
    for position, group in enumerate(groups):
        if position:
            yield separator
        yield from group
