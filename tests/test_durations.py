"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("36h", timedelta(hours=36)),
        ("1d12h", timedelta(hours=36)),
        ("1d 12h", timedelta(hours=36)),
        ("90M", timedelta(minutes=90)),
        ("0", timedelta()),
        ("0d", timedelta()),
    ],
)
def test_lengths_are_read(text: str, expected: timedelta) -> None:
    """Numbers with units, the largest first, are read."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "d", "7", "7days", "1h30d", "-1d", "1.5d", "old", "٣d", "1d1d", "99999999w"])
def test_what_is_no_length_is_refused(text: str) -> None:
    """Anything else is refused, numbers without a unit among it."""
    with pytest.raises(ValueError, match=r"length of time|longer"):
        parse_duration(text)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=36_500)))
def test_what_is_written_is_read_back(length: timedelta) -> None:
    """A length survives writing and reading, to the second."""
    whole = length - timedelta(microseconds=length.microseconds)
    assert parse_duration(format_duration(whole)) == whole
