"""Moments as people write them: ``2019-04-05``, ``2019-03-15T17:55:00``, with a zone or in one that is assumed."""

import contextlib
import re
from datetime import UTC, datetime, tzinfo

# Narrower than datetime.fromisoformat, which takes 20190405 and 2019-W14-5 as well.
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?", re.ASCII | re.IGNORECASE
)
_SHOWN = 60
EXPECTED = "Write a date (2019-04-05) or a date with a time (2019-04-05T17:55:00, 2019-04-05T17:55+02:00)."


def read_moment(text: str) -> datetime:
    """Read a moment as it is written, without a zone where it names none; a date alone is its beginning.

    Raises ValueError with what is wrong, in words for people.
    """
    if _MOMENT.fullmatch(text.strip()):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text.strip().upper())
    raise ValueError(_refused(text))


def in_utc(moment: datetime, zone: tzinfo) -> datetime:
    """Give a moment in UTC; one without a zone is in ``zone``.

    What a clock shows twice, when it is put back, is the first of the two; what it never shows, when it is put forward,
    counts on from before. Raises OverflowError at either end of time.
    """
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def parse_moment(text: str, *, zone: tzinfo = UTC) -> datetime:
    """Read a moment and give it in UTC; a date alone is its beginning, and what names no zone is in ``zone``.

    Raises ValueError with what is wrong, in words for people.
    """
    try:
        return in_utc(read_moment(text), zone)
    except OverflowError:
        raise ValueError(_refused(text)) from None


def _refused(text: str) -> str:
    return f"{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'!r} is not a date."
