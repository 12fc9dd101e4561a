"""Ages and sizes as people write them in scenarios."""

import re
from datetime import timedelta
from typing import Final

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_BYTES: Final = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_DURATION: Final = re.compile(r"(?:\d+[smhdwy])+")
_PART: Final = re.compile(r"(\d+)([smhdwy])")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]+)?")


def duration(value: object) -> timedelta:
    """Read an age such as ``45d``, ``2h`` or ``1d12h``; raises ValueError."""
    text = str(value)
    if text == "0":
        return timedelta()
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no age: write a number and s, m, h, d, w or y, such as 45d or 1d12h")
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))


def size(value: object) -> int:
    """Read a size such as ``12MiB``, ``1.5GiB`` or plain bytes; raises ValueError."""
    match = _SIZE.fullmatch(str(value))
    unit = (match[2] or "B") if match else ""
    if match is None or unit not in _BYTES:
        raise ValueError(f"{value!r} is no size: write bytes, or a number and KiB, MiB, GiB, kB, MB or GB")
    return int(float(match[1]) * _BYTES[unit])
