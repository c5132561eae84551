"""Showing a stored moment by spans says what exact calendar arithmetic says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.types import STORED_FORMAT
from app.zones import zone

ZONES = (
    "UTC",
    "America/Los_Angeles",
    "Europe/Oslo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
)


def exactly(stored: str, name: str) -> str:
    moment = datetime.strptime(stored, STORED_FORMAT).replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(name)).strftime("%Y-%m-%dT%H:%M:%S%z")


seconds = st.integers(0, int(datetime(2150, 1, 1, tzinfo=UTC).timestamp()))
moments = seconds.map(lambda second: datetime.fromtimestamp(second, UTC).strftime(STORED_FORMAT))


@given(stored=moments, name=st.sampled_from(ZONES))
def test_a_moment_is_shown_as_the_calendar_has_it(stored: str, name: str) -> None:
    assert zone(name).show(stored) == exactly(stored, name)


@pytest.mark.parametrize("name", ZONES)
def test_every_second_around_a_change_of_offset_is_right(name: str) -> None:
    shown = zone(name)
    for start in shown._starts[1:60]:
        moment = datetime.strptime(start, STORED_FORMAT).replace(tzinfo=UTC)
        for second in (-1, 0, 1):
            stored = (moment + timedelta(seconds=second)).strftime(STORED_FORMAT)
            assert shown.show(stored) == exactly(stored, name)


def test_the_documented_moment_is_shown_as_hapi_shows_it() -> None:
    assert zone("America/Los_Angeles").show("2013-08-16 21:13:54") == "2013-08-16T14:13:54-0700"


@pytest.mark.parametrize("name", ["", "Nowhere/Atall", "../etc/passwd", "America", "\x00"])
def test_a_zone_that_is_none_shows_utc(name: str) -> None:
    assert zone(name).show("2013-08-16 21:13:54") == "2013-08-16T21:13:54+0000"
