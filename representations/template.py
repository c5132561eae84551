"""Text with slots, compiled once per shape and base URL, filled by position per resource.

The literal parts hold what is declared and the base URL, already escaped for their format. No text
of a request is ever code or a format string here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
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
    """A function from values to text. Each value is written once, however many slots show it."""
    literals, slots = _separate(parts)
    if not slots:
        return lambda _: literals[0]
    distinct = list(dict.fromkeys(slots))
    writers = [(slot.index, slot.write or str) for slot in distinct]
    if len(writers) == 1:
        index, write = writers[0]
        return lambda values: write(values[index]).join(literals)
    pick = itemgetter(*map(distinct.index, slots))
    frame = [""] * (2 * len(slots) + 1)
    frame[0::2] = literals

    def fill(values: Values) -> str:
        whole = frame[:]
        whole[1::2] = pick([write(values[index]) for index, write in writers])
        return "".join(whole)

    return fill


def _separate(parts: Iterable[Part]) -> tuple[list[str], list[Slot]]:
    """The slots, and the literals around them: always one more."""
    literals, slots = [""], list[Slot]()
    for part in parts:
        if isinstance(part, Slot):
            slots.append(part)
            literals.append("")
        else:
            literals[-1] += part
    return literals, slots


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


@lru_cache(maxsize=16)
def _percent_encoded(escape: Callable[[str], str]) -> Callable[[Any], str] | None:
    """Nothing to write where percent-encoded text needs no escaping; XML escapes its `&`."""
    if escape("&") == "&":
        return None
    return lambda value: str(value) if value.__class__ is int else escape(str(value))


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
