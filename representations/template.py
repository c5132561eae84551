"""Text with slots, compiled once per shape and base URL, filled by position per resource.

The literal parts hold what is declared and the base URL, already escaped for their format. No text
of a request is ever code or a format string here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from representations.compiled import Expression, Named, item, named, text, variable
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
    calls = Named()
    return calls.function(["values"], template(parts, calls))


def template(parts: Iterable[Part], calls: Named) -> Expression:
    """The text as an expression over `values`, for who makes more of it."""
    written: dict[Slot, str] = {}
    pieces: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
        elif part in written:
            pieces.append(variable(written[part]))
        else:
            written[part] = f"t{len(written)}"
            value = item("values", part.index)
            pieces.append(named(written[part], calls.call(part.write, value) if part.write else value))
    return text(pieces)


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
