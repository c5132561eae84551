"""When deliveries are tried again: hAPI's hour, then twice a day for three days."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.webhooks.schedule import GAPS, asked_for, gap_after

HOUR, DAY = 3600, 24 * 3600
ATTEMPTS = range(1, len(GAPS) + 1)
drawn = st.floats(0, 1)


def gaps(draw: float) -> list[int]:
    return [gap for attempts in ATTEMPTS if (gap := gap_after(attempts, drawn=lambda: draw)) is not None]


@given(drawn)
def test_eleven_retries_follow_within_the_first_hour_from_about_a_minute_apart_to_about_ten(
    draw: float,
) -> None:
    moments = list(accumulate(gaps(draw)))

    assert len([each for each in moments if each <= HOUR]) == 11
    assert 50 <= gaps(draw)[0] <= 70
    assert 500 <= gaps(draw)[10] <= 660
    assert all(earlier <= later for earlier, later in pairwise(gaps(draw)[:11]))


@given(drawn)
def test_then_it_is_tried_every_twelve_hours_until_three_days_are_over(draw: float) -> None:
    moments = list(accumulate(gaps(draw)))[11:]

    assert len(moments) == 6
    for number, moment in enumerate(moments, 1):
        assert number * 12 * HOUR * 0.89 <= moment <= number * 12 * HOUR
    assert gap_after(len(GAPS) + 1) is None


@given(drawn, st.integers(0, 10 * DAY), st.sampled_from(ATTEMPTS))
def test_a_receiver_may_ask_for_more_time_up_to_a_day_and_never_for_less(
    draw: float, asked: int, attempts: int
) -> None:
    usual = gap_after(attempts, drawn=lambda: draw)
    gap = gap_after(attempts, asked, drawn=lambda: draw)

    assert usual is not None
    assert gap == max(usual, min(asked, DAY))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999999999", DAY),
        ("Thu, 01 Jan 1970 00:17:00 GMT", 20),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: int | None) -> None:
    assert asked_for(header, now=1000) == seconds
