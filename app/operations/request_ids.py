"""Under which ids a request is known: X-Request-ID, and the trace of W3C Trace Context (traceparent)."""

import random
import re
from collections.abc import Mapping
from typing import Any

from app import cards

HEADER = "X-Request-ID"
NO_TRACE = ("", "", 0)

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,38}", re.ASCII)
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_NONE = re.compile("0+")


def request_id(environ: Mapping[str, Any]) -> str:
    """The id that the client or a proxy has given where it is well-formed, else a new one.

    It will stand in logs. So one that could be a card's number is none, nor is what is as long as our tokens.
    """
    given = environ.get("HTTP_X_REQUEST_ID")
    if given is not None and _WELL_FORMED.fullmatch(given) and cards.masked(given) == given:
        return str(given)
    return new_id()


def new_id() -> str:
    """An id that no other request has; it need not be unguessable. Python seeds forked processes anew."""
    return f"{random.getrandbits(128):032x}"


def trace(environ: Mapping[str, Any]) -> tuple[str, str, int]:
    """The id of the trace that a request belongs to, that of the span it comes from, and its flags.

    They are empty, and 0, where there is none.

    As Trace Context has it (§3.2): unknown versions are read by the parts that are known, ff is none.
    """
    given = environ.get("HTTP_TRACEPARENT")
    if given is None:
        return NO_TRACE
    matched = _TRACEPARENT.fullmatch(given.strip())
    if matched is None or matched[1] == "ff" or (matched[1] == "00" and matched[5]):
        return NO_TRACE
    if _NONE.fullmatch(matched[2]) or _NONE.fullmatch(matched[3]):
        return NO_TRACE
    return matched[2], matched[3], int(matched[4], 16)
