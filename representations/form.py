"""Forms: application/x-www-form-urlencoded bodies, and the pairs of any form as a body."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from representations.body import Body, Malformed, items_from, properties_from, shown

MEDIA_TYPE = "application/x-www-form-urlencoded"

MOST = 1_000
"""How many fields a form may have."""


def parse(body: bytes) -> Body:
    """The form; `+` is a space, and a name without `=` has the value "".

    :raises Malformed: where the encoding is broken, or a name empty or repeated
    """
    if body.count(b"&") >= MOST:
        raise _too_many()
    return body_of(_pairs(body))


def body_of(pairs: Iterable[tuple[str, str]]) -> Body:
    """The fields of a form, however they were encoded; `0[name]`, `1[value]` are of numbered items.

    :raises Malformed: where a name is empty or repeated, or only some names are of items
    """
    plain: dict[str, str] = {}
    numbered: dict[int, dict[str, str]] = {}
    for position, (name, value) in enumerate(pairs):
        if position == MOST:
            raise _too_many()
        item = _of_item(name)
        fields, field = (numbered.setdefault(int(item[1]), {}), item[2]) if item else (plain, name)
        if not field:
            raise Malformed("a field of the form has no name")
        if field in fields:
            raise Malformed(f"{shown(name)} stands twice: send it once", shown(field))
        fields[field] = value
    properties = properties_from(plain)
    if not numbered:
        return Body(properties, textual=True)
    if properties:
        raise Malformed("some fields are of numbered items, as 0[name] is, and some are not")
    return Body({}, items_from(numbered[number] for number in sorted(numbered)), textual=True)


_of_item = re.compile(r"([0-9]{1,6})\[([^\[\]]*)\]").fullmatch


def _pairs(body: bytes) -> Iterator[tuple[str, str]]:
    for field in body.split(b"&"):
        if field:
            name, _, value = field.partition(b"=")
            yield _decoded(name), _decoded(value)


_broken = re.compile(rb"%(?![0-9A-Fa-f]{2})").search


def _decoded(encoded: bytes) -> str:
    if _broken(encoded):
        raise Malformed("the form is not percent-encoded: write % itself as %25")
    try:
        return unquote_to_bytes(encoded.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise Malformed("a field of the form is not UTF-8") from None


def _too_many() -> Malformed:
    return Malformed(f"the form has more than {MOST} fields")
