"""Content negotiation (RFC 9110 §12.5.1): from an Accept header to the format that answers it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from representations.model import Resource

LONGEST = 4096
"""How many characters of an Accept header are read; no client needs more, and work must be bounded."""


class Format(Protocol):
    """A media type that resources can be rendered in; a module of this package."""

    @property
    def MEDIA_TYPE(self) -> str:  # noqa: N802 - a constant of a module
        """The name under which the format is registered."""

    @property
    def ALIASES(self) -> tuple[str, ...]:  # noqa: N802
        """Other names by which clients ask for it."""

    def render(self, resource: Resource, base: str) -> bytes:
        """The representation of the resource in this format."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A media type under which a format is offered; an alias answers only who names it."""

    media_type: str
    format: Format
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """One member of an Accept header: `type/subtype`, how many parameters it had, its weight."""

    type: str
    subtype: str
    parameters: int
    weight: float

    def specificity(self, media_type: str, *, named_only: bool) -> int:
        """How closely this range fits a media type; 0 where it does not."""
        kind, _, subtype = media_type.partition("/")
        if (self.type, self.subtype) == (kind, subtype):
            return 3 + self.parameters
        if named_only:
            return 0
        if self.type == kind and self.subtype == "*":
            return 2
        return 1 if self.type == self.subtype == "*" else 0


def offers(formats: Sequence[Format]) -> tuple[Offer, ...]:
    """What a server with these formats offers, in order of preference: aliases come last."""
    return (
        *(Offer(each.MEDIA_TYPE, each) for each in formats),
        *(Offer(alias, each, alias=True) for each in formats for alias in each.ALIASES),
    )


def negotiate(accept: str, offered: tuple[Offer, ...]) -> Offer | None:
    """The best offer for an Accept header, or None where nothing on offer is acceptable.

    The most specific range that fits an offer gives it its weight, the highest weight wins, and
    between equals the server's order decides. Parameters of a range (`;charset=utf-8`,
    `;profile=x`) make it more specific and never exclude an offer. Members that make no sense are
    passed over; a header without one that does counts as absent.
    """
    if len(accept) > LONGEST:
        accept = accept[:LONGEST].rpartition(",")[0]
    return _negotiate(accept, offered)


@lru_cache(maxsize=512)
def _negotiate(accept: str, offered: tuple[Offer, ...]) -> Offer | None:
    ranges = list(parse_accept(accept)) or [Range("*", "*", 0, 1.0)]
    weighed = [(weight(ranges, each.media_type, named_only=each.alias), each) for each in offered]
    best = max(weighed, key=lambda pair: pair[0])
    return best[1] if best[0] > 0 else None


def weight(ranges: Sequence[Range], media_type: str, *, named_only: bool = False) -> float:
    """What the most specific of the ranges that fit a media type gives it; 0 where none does.

    :param named_only: a range with a `*` does not fit.
    """
    fits = [(each.specificity(media_type, named_only=named_only), each.weight) for each in ranges]
    specificity, given = max(fits)
    return given if specificity else 0.0


_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_RANGE = re.compile(rf"\s*({_NAME})/({_NAME})\s*(;.*)?", re.DOTALL)
_PARAMETER = re.compile(rf';\s*(?:({_NAME})\s*=\s*({_NAME}|"(?:[^"\\]|\\.)*")\s*)?')
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def parse_accept(accept: str) -> Iterator[Range]:
    """The ranges of an Accept header that are well formed, in its order."""
    for member in _MEMBER.findall(accept):
        if parsed := _parse_range(member):
            yield parsed


def _parse_range(member: str) -> Range | None:
    matched = _RANGE.fullmatch(member)
    if not matched or (matched[1] == "*" and matched[2] != "*"):
        return None
    rest, parameters = matched[3] or "", 0
    while rest:
        parameter = _PARAMETER.match(rest)
        if not parameter:
            return None
        rest = rest[parameter.end() :]
        if parameter[1] and parameter[1].lower() == "q":
            if not _WEIGHT.fullmatch(parameter[2]):
                return None
            return Range(matched[1].lower(), matched[2].lower(), parameters, float(parameter[2]))
        parameters += parameter[1] is not None
    return Range(matched[1].lower(), matched[2].lower(), parameters, 1.0)
