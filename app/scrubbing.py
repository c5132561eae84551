"""What must never stand in a log is taken out of it: by the name it stands under, and by what it looks like.

The code logs no secret on purpose. This is for what it does not foresee: a library that logs a header, a
message that repeats what a client has sent.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app import cards

MASK = "***"
LONGEST = 10_000
"""Characters of one text that are logged."""

DEEPEST = 8
SHORTEST_DIGITS = 14
"""From so many digits on a number may be that of a card."""


def scrub(value: Any, depth: int = 0) -> Any:
    """A value fit for a log line: text without secrets, an exception's type, collections of such."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and len(str(value)) < SHORTEST_DIGITS:
        return value
    if isinstance(value, bytes):
        return scrub_text(value.decode(errors="replace"))
    if isinstance(value, BaseException):
        return type(value).__name__  # its text may hold anything
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {scrub_text(str(name)): _under(str(name), each, depth) for name, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str) and depth < DEEPEST:
        return [scrub(each, depth + 1) for each in value]
    return scrub_text(str(value))


def scrub_text(text: str) -> str:
    """A text with a mask in place of whatever looks like a secret, and without what JSON cannot carry."""
    text = text.encode(errors="replace").decode()
    folded = text.lower()
    for look in _LOOKS:
        if any(hint in folded for hint in look.hints):
            text = look.pattern.sub(look.replacement, text)
    if len(text) >= SHORTEST_DIGITS:
        text = cards.masked(_OPAQUE.sub(MASK, text))
    return text[:LONGEST]


def _under(name: str, value: Any, depth: int) -> Any:
    if value is not None and (_WORD.search(name) or _NAME.fullmatch(name)):
        return MASK
    return scrub(value, depth + 1)


_WORDS = (
    r"(?:password|passwd|passphrase|secret|token|authorization|cookie|credential|api[_-]?key|assertion"
    r"|signature|verifier|hash|salt|cvv|cvc|csc|cc[_-]?number|card[_-]?number)"
)
_WORD = re.compile(_WORDS, re.IGNORECASE)
_NAME = re.compile(r"code|key|pwd|otp|pin", re.IGNORECASE)
_NAMED = rf"(?:{_WORDS}[\w-]{{0,40}}|\b(?:code|pwd|otp))"
_QUOTED = r"\"[^\"]*\"|'[^']*'"


@dataclass(frozen=True, slots=True)
class _Look:
    """What a secret looks like; where none of the hints is in a text, the pattern is not."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str = MASK


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.ASCII)


_SCHEMES = ("bearer", "basic", "digest", "dpop")
_LOOKS = (
    _Look(_SCHEMES, _pattern(rf"\b({'|'.join(_SCHEMES)})\s+[\w.~+/=-]+"), rf"\1 {MASK}"),
    _Look(("://",), _pattern(r"://[^/\s@]*@"), f"://{MASK}@"),
    _Look(
        ("=", ":"),
        _pattern(rf"({_NAMED}[\"']?\s{{0,9}}[=:]\s{{0,9}})({_QUOTED}|[^\s\"'&,;)}}\]]+)"),
        rf"\1{MASK}",
    ),
    _Look((",",), _pattern(rf"({_NAMED}[\"']\s{{0,9}},\s{{0,9}})({_QUOTED})"), rf"\1{MASK}"),
    _Look((">",), _pattern(rf"({_NAMED}>)[^<]*"), rf"\1{MASK}"),
    _Look(("$",), _pattern(r"\$[a-z0-9]{1,12}\$[^\s\"',]{8,}")),  # bcrypt, argon2, phpass, crypt
    _Look(("pbkdf2",), _pattern(r"\bpbkdf2[\w-]{0,40}[:$][^\s\"',]+")),
    _Look(("eyj",), _pattern(r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*")),  # a JWT
)
"""None takes longer than the text is long: clients choose what stands in it."""

_OPAQUE = re.compile(r"\b[0-9a-fA-F]{32,}\b|(?<![\w-])(?=[\w-]*[A-Z0-9])[\w-]{40,}(?![\w-])", re.ASCII)
"""A digest, and what is as long and unbroken as our own tokens."""
