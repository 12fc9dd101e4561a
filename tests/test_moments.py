"""Moments as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moments import parse_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-04-05", datetime(2019, 4, 5, tzinfo=UTC)),
        (" 2019-03-15T17:55:00 ", datetime(2019, 3, 15, 17, 55, tzinfo=UTC)),
        ("2019-03-15 17:55", datetime(2019, 3, 15, 17, 55, tzinfo=UTC)),
        ("2019-03-15t17:55:00.25z", datetime(2019, 3, 15, 17, 55, 0, 250_000, tzinfo=UTC)),
        ("2019-03-15T17:55+02:00", datetime(2019, 3, 15, 15, 55, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read(text: str, moment: datetime) -> None:
    """A date is its beginning; a zone counts, and without one it is UTC."""
    assert parse_moment(text) == moment


def test_another_zone_may_be_assumed() -> None:
    """A date is a day of the zone that is assumed; one that is named outranks it."""
    amsterdam = ZoneInfo("Europe/Amsterdam")
    assert parse_moment("2019-07-01", zone=amsterdam) == datetime(2019, 6, 30, 22, tzinfo=UTC)
    assert parse_moment("2019-07-01T00:00Z", zone=amsterdam) == datetime(2019, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        # The clock is put forward at 2:00, so 2:30 is never shown: it is half an hour after 2:00, which is 3:00.
        ("Europe/Amsterdam", "2019-03-31T02:30", datetime(2019, 3, 31, 1, 30, tzinfo=UTC)),
        ("America/New_York", "2019-03-10T02:30", datetime(2019, 3, 10, 7, 30, tzinfo=UTC)),
        # The clock is put back, so this is shown twice: it is the first.
        ("Europe/Amsterdam", "2019-10-27T02:30", datetime(2019, 10, 27, 0, 30, tzinfo=UTC)),
        ("America/New_York", "2019-11-03T01:30", datetime(2019, 11, 3, 5, 30, tzinfo=UTC)),
        ("Europe/Amsterdam", "2019-10-27T02:30+01:00", datetime(2019, 10, 27, 1, 30, tzinfo=UTC)),
        # A day that begins at one o'clock, and one that never was.
        ("America/Sao_Paulo", "2018-11-04", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        ("Pacific/Apia", "2011-12-30", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Asia/Kathmandu", "2019-03-15T17:55:00", datetime(2019, 3, 15, 12, 10, tzinfo=UTC)),
    ],
)
def test_clocks_that_jump_give_one_instant(zone: str, text: str, moment: datetime) -> None:
    """What a clock never shows is as long after midnight as it says, what it shows twice is the first."""
    assert parse_moment(text, zone=ZoneInfo(zone)) == moment


@pytest.mark.parametrize(
    "text",
    ["", "2019", "20190405", "2019-W14-5", "2019-13-01", "2019-02-29", "05.04.2019", "2019-04-05T25:00", "٢٠١٩-04-05"],
)
def test_anything_else_is_refused(text: str) -> None:
    """Forms that people would read differently are no dates."""
    with pytest.raises(ValueError, match="is not a date"):
        parse_moment(text)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d[+-]\d\d:\d\d)?", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything but words for people, and what is read has its zone."""
    problem, moment = "", None
    try:
        moment = parse_moment(text)
    except ValueError as error:
        problem = str(error)
    assert "is not a date" in problem or (moment is not None and moment.tzinfo is UTC)
