"""Customers from a table (CSV, TSV) as spreadsheets write it: a customer a row, under a header."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.config import Misconfigured
from app.moving.columns import Column, mapped, placing, unescaped
from app.moving.files import TOO_LONG
from app.moving.lines import Line
from app.moving.rejects import LEFT_OUT
from representations.body import fault_in

Numbered = Iterable[tuple[int, bytes | None]]

_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header has been read: what its columns are called, and what they hold."""

    header: Sequence[str]
    columns: Sequence[Column | None]
    lines: Iterator[Line]


def table(
    source: Numbered, said: Sequence[tuple[str, str]], separator: str = "", encoding: str = ""
) -> Table:
    """Reads the header of a table; its rows are read as they are asked for.

    :param said: what somebody said that columns hold, as `columns.mapped` takes it.
    :param separator: what stands between cells; guessed where it is not given.
    :raises Misconfigured: where there is no header, or it makes no sense.
    """
    numbered = iter(source)
    first = next(((number, line) for number, line in numbered if line is None or line.strip()), None)
    if first is None or first[1] is None:
        raise Misconfigured("the file has no header that names its columns")
    heading = _decoded(first[1], encoding)
    separator = separator or max(_SEPARATORS, key=heading.count)
    header = [title.strip() for title in next(csv.reader([heading], delimiter=separator))]
    columns = mapped(header, said)
    physical = _Physical(numbered, encoding)
    return Table(header, columns, _rows(physical, separator, columns))


class _Physical:
    """The lines of a file as text, of which a row may take several; `first` is the number of its first."""

    def __init__(self, source: Numbered, encoding: str) -> None:
        self._source, self._encoding = iter(source), encoding
        self.first = 0
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        for number, line in self._source:
            if line is None:
                self.too_long.append(number)
            else:
                self.first = self.first or number
                yield _decoded(line, self._encoding)


def _decoded(line: bytes, encoding: str) -> str:
    """The text; what is none in this encoding becomes surrogates, which are found later."""
    return line.decode(encoding or "utf-8", errors="surrogateescape")


def _rows(physical: _Physical, separator: str, columns: Sequence[Column | None]) -> Iterator[Line]:
    reader = csv.reader(physical, delimiter=separator)
    places = [placing(each) if each else None for each in columns]
    is_secret = any(each and each.name in LEFT_OUT for each in columns)
    while True:
        physical.first = 0
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Line(physical.first, fault=f"is no row of a table: {error}")
            continue
        for each in physical.too_long:
            yield Line(each, fault=TOO_LONG)
        physical.too_long.clear()
        if row is None:
            return
        if any(row):
            yield _line(physical.first, row, places, "" if is_secret else separator.join(row))


def _line(number: int, row: Sequence[str], places: Sequence[Any], text: str) -> Line:
    if len(row) != len(places):
        fault = f"has {len(row)} cells, the header {len(places)}"
        return Line(number, fault=fault, text=text)
    joined = "".join(row)
    if not joined.isascii() and _is_undecodable(joined):
        return Line(number, fault="is not text in the file's encoding: say --encoding, as cp1252", text=text)
    document: dict[str, Any] = {"_embedded": {}}
    for place, cell in zip(places, row, strict=True):
        if cell and place:
            place(document, unescaped(cell))
    return Line(number, document, is_clean=fault_in(joined) is None)


def _is_undecodable(text: str) -> bool:
    return any("\udc80" <= each <= "\udcff" for each in text)
