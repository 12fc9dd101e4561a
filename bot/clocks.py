"""Days, times of day and time zones as people write them: ``mon``, ``09:00``, ``Europe/Amsterdam``."""

import re
from datetime import time
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def parse_weekday(text: str) -> int:
    """Read ``mon`` or ``Monday`` as 0, and so on. Raises ValueError in words for people."""
    word = text.strip().lower()
    for number, name in enumerate(DAY_NAMES):
        if word in {DAYS[number], name.lower()}:
            return number
    raise ValueError(f"{_clip(text)!r} is not a day of the week.")


def parse_time(text: str) -> time:
    """Read ``09:00`` or ``9:00``, of 24 hours. Raises ValueError in words for people."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{_clip(text)!r} is not a time of day.")
    return time(int(match[1]), int(match[2]))


def parse_zone(text: str) -> str:
    """Check the name of a time zone, such as ``Europe/Amsterdam`` or ``UTC``; give it as it is written in the list.

    Raises ValueError in words for people.
    """
    name = text.strip()
    try:
        return ZoneInfo(name).key
    # A name that is a folder of the list, leads out of it, or is no file's name at all.
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"{_clip(text)!r} is not a time zone.") from error


def _clip(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
