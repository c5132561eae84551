"""A subscription's dates: what of them fits together, and what becomes of them when they are written."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.db.tables import Author, now
from app.rhythms import following

NEXT = "next_transaction_date"
MOMENTS = ("start_date", NEXT, "end_date", "first_failed_transaction_date")

A_DAY = timedelta(days=1)
"""A date alone is its first moment, which may come before a moment of that day; so days are compared."""

Values = Mapping[str, Any]


def unfit_dates(given: Values, current: Values | None, author: Author) -> Iterator[tuple[str, str]]:
    """What is wrong with the dates together: nothing is before the start, nor active once it has ended.

    What has not begun may be ended before it does.
    """
    start = date_of("start_date", given, current, author) or now()
    is_ahead = current is not None and "start_date" not in given and start > now()
    for name in (NEXT,) if is_ahead else ("end_date", NEXT):
        moment = date_of(name, given, current, author)
        if moment and moment <= start - A_DAY and {name, "start_date"} & given.keys():
            yield (
                (name, "must not be before start_date")
                if name in given
                else (
                    "start_date",
                    f"must not be after {name}",
                )
            )
    end = date_of("end_date", given, current, author)
    if given.get("is_active") and current is not None and end and end <= now():
        yield "is_active", "cannot be true: the end_date has come; set another, or null"


def date_columns(given: Values, current: Values | None, author: Author) -> dict[str, Any]:
    """The dates as they are stored; a new subscription begins now, and goes on in its rhythm."""
    made = {name: author.moment(given[name]) if given[name] else None for name in MOMENTS if name in given}
    if current is None:
        start = made["start_date"] = made.get("start_date") or now()
        made[NEXT] = made.get(NEXT) or following(start, given["frequency"], now())
    return made


def date_of(name: str, given: Values, current: Values | None, author: Author) -> datetime | None:
    """A date as it will be: given, or as it is shown."""
    if name in given:
        return author.moment(given[name]) if given[name] else None
    shown = (current or {}).get(name)
    return datetime.fromisoformat(shown) if shown else None
