"""Customers from a table (CSV, TSV) as spreadsheets write it: a customer a row, under a header."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.config import Misconfigured
from app.moving.columns import Column, mapped, placing, unescaped
from app.moving.files import LONGEST_LINE, too_long
from app.moving.lines import Line
from app.moving.rejects import LEFT_OUT
from representations.body import fault_in

Numbered = Iterable[tuple[int, bytes | None]]

_SEPARATORS = (",", ";", "\t")
_MOST_IN_HEADER = 100
"""Lines: as many as titles in quotes may well be broken into."""
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_UNDECODABLE = "is not text in the file's encoding: say --encoding, as cp1252"


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
    if first is None:
        raise Misconfigured("the file has no header that names its columns")
    if first[1] is None:
        raise Misconfigured(f"the header that names its columns cannot be read: {too_long(LONGEST_LINE)}")
    physical = _Physical(encoding, numbered, first)
    separator = separator or _guessed(physical.beginning())
    reader = csv.reader(physical, delimiter=separator, strict=True)
    header = [title.strip() for title in _header(reader, physical, separator)]
    columns = mapped(header, said)
    return Table(header, columns, _rows(reader, physical, separator, columns))


def _guessed(heading: str) -> str:
    """The separator of which a header has the most, those in quotes left aside."""
    return max(_SEPARATORS, key=_QUOTED.sub("", heading).count)


def _header(reader: Iterator[list[str]], physical: "_Physical", separator: str) -> list[str]:
    row, fault = _row(reader, physical, separator)
    if not fault and _is_undecodable("".join(row)):
        fault = _UNDECODABLE
    if "\r" in physical.text().rstrip("\r\n"):
        fault = "its lines end as old Macs wrote them: save the file with other line ends"
    if fault:
        raise Misconfigured(f"the header that names its columns cannot be read: {fault}")
    return row


class _TooLong(Exception):
    """A row takes in a line that is too long, or is itself."""


class _Physical:
    """The lines of a file as text, of which a row may take several: `taken` are those since it began.

    `has_ended` says that a row wanted more than there are.
    """

    def __init__(self, encoding: str, source: Numbered, first: tuple[int, bytes | None]) -> None:
        self.encoding = encoding or "utf-8"
        self.taken: list[tuple[int, bytes | None]] = []
        self.has_ended = False
        self._source, self._again = iter(source), deque([first])
        self._size = 0

    def begin(self) -> None:
        """A row begins."""
        self.taken.clear()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The text; what is none in this encoding becomes surrogates, which are found later."""
        each = self._again.popleft() if self._again else next(self._source, None)
        if each is None:
            self.has_ended = True
            raise StopIteration
        self.taken.append(each)
        line = each[1]
        self._size += len(line) if line is not None else LONGEST_LINE + 1
        if line is None or self._size > LONGEST_LINE:
            raise _TooLong
        return self._decoded(line)

    def go_on_behind_first(self) -> None:
        """All lines that the row has taken but the first are read again, as rows of their own."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.has_ended = False

    def beginning(self) -> str:
        """The lines that are next, until no quote in them is open; they are read again."""
        text = ""
        self.begin()
        with suppress(_TooLong, StopIteration):
            while len(self.taken) < _MOST_IN_HEADER and (not text or text.count('"') % 2):
                text += next(self)
        self._again.extendleft(reversed(self.taken))
        self.has_ended = False
        return text

    def text(self) -> str:
        """The first line of the row."""
        return self._decoded(self.taken[0][1])

    def whole(self) -> str:
        """All lines of the row."""
        return "".join(self._decoded(line) for _, line in self.taken)

    def _decoded(self, line: bytes | None) -> str:
        return (line or b"").decode(self.encoding, errors="surrogateescape")


def _rows(
    reader: Iterator[list[str]], physical: _Physical, separator: str, columns: Sequence[Column | None]
) -> Iterator[Line]:
    places = [placing(each) if each else None for each in columns]
    is_secret = any(each and each.name in LEFT_OUT for each in columns)
    while True:
        row, fault = _row(reader, physical, separator)
        if not physical.taken:
            return
        number, is_blank = physical.taken[0][0], not any(row)
        if not fault and not is_blank:
            fault = _fault(row, len(places))
        if fault:
            text = "" if is_secret else physical.text().rstrip("\r\n")
            if len(physical.taken) > 1:
                fault = f"{fault}; a quote in it opens what goes on in further lines"
                physical.go_on_behind_first()
            yield Line(number, fault=fault, text=text)
        elif not is_blank:
            yield _line(number, row, places)


def _row(reader: Iterator[list[str]], physical: _Physical, separator: str) -> tuple[list[str], str]:
    """The next row, or what is wrong with it; at the end no line is taken.

    A row of one line may have quotes wherever it likes. Of one that takes several they are looked at closely:
    a quote that nobody closes would else take in good rows.
    """
    physical.begin()
    try:
        row = next(reader, [])
    except _TooLong:
        return [], too_long(LONGEST_LINE) if len(physical.taken) == 1 else "is part of a row that is too long"
    except csv.Error as error:
        fault = f"is no row of a table: {error}"
    else:
        has_stray = len(physical.taken) > 1 and _has_stray_quote(physical.whole(), separator)
        return row, "has a quote within a cell" if has_stray else ""
    if len(physical.taken) == 1 and not physical.has_ended:
        try:
            return next(csv.reader([physical.text()], delimiter=separator)), ""
        except csv.Error as error:
            fault = f"is no row of a table: {error}"
    return [], fault


def _has_stray_quote(text: str, separator: str) -> bool:
    """Whether a row has quotes anywhere but around a whole cell."""
    between = re.escape(separator)
    cell = re.compile(rf'(\A|{between})"(?:[^"]|"")*"(?={between}|[\r\n]*\Z)')
    return '"' in cell.sub(r"\1", text)


def _fault(row: Sequence[str], width: int) -> str:
    if len(row) != width:
        return f"has {len(row)} cells, the header {width}"
    joined = "".join(row)
    return _UNDECODABLE if not joined.isascii() and _is_undecodable(joined) else ""


def _line(number: int, row: Sequence[str], places: Sequence[Any]) -> Line:
    document: dict[str, Any] = {"_embedded": {}}
    for place, cell in zip(places, row, strict=True):
        if cell and place:
            place(document, unescaped(cell))
    text = "".join(row)
    return Line(number, document, is_clean=fault_in(text) is None, size=len(text))


def _is_undecodable(text: str) -> bool:
    return any("\udc80" <= each <= "\udcff" for each in text)
