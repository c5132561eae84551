"""Moments of a source in the form in which they are stored: UTC, to the second."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from app.fields import Date
from app.zones import Zone

NEVER = "0000-00-00"
"""How some stores write that something has never happened."""


@lru_cache(maxsize=8)
def storing(zone: Zone) -> Callable[[str], str | None]:
    """What gives the stored form of a moment, as properties take its text.

    :param zone: on whose clocks a moment without an offset is read.
    """

    field = Date()

    @lru_cache(maxsize=256)  # what belongs together was often made together
    def stored(value: str) -> str | None:
        if _WHOLE(value):
            hour = int(value[11:13]) - _hours(value[19:])
            if 0 <= hour < 24 and _is_day(value[:10]):
                return f"{value[:10]} {hour:02d}{value[13:19]}"
        if value.startswith(NEVER):
            return None
        moment: datetime = field.deserialize(value)
        return zone.stored(moment)

    return stored


_WHOLE = re.compile(
    r"[12]\d{3}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-4]):?00)", re.ASCII
).fullmatch
"""How moments mostly come: to the second, and so many hours from UTC. Then their text is all but right."""


@lru_cache(maxsize=64)
def _hours(offset: str) -> int:
    """How many hours an offset is ahead of UTC."""
    return 0 if offset == "Z" else int(offset[:3])


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
