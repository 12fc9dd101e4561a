"""Quiet hours by the clock of a zone, and what is read behind ``/acr freeze``."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hold import Freeze, Quiet, split_reason
from bot.domain.parse import parse_command
from bot.errors import BadInputError

NIGHTS = Quiet(time(18), time(8), (0, 1, 2, 3, 4), "Europe/Amsterdam")
WEEKEND = Quiet(time(0), time(0), (5, 6), "UTC")


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHTS, "2026-11-23T16:59:59", None),  # Monday, 17:59:59 in Amsterdam
        (NIGHTS, "2026-11-23T17:00:00", "2026-11-24T07:00:00"),
        (NIGHTS, "2026-11-24T06:59:59", "2026-11-24T07:00:00"),
        (NIGHTS, "2026-11-24T07:00:00", None),
        (NIGHTS, "2026-11-28T06:00:00", "2026-11-28T07:00:00"),  # Saturday morning belongs to Friday
        (NIGHTS, "2026-11-28T20:00:00", None),
        (NIGHTS, "2026-03-27T17:00:00", "2026-03-28T07:00:00"),
        (WEEKEND, "2026-11-28T00:00:00", "2026-11-30T00:00:00"),  # two days that touch are one
        (WEEKEND, "2026-11-27T23:59:59", None),
        (Quiet(time(9), time(17), (0,), "UTC"), "2026-11-23T12:00:00", "2026-11-23T17:00:00"),
    ],
)
def test_when_it_is_quiet(quiet: Quiet, now: str, until: str | None) -> None:
    """They begin on the days named and end at the next end, whatever the date is by then."""
    end = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert quiet.until(datetime.fromisoformat(now).replace(tzinfo=UTC)) == end


@given(
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sets(st.integers(0, 6)),
    st.sampled_from(["UTC", "Europe/Amsterdam", "America/New_York"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - the zone is put on below
)
def test_they_are_over_when_they_say_so(start: time, end: time, days: set[int], zone: str, now: datetime) -> None:
    """The end is to come, and then it is not quiet any more, unless no day is left in which it is not."""
    quiet = Quiet(start, end, tuple(sorted(days)), zone)
    moment = now.replace(tzinfo=UTC)
    until = quiet.until(moment)
    if until is not None:
        assert days
        assert moment < until <= moment + timedelta(days=9)
        assert quiet.until(until) is None or len(days) == 7


@pytest.mark.parametrize(
    ("text", "reason", "registry"),
    [
        ("incident 4711", "incident 4711", ""),
        ("don't delete --registry Other", "don't delete", "other"),
        ("a \u2014 b \u2014registry=x", "a \u2014 b", "x"),
        ('"two  words"', "two words", ""),
        ("--registry x", "", "x"),
    ],
)
def test_a_reason_is_taken_as_it_was_written(text: str, reason: str, registry: str) -> None:
    """Apostrophes and dashes are part of it; a registry may stand at the end."""
    assert split_reason(text) == (reason, registry)
    if reason:
        assert parse_command(f"freeze {text}") == Freeze(reason, registry)
    else:
        with pytest.raises(BadInputError, match="The reason is missing"):
            parse_command(f"freeze {text}")
