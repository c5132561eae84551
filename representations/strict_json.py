"""JSON as it comes in (RFC 8259): UTF-8 without a mark, each name once, bounded before it is parsed."""

import json
import re
from typing import Any, NoReturn

from representations.body import DEEPEST, LARGEST, Malformed, decoded, shown


def load(body: bytes) -> Any:
    """The document; an empty body is an empty object.

    Values are not checked: `body.fault_in` does that to those which are kept.

    :raises Malformed: where the body is not JSON, or more of it than anyone needs
    """
    text = decoded(body)
    if text.startswith("\ufeff"):  # RFC 8259 §8.1
        raise Malformed("the body begins with a byte order mark: leave it out")
    if not text.strip(" \t\r\n"):
        return {}
    _bound(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON: line {error.lineno}, column {error.colno}") from None


# The decoder recurses, so depth is counted before it runs: on what is left without the strings. The
# pattern never goes back, and takes a string without an end as one that ends with the text: the work
# is linear in the body. Commas and brackets tell how many values there are (an empty array as two).

_without_strings = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL).sub
_brackets = re.compile(r"[\[\]{}]").finditer


def _bound(text: str) -> None:
    bare = _without_strings("", text)
    if bare.count(",") + bare.count("[") + bare.count("{") >= LARGEST:
        raise Malformed(f"the body holds more than {LARGEST} values")
    depth = 0
    for bracket in _brackets(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise Malformed(f"the body is nested more than {DEEPEST} deep")
        if depth < 0:  # not JSON, as the decoder will say
            return


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen = set[str]()
        for name, _ in pairs:
            if name in seen:
                raise Malformed(f"{shown(name)} stands twice in one object: send it once", shown(name))
            seen.add(name)
    return made


_LONGEST_INTEGER = len(str(-(2**63)))


def _integer(digits: str) -> int:
    """One that is far too long becomes one that is too large, without the work of reading it."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else 2**64


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON: numbers are finite")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
