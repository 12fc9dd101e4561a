"""Times of the week, across every change of a clock."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.weekly import Weekly

AMSTERDAM = Weekly(0, time(9), "Europe/Amsterdam")
ZONES = ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC")


def test_monday_at_nine_is_nine_by_the_clock_on_the_wall_the_whole_year() -> None:
    """Over 53 weeks in Amsterdam each slot is a Monday at 09:00 there, though the instant moves by an hour twice."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    instants = []
    for _ in range(53):
        slot = AMSTERDAM.next(now)
        local = slot.at.astimezone(ZoneInfo("Europe/Amsterdam"))
        assert (local.weekday(), local.time(), local.date()) == (0, time(9), slot.day)
        instants.append(slot.at)
        now = slot.at
    hours = [instant.hour for instant in instants]
    assert [hours[0], hours[26], hours[-1]] == [8, 7, 8]
    assert {later - earlier for earlier, later in pairwise(instants)} == {
        timedelta(days=7),
        timedelta(days=7, hours=-1),
        timedelta(days=7, hours=1),
    }


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-03-23T07:59:59", "2026-03-16"),
        ("2026-03-23T08:00:00", "2026-03-23"),
        ("2026-03-30T06:59:59", "2026-03-23"),
        ("2026-03-30T07:00:00", "2026-03-30"),
    ],
)
def test_a_slot_has_come_from_its_instant_on(now: str, day: str) -> None:
    """A second before it the week's slot is still the one before."""
    assert str(AMSTERDAM.latest(datetime.fromisoformat(now).replace(tzinfo=UTC))) == day


def test_a_time_that_the_clock_leaps_over_comes_as_much_later() -> None:
    """02:30 on the night when clocks go forward is 03:30: no week is without its slot."""
    slot = Weekly(6, time(2, 30), "Europe/Berlin").slot(date(2026, 3, 29))
    assert slot.at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 30)


def test_a_time_that_the_clock_shows_twice_is_one_slot() -> None:
    """02:30 on the night when clocks go back comes once, at the first of the two."""
    weekly = Weekly(6, time(2, 30), "Europe/Berlin")
    first = weekly.slot(date(2026, 10, 25))
    assert first.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert weekly.next(first.at).day == date(2026, 11, 1)
    assert weekly.latest(first.at + timedelta(hours=1)) == first


@given(
    now=st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    weekly=st.builds(
        Weekly, st.integers(0, 6), st.times().map(lambda at: at.replace(second=0)), st.sampled_from(ZONES)
    ),
)
def test_the_latest_and_the_next_slot_stand_on_either_side_of_now(now: datetime, weekly: Weekly) -> None:
    """Whatever the zone does, ``latest`` has come, ``next`` has not, and there is exactly one week between them."""
    latest, following = weekly.latest(now), weekly.next(now)
    assert latest.at <= now < following.at
    assert following.day - latest.day == timedelta(days=7)
    assert latest.day.weekday() == weekly.weekday
    assert weekly.latest(following.at) == following
