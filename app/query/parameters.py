"""The parameters of a raw query string: decoded, known, and each given once where it must be."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote_to_bytes

from app.db.ids import LARGEST
from app.errors import Fault, Refusal, shortened

Pairs = tuple[tuple[str, str], ...]

LONGEST_QUERY = 8192
MOST_FAULTS = 20

MEANINGS = {
    "zoom": "What to embed: names of relations, separated by commas; a colon goes deeper.",
    "fields": "What to show: names of properties, separated by commas.",
    "limit": "How many a page holds at most.",
    "offset": "How many to pass over.",
    "cursor": "Where to go on: it stands in the link to the next page, and is not made by hand.",
    "order": "By what to order: up to five properties, separated by commas, each perhaps with asc or desc.",
}
"""The parameters of all collections, and what each is for."""

ON_PAGES = tuple(MEANINGS)
ON_ONE = ("zoom", "fields")


def parse_pairs(raw: str) -> Pairs:
    """The parameters of a raw query string, decoded once; `+` is a space (HTML's form encoding).

    :raises Refusal: 414 where it is too long, 400 where it is not UTF-8.
    """
    if len(raw) > LONGEST_QUERY:
        message = f"the query string has {len(raw)} characters, at most {LONGEST_QUERY} are read"
        raise Refusal.of(414, message, code="query_too_long")
    return tuple(
        (_decode(name), _decode(value))
        for name, _, value in (each.partition("=") for each in raw.split("&") if each)
    )


def gather(pairs: Pairs, offered: tuple[str, ...]) -> dict[str, str]:
    """One value per parameter; lists may be split over several parameters of one name.

    :raises Refusal: 400 for one that is not offered, or given more than once.
    """
    refuse_unknown((name for name, _ in pairs), offered)
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in given:
            given[name] = value
        elif name in ON_ONE:
            given[name] += "," + value
        else:
            message = f"{name} is given more than once: give it one value"
            raise Refusal.of(400, message, properties=[name], code="repeated_parameter")
    return given


def unknown_parameter(name: str, offered: Iterable[str]) -> Fault:
    """What is said of a parameter that is not offered."""
    listed = ", ".join(offered)
    listed = f"this resource offers {listed}" if listed else "this resource takes none"
    message = f"{shortened(name)} is not a known parameter: {listed}"
    return Fault(message, shortened(name), "unknown_parameter")


def refuse_unknown(names: Iterable[str], offered: Iterable[str]) -> None:
    """Refuses parameters that are not offered here.

    :raises Refusal: 400, one entry for each.
    """
    offered = tuple(offered)
    unknown = [name for name in dict.fromkeys(names) if name not in offered]
    if unknown:
        raise Refusal(400, tuple(unknown_parameter(name, offered) for name in unknown[:MOST_FAULTS]))


def refuse_query(raw: str) -> None:
    """Refuses any parameter, where none is offered.

    :raises Refusal: 400, one entry for each.
    """
    refuse_unknown((name for name, _ in parse_pairs(raw)), ())


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs as a query string, percent-encoded, with what is legible left so."""
    return "&".join(encode_pair(*pair) for pair in pairs)


def encode_pair(name: str, value: str) -> str:
    """One pair of a query string, likewise."""
    return f"{_encode(name)}={_encode(value)}"


def parse_number(name: str, text: str | None, default: int) -> int:
    """A whole number that a parameter gives.

    :raises Refusal: 400 where it is none, or too large.
    """
    if text is None:
        return default
    if not _is_number(text) or int(text) > LARGEST:
        message = f"{name} must be a whole number from 0 to {LARGEST}, not {shortened(text)}"
        raise Refusal.of(400, message, properties=[name], code="not_a_number")
    return int(text)


_LEGIBLE = ":,[]*"
_is_number = re.compile(r"[0-9]{1,10}", re.ASCII).fullmatch


def _encode(text: str) -> str:
    return text if text.isalnum() and text.isascii() else quote(text, safe=_LEGIBLE)


def _decode(text: str) -> str:
    if "%" not in text and "+" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError:
        message = f"the query string is not UTF-8 at {shortened(text)}"
        raise Refusal.of(400, message, code="not_utf8") from None
