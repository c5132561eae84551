"""Wildcards: a text with `*` in it, spelled as each engine reads patterns."""

import re

from app.query.conditions import Operator

_GLOB = re.compile(r"[?\[]")
_LIKE = re.compile(r"[\\%_]")
_HIGHEST = chr(0x10FFFF)


def pattern(text: str) -> tuple[Operator, tuple[str, ...]]:
    """The pattern as SQLite's GLOB and as PostgreSQL's LIKE read it.

    Where a text stands before the first wildcard, the range that it opens comes too: from that text
    to the first that no longer begins with it.
    """
    text = re.sub(r"\*+", "*", text)
    glob = _GLOB.sub(r"[\g<0>]", text)
    like = _LIKE.sub(r"\\\g<0>", text).replace("*", "%")
    first = text.partition("*")[0]
    beyond = _beyond(first)
    return ("begins", (glob, like, first, beyond)) if beyond else ("matches", (glob, like))


def _beyond(first: str) -> str:
    """The lowest text above all that begin with this one; "" where there is none."""
    first = first.rstrip(_HIGHEST)
    if not first:
        return ""
    following = ord(first[-1]) + 1
    return first[:-1] + chr(0xE000 if following == 0xD800 else following)
