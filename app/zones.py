"""Moments as the faces show them: in the store's timezone, `2013-08-16T14:13:54-0700`.

A stored moment is text in UTC. A zone's offsets are computed once as spans; showing a moment is a
search among them and an addition, with no `datetime` made (hAPI §3.7 gives the form).
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from app.db.types import STORED_FORMAT

log = structlog.get_logger()

_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_STEP = timedelta(days=7)
_MOST_DAYS = 4096
"""How many days a zone keeps at hand: eleven years."""
_FIRST_STORED, _LAST_STORED = "0001-01-01 00:00:00", "9999-12-31 23:59:59"


_Day = tuple[dict[str, tuple[int, str]], str, dict[int, str]]
"""Of one day: what each minute of it is, how its offset is written, and the dates around it."""


class Zone:
    """One timezone's way to show stored moments; the portal writes offsets with a colon (hAPI §7)."""

    def __init__(self, name: str, colon: str = "") -> None:
        self._info = ZoneInfo(name)
        self._colon = colon
        spans = list(_spans(self._info))
        self._starts = [start.strftime(STORED_FORMAT) for start, _ in spans]
        self._offsets = [
            (_clock(offset // timedelta(minutes=1)), _suffix(offset, colon)) for _, offset in spans
        ]
        self._end = f"{_LAST_YEAR}"
        self._days: dict[str, _Day] = {}

    def show(self, stored: str) -> str:
        """The wire form of a stored moment, `YYYY-MM-DD HH:MM:SS` in UTC."""
        known = self._days.get(stored[:10]) or self._around(stored)
        if known is None:
            return self._exactly(stored)
        clock, suffix, shown = known
        days, time = clock[stored[11:16]]
        return f"{shown[days]}{time}{stored[16:19]}{suffix}"

    def moment(self, given: datetime) -> datetime:
        """A moment with its offset: without one it was local here. What is beyond the calendar is its end."""
        return datetime.strptime(self.stored(given), STORED_FORMAT).replace(tzinfo=UTC)

    def stored(self, moment: datetime, days: int = 0, seconds: int = 0) -> str:
        """The stored form of a moment, so many days and seconds on; without an offset it is local here.

        A day is the next date, however long it lasts. What is beyond the calendar is its end.
        """
        try:
            local = moment if moment.tzinfo else moment.replace(tzinfo=self._info)
            moved = (local + timedelta(days=days)).astimezone(UTC) + timedelta(seconds=seconds)
        except OverflowError:
            return _FIRST_STORED if moment.year == 1 else _LAST_STORED
        return moved.replace(tzinfo=None).isoformat(" ", "seconds")

    def _around(self, stored: str) -> "_Day | None":
        """What a moment has in common with those around it, kept at hand where that is its whole day in UTC.

        None beyond the years whose offsets are known.
        """
        position, day = bisect_right(self._starts, stored) - 1, stored[:10]
        if position < 0 or stored >= self._end:
            return None
        clock, suffix = self._offsets[position]
        known = clock, suffix, {days: _shifted(day, days) for days in (-1, 0, 1)}
        later = self._starts[position + 1 : position + 2]
        if self._starts[position] <= f"{day} 00:00:00" and (not later or later[0] > f"{day} 23:59:59"):
            if len(self._days) >= _MOST_DAYS:
                self._days.clear()
            self._days[day] = known
        return known

    def _exactly(self, stored: str) -> str:
        moment = datetime.strptime(stored[:19], STORED_FORMAT).replace(tzinfo=UTC).astimezone(self._info)
        return moment.isoformat(timespec="seconds")[:19] + _suffix(
            moment.utcoffset() or timedelta(), self._colon
        )


@lru_cache(maxsize=128)
def _clock(offset: int) -> dict[str, tuple[int, str]]:
    """What each minute of a UTC day is at an offset: by how many days it is shifted, and its time."""
    shown = {}
    for minute in range(1440):
        days, local = divmod(minute + offset, 1440)
        shown[f"{minute // 60:02d}:{minute % 60:02d}"] = days, f"T{local // 60:02d}:{local % 60:02d}"
    return shown


@lru_cache(maxsize=600)
def zone(name: str, colon: str = "") -> Zone:
    """The zone of an IANA name; UTC, and a line in the log, where there is no such zone.

    :param colon: what stands between the hours and the minutes of an offset.
    """
    try:
        return Zone(name, colon)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("timezone_unknown", timezone=name, remedy="set the store's timezone to an IANA name")
        return Zone("UTC", colon)


def _spans(info: ZoneInfo) -> list[tuple[datetime, timedelta]]:
    """When each offset begins (UTC) and what it is, found by stepping and halving."""
    moment, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    spans = [(moment, _offset(info, moment))]
    while moment < end:
        following = moment + _STEP
        if _offset(info, following) != spans[-1][1]:
            spans.append(_change(info, moment, following))
        moment = following
    return spans


def _change(info: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, timedelta]:
    old = _offset(info, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        before, after = (middle, after) if _offset(info, middle) == old else (before, middle)
    return after, _offset(info, after)


def _offset(info: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(info).utcoffset() or timedelta()
    return timedelta(minutes=offset // timedelta(minutes=1))


def _suffix(offset: timedelta, colon: str) -> str:
    minutes = offset // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{colon}{rest:02d}"


def _shifted(day: str, days: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:  # the day before the calendar's first: no offset is so large that it is shown
        return day
