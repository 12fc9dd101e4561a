"""The lengths of time that ``acr purge --ago`` takes: days, then a duration as Go writes it (``1d2h3m``, ``1.5h``).

What that tool reads otherwise than it was meant is refused: it takes ``1h30d`` for one day, ``7days`` for 150 years,
and ``old`` for no time at all, which deletes everything (acr-cli, cmd/acr/purge.go, ``parseDuration``).
"""

import re
from datetime import timedelta

_AGO = re.compile(
    r"(?:(?P<days>\d{1,6})d)?(?P<rest>(?:(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:ns|us|µs|ms|h|m|s))*)", re.ASCII
)
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|h|m|s)", re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_LONGEST = timedelta(days=36_500)
EXPECTED = "Write days, then hours, minutes and seconds: 30d, 12h, 1d2h3m. 0d is no age at all."


def parse_ago(text: str) -> timedelta:
    """Read what stands behind ``--ago``. Raises ValueError with what is wrong and what to write instead."""
    compact = "".join(text.split())
    if compact == "0":
        return timedelta()
    match = _AGO.fullmatch(compact)
    if not compact or match is None:
        raise ValueError(f"{text[:40]!r} is not a length of time{_hint(compact)}.")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(match["rest"]))
    try:
        length = timedelta(days=int(match["days"] or 0), seconds=seconds)
    except OverflowError:
        length = timedelta.max
    if length > _LONGEST:
        raise ValueError(f"{text[:40]!r} is longer than a hundred years.")
    return length


def _hint(text: str) -> str:
    days = re.fullmatch(r"(?P<rest>(?:\d+(?:h|m|s))+)(?P<days>\d+d)", text, re.ASCII)
    if days:
        return f": days come first, {days['days']}{days['rest']}"
    words = re.fullmatch(r"(\d{1,5}) ?(d|h|m|s|w)[a-z]*", text.lower(), re.ASCII)
    if words and words[2] == "w":
        return f": write {int(words[1]) * 7}d"
    if words:
        return f": write {words[1]}{words[2]}"
    if re.fullmatch(r"\d{1,6}", text, re.ASCII):
        return f": it has no unit; for days write {text}d"
    half = re.fullmatch(r"(\d{1,5}\.\d+)d", text, re.ASCII)
    return f": days are whole, write {float(half[1]) * 24:g}h" if half else ""
