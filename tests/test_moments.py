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
