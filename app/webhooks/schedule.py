"""When a delivery that was not heard is tried again: hAPI's hour, then twice a day for three days."""

import random
from collections.abc import Callable
from email.utils import parsedate_to_datetime

FIRST_HOUR = (60, 90, 120, 180, 240, 300, 360, 420, 480, 540, 600)
"""The gaps of the first hour, growing from one minute to ten, in seconds."""

TWICE_A_DAY = 12 * 3600
LAST = 72 * 3600
"""How long after the first attempt the last one is made, for whatever a receiver asks."""

GAPS = (*FIRST_HOUR, TWICE_A_DAY - sum(FIRST_HOUR), *[TWICE_A_DAY] * (LAST // TWICE_A_DAY - 1))
"""The gap behind each attempt but the last."""

LONGEST_ASKED = 24 * 3600
SPREAD = 0.1
"""By how much of it a gap may be shorter: so that what failed together is not tried again together."""


def gap_after(
    attempts: int, asked: int | None = None, drawn: Callable[[], float] = random.random
) -> int | None:
    """How many seconds after so many attempts the next one is made; None where that was the last.

    :param asked: for how long the receiver asked to be left alone; more than a day is not granted.
    :param drawn: a number from 0 to 1.
    """
    if attempts > len(GAPS):
        return None
    gap = round(GAPS[attempts - 1] * (1 - SPREAD * drawn()))
    return max(gap, min(asked or 0, LONGEST_ASKED))


def asked_for(retry_after: str | None, now: float) -> int | None:
    """The seconds that a Retry-After header asks for, given as a number or as a date."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:10]), LONGEST_ASKED)
    try:
        return max(round(parsedate_to_datetime(text).timestamp() - now), 0)
    except (ValueError, TypeError, OverflowError):
        return None
