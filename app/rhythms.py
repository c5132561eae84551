"""How often something repeats: `14d`, `2w`, `1m`, `1y`, or `.5m`, which is twice a month (hAPI §4.8)."""

import calendar
from datetime import MAXYEAR, datetime, timedelta
from typing import TypeVar

PATTERN = r"(?!0+[dwmy])[0-9]{1,3}[dwmy]|\.5m"
FAULT = "must be a number and d, w, m or y, or .5m"

HALF_A_MONTH = timedelta(days=15)
_MONTHS = {"m": 1, "y": 12}
_DAYS = {"d": 1, "w": 7}
_MOST_DAYS = {**_DAYS, "m": 31, "y": 366}

When = TypeVar("When", bound=datetime)


def later(moment: When, frequency: str, times: int = 1) -> When:
    """The moment so many times on. A month's day is kept where that month has it, else its last is taken.

    :raises OverflowError: beyond the calendar.
    """
    if frequency == ".5m":
        months, half = divmod(times, 2)
        return _months(moment, months) + half * HALF_A_MONTH
    count, unit = int(frequency[:-1]) * times, frequency[-1]
    if unit in _MONTHS:
        return _months(moment, count * _MONTHS[unit])
    return moment + timedelta(days=count * _DAYS[unit])


def following(start: datetime, frequency: str, now: datetime) -> datetime:
    """The first moment of a rhythm that lies ahead: its start, or so many times on.

    :raises OverflowError: beyond the calendar.
    """
    times = max((now - start) // _longest(frequency), 0)
    while (moment := later(start, frequency, times)) <= now:
        times += 1
    return moment


def _longest(frequency: str) -> timedelta:
    """How long once takes at most."""
    return timedelta(days=16 if frequency == ".5m" else int(frequency[:-1]) * _MOST_DAYS[frequency[-1]])


def _months(moment: When, count: int) -> When:
    years, month = divmod(moment.month - 1 + count, 12)
    year = moment.year + years
    if year > MAXYEAR:
        raise OverflowError("beyond the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
