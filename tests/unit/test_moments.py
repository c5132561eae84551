"""A date in a filter is the seconds that the calendar of its zone gives it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.types import STORED_FORMAT
from app.query.values import parse_moment
from app.zones import zone

LOS_ANGELES = zone("America/Los_Angeles")
ZONES = ("UTC", "America/Los_Angeles", "Europe/Oslo", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia")

WRITTEN = {
    "2013-08-16": ("2013-08-16 07:00:00", "2013-08-17 06:59:59"),
    "2013-08-16 14:13:54": ("2013-08-16 21:13:54",) * 2,
    "2013-08-16T14:13:54": ("2013-08-16 21:13:54",) * 2,
    "2013-08-16T14:13": ("2013-08-16 21:13:00",) * 2,
    "2013-08-16T14:13:54-0700": ("2013-08-16 21:13:54",) * 2,
    "2013-08-16T14:13:54-07:00": ("2013-08-16 21:13:54",) * 2,
    "2013-08-16T14:13:54 0700": ("2013-08-16 07:13:54",) * 2,
    "2013-08-16T14:13:54 07:00": ("2013-08-16 07:13:54",) * 2,
    "2013-08-16T14:13:54 +0700": ("2013-08-16 07:13:54",) * 2,
    "2013-08-16t14:13:54z": ("2013-08-16 14:13:54",) * 2,
    "2013-08-16T14:13:54.999Z": ("2013-08-16 14:13:54",) * 2,
    " 2013-08-16 ": ("2013-08-16 07:00:00", "2013-08-17 06:59:59"),
    "2013-08-16Z": ("2013-08-16 00:00:00", "2013-08-16 23:59:59"),
    "2013-08-16+0200": ("2013-08-15 22:00:00", "2013-08-16 21:59:59"),
    "2013-03-10": ("2013-03-10 08:00:00", "2013-03-11 06:59:59"),
    "2013-11-03": ("2013-11-03 07:00:00", "2013-11-04 07:59:59"),
    "2013-03-10T02:30:00": ("2013-03-10 10:30:00",) * 2,
    "2013-11-03T01:30:00": ("2013-11-03 08:30:00",) * 2,
    "0001-01-01T00:00:00+0700": ("0001-01-01 00:00:00",) * 2,
    "9999-12-31": ("9999-12-31 08:00:00", "9999-12-31 23:59:59"),
    "9999-12-31T23:59:59-0700": ("9999-12-31 23:59:59",) * 2,
}

NONE = (
    "", "2013", "2013-8-16", "16.08.2013", "2013-02-30", "2013-13-01", "0000-01-01",
    "2013-08-16T24:00:01", "2013-08-16T14", "2013-08-16T14:60", "2013-08-16T14:13:61",
    "2013-08-16 14:13:54 PM", "2013-08-16T14:13:54+25:00", "2013-08-16x", "2013-08-16T14:13:54 70",
    "٢٠١٣-٠٨-١٦", "2013-08-16T14:13:54.Z", "now", "2013-08-16\n2013-08-16",
)  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_a_date_however_it_is_written_is_a_span_of_seconds(text: str) -> None:
    assert parse_moment(text, LOS_ANGELES) == WRITTEN[text]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_moment(text, LOS_ANGELES) is None


@given(day=st.dates(date(1975, 1, 1), date(2090, 1, 1)), name=st.sampled_from(ZONES))
def test_the_seconds_of_a_day_are_those_that_are_shown_with_its_date(day: date, name: str) -> None:
    here = zone(name)
    span = parse_moment(day.isoformat(), here)

    assert span is not None
    first, last = (datetime.fromisoformat(each) for each in span)
    if day == date(2011, 12, 30) and name == "Pacific/Apia":
        return  # a day that Samoa left out
    assert here.show(span[0])[:10] == here.show(span[1])[:10] == day.isoformat()
    for beside in (first - timedelta(seconds=1), last + timedelta(seconds=1)):
        assert here.show(beside.strftime(STORED_FORMAT))[:10] != day.isoformat()


@given(second=st.integers(200_000_000, 4_000_000_000), name=st.sampled_from(ZONES))
def test_what_is_shown_is_read_as_the_second_that_is_stored(second: int, name: str) -> None:
    stored = datetime.fromtimestamp(second, UTC).strftime(STORED_FORMAT)

    assert parse_moment(zone(name).show(stored), LOS_ANGELES) == (stored, stored)
    local = datetime.fromtimestamp(second, ZoneInfo(name))
    if local.fold == 0:
        assert parse_moment(local.replace(tzinfo=None).isoformat(), zone(name)) == (stored, stored)
