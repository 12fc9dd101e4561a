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


def parse_moment(text: str, *, zone: tzinfo = UTC) -> datetime:
    """Read a moment and give it in UTC; a date alone is its beginning, and what names no zone is in ``zone``.

    Raises ValueError with what is wrong, in words for people.
    """
    moment = None
    if _MOMENT.fullmatch(text.strip()):
        with contextlib.suppress(ValueError, OverflowError):
            read = datetime.fromisoformat(text.strip().upper())
            moment = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    if moment is None:
        raise ValueError(f"{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'!r} is not a date.")
    return moment
