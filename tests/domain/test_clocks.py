"""Days, times and zones as people write them."""

from datetime import time

import pytest

from bot.clocks import parse_time, parse_weekday, parse_zone


@pytest.mark.parametrize(("text", "number"), [("mon", 0), ("Monday", 0), (" SUN ", 6), ("wednesday", 2)])
def test_days_are_read(text: str, number: int) -> None:
    """Short or whole, in any case."""
    assert parse_weekday(text) == number


@pytest.mark.parametrize(("text", "at"), [("09:00", time(9)), ("9:05", time(9, 5)), ("23:59", time(23, 59))])
def test_times_are_read(text: str, at: time) -> None:
    """Of 24 hours, with or without the leading zero."""
    assert parse_time(text) == at


@pytest.mark.parametrize("text", ["", "9", "24:00", "9am", "09:60", "\u0660\u0669:00", "09:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The message repeats what was written."""
    with pytest.raises(ValueError, match="is not a time of day"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "m", "someday", "1"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A number is none: Monday is 0 to some and 1 to others."""
    with pytest.raises(ValueError, match="is not a day of the week"):
        parse_weekday(text)


@pytest.mark.parametrize(
    "text", ["", "Amsterdam", "Europe", "../etc/passwd", "/etc/passwd", "CEST+1", "a\0b", "x" * 300]
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    """Nothing but a name of the list is taken, and no file is opened by one."""
    with pytest.raises(ValueError, match="is not a time zone"):
        parse_zone(text)


def test_zones_are_read() -> None:
    """By their IANA names."""
    assert parse_zone(" Europe/Amsterdam ") == "Europe/Amsterdam"
