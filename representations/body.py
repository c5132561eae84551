"""What the body of a request says, whatever media type says it, and what no body may hold."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DEEPEST = 32
"""How deep the values of a body may be nested, in every format; nothing that is stored comes near."""

LARGEST = 10_000
"""How many values (JSON) or elements (XML) a body may hold."""

NOT_PROPERTIES = frozenset({"_links", "_embedded", "_templates", "message"})
"""What documents hold besides properties; whoever sends back what we rendered sends it too."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a body says of one resource, and of the resources that it lists or embeds, if it does.

    `textual` values are text (None where XML says `nil`, maps and lists of text where it nests):
    whoever knows the property types them.
    """

    properties: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...] | None = None
    textual: bool = False


class Malformed(ValueError):
    """A body that cannot be read; the message shows none of its values."""

    def __init__(self, message: str, about: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.property = about


def decoded(body: bytes) -> str:
    """The text of a body.

    :raises Malformed: where it is not UTF-8
    """
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8: byte {error.start}") from None


def properties_from(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that are properties.

    :raises Malformed: where one holds what cannot be kept
    """
    properties = {name: value for name, value in members.items() if name not in NOT_PROPERTIES}
    for name, value in properties.items():
        if fault := fault_in(name):
            raise Malformed(f"the name of a property {fault}")
        if fault := fault_in(value):
            raise Malformed(f"{shown(name)} {fault}", shown(name))
    return properties


def items_from(documents: Iterable[Any]) -> tuple[Mapping[str, Any], ...]:
    """The properties of each document, which must be an object.

    :raises Malformed: naming the first item that cannot be read, by its position
    """
    return tuple(_item(position, document) for position, document in enumerate(documents))


def _item(position: int, document: Any) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise Malformed(f"item {position} is not an object")
    try:
        return properties_from(document)
    except Malformed as error:
        raise Malformed(f"item {position}: {error.message}", error.property) from None


# XML 1.0 (§2.2, production Char) has no way to write these, not even as references: stored, they
# would be lost to every reader of XML.
_not_carried = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search

_INTEGERS = range(-(2**63), 2**63)


def fault_in(value: Any) -> str | None:
    """Why a value, or one that it nests, cannot be stored and shown in every format, if it cannot."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            if found := _not_carried(each):
                return f"holds {_named(found[0])}, which XML cannot carry: leave it out"
        elif isinstance(each, dict):
            pending += [*each, *each.values()]
        elif isinstance(each, list):
            pending += each
        elif isinstance(each, int) and each not in _INTEGERS:
            return "holds an integer of more than 64 bits"
        elif isinstance(each, float) and not math.isfinite(each):
            return "holds a number that is too large"
    return None


def _named(character: str) -> str:
    code = ord(character)
    kind = "control character" if code < ord(" ") else "lone surrogate" if code < 0xE000 else "character"
    return f"the {kind} U+{code:04X}"


_LONGEST_NAME = 64


def shown(name: str) -> str:
    """A name from a body as a message may show it: short, and of printable characters alone."""
    short = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return "".join(each if each.isprintable() else "\ufffd" for each in short)
