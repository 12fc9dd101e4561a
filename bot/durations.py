"""Lengths of time as people write them: ``30d``, ``2w``, ``36h``, ``1d12h``, ``90m``."""

import re
from datetime import timedelta

_PATTERN = re.compile(
    r"(?:(?P<weeks>\d{1,5})w)?(?:(?P<days>\d{1,5})d)?(?:(?P<hours>\d{1,6})h)?"
    r"(?:(?P<minutes>\d{1,7})m)?(?:(?P<seconds>\d{1,8})s)?",
    re.ASCII,
)
_LONGEST = timedelta(days=36_500)
EXPECTED = "Write a number with w, d, h, m or s, the largest unit first."


def parse_duration(text: str) -> timedelta:
    """Read a length of time; ``0`` is none. Raises ValueError with what is wrong, in words for people."""
    compact = "".join(text.split()).lower()
    if compact == "0":
        return timedelta()
    match = _PATTERN.fullmatch(compact)
    if not compact or match is None:
        raise ValueError(f"{_clip(text)!r} is not a length of time.")
    length = timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})
    if length > _LONGEST:
        raise ValueError(f"{_clip(text)!r} is longer than a hundred years.")
    return length


def format_duration(length: timedelta) -> str:
    """Write a length of time so that ``parse_duration`` reads it back, to the second."""
    rest = int(length.total_seconds())
    parts = []
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0"


def _clip(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
