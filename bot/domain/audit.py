"""From when on the record of who did what is wanted."""

import contextlib
from datetime import datetime

from bot import durations, moments
from bot.errors import BadInputError


def since_when(text: str, now: datetime) -> datetime:
    """Read a date, in UTC where it names no zone, or a length of time before now. Raises BadInputError."""
    with contextlib.suppress(ValueError, OverflowError):
        return now - durations.parse_duration(text)
    try:
        return moments.parse_moment(text)
    except ValueError as error:
        raise BadInputError(
            f"--since: {error}",
            expected="Write a date (2026-11-01), a date with a time (2026-11-01T17:55), or how long ago (30d, 36h).",
            example="--since 30d",
        ) from error
