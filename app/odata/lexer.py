"""From the text of a query option to its tokens (OData ABNF, which is generous with blanks here)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.odata.faults import shortened, unoffered, wrong
from app.odata.literals import LiteralType, Unreadable, read_date, read_moment, read_number, read_time

Kind = Literal["name", "dollar", "alias", "mark", "end"] | LiteralType

_TOKENS = re.compile(
    r"""
      (?P<blank>[ \t]+)
    | (?P<prefixed>[^\W\d][\w.]*'(?:[^']|'')*')
    | (?P<guid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-]))
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\.\*)?)
    | (?P<dollar>\$[^\W\d]\w*)
    | (?P<alias>@[^\W\d][\w.]*)
    | (?P<text>'(?:[^']|'')*')
    | (?P<moment>-?\d{4,}-\d\d-\d\d[Tt][\d:.]*(?:[Zz]|[+\- ]\d\d:\d\d)?)
    | (?P<date>-?\d{4,}-\d\d-\d\d)
    | (?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)
    | (?P<number>[+-]?\d+(?:\.\d+)?(?:[Ee][+-]?\d+)?)
    | (?P<mark>[()/,;:=*{}\[\]"-])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_READERS = {
    "moment": read_moment,
    "date": read_date,
    "time": read_time,
    "number": read_number,
}
_FOREIGN = {"duration", "binary", "geography", "geometry"}
_OLD = {"datetime", "datetimeoffset", "guid", "time", "x"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an option's text. Of a literal, `kind` is its type and `value` what it stands for."""

    kind: Kind
    text: str
    at: int
    value: Any = None


def tokens(text: str, option: str) -> Iterator[Token]:
    """The tokens of a text, and one that says that it ends.

    :raises Refusal: where something is no token, or a literal of a type that is not offered.
    """
    at = 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None:
            raise _untellable(text, at, option)
        kind, piece = str(found.lastgroup), found.group()
        if kind != "blank":
            yield _token(kind, piece, at, option)
            _ended(text, found.end(), kind, option)
        at = found.end()
    yield Token("end", "", at)


def _token(kind: str, piece: str, at: int, option: str) -> Token:
    if kind == "text":
        return Token("Edm.String", piece, at, piece[1:-1].replace("''", "'"))
    if kind in _READERS:
        try:
            literal = _READERS[kind](piece)
        except Unreadable as fault:
            raise wrong(option, str(fault), at) from None
        return Token(literal.type, piece, at, literal.value)
    if kind == "prefixed":
        raise _prefixed(piece, at, option)
    if kind == "guid":
        raise unoffered(option, "no property is an Edm.Guid")
    assert kind in {"name", "dollar", "alias", "mark"}
    return Token(kind, piece, at)  # type: ignore[arg-type]


def _ended(text: str, end: int, kind: str, option: str) -> None:
    """A literal ends before the next word begins: `1and` is nothing."""
    if kind in {*_READERS, "text"} and end < len(text) and re.match(r"[\w.$@']", text[end]):
        raise wrong(option, f"a blank is missing before '{shortened(text[end:], 20)}'", end)


def _prefixed(piece: str, at: int, option: str) -> Exception:
    prefix = piece.partition("'")[0]
    if prefix.lower() in _FOREIGN:
        return unoffered(option, f"literals like {prefix}'…' are not supported")
    if prefix.lower() in _OLD:
        return wrong(option, f"{prefix}'…' is OData 3: since OData 4 such a literal is written bare", at)
    if "." in prefix:
        return unoffered(option, f"no property has an enumeration: there is no '{shortened(prefix)}'")
    return wrong(option, f"a blank is missing after '{shortened(prefix)}'", at)


def _untellable(text: str, at: int, option: str) -> Exception:
    if text[at] == "'":
        return wrong(option, "a text is not closed: it ends with ', and '' stands for one within it", at)
    return wrong(option, f"'{shortened(text[at:], 20)}' is not understood", at)
