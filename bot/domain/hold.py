"""What holds approved work back: a freeze of the registry by an approver, or quiet hours of the settings."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

REASON_MOST = 300


@dataclass(frozen=True, slots=True)
class Freeze:
    """``/acr freeze REASON``: nothing is deleted from a registry until somebody unfreezes it."""

    command: ClassVar[str] = "/acr freeze"
    reason: str
    registry: str = ""

    def __str__(self) -> str:
        return f"{self.command} {self.reason}" + (f" --registry {self.registry}" if self.registry else "")


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """``/acr unfreeze``: what was held goes on."""

    command: ClassVar[str] = "/acr unfreeze"
    registry: str = ""

    def __str__(self) -> str:
        return self.command + (f" --registry {self.registry}" if self.registry else "")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A registry that is frozen: by whom (a Slack id), since when and why, in that person's words."""

    registry: str
    by: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing is deleted, by what a clock in ``zone`` (an IANA name) shows.

    They begin at ``start`` on each of ``days`` (0 is Monday) and end at the next ``end``: the next day's where that is
    not later than ``start``. Where both are the same they last a whole day.
    """

    start: time
    end: time
    days: tuple[int, ...]
    zone: str

    def until(self, now: datetime) -> datetime | None:
        """Give the instant (UTC) at which the quiet that ``now`` is in is over; None where it is not quiet.

        Hours that touch are one: the end of each is looked at again. Seven whole days never end, so it gives the end a
        week on.
        """
        found: datetime | None = None
        moment = now.astimezone(UTC)
        for _ in range(8):
            end = self._end(moment)
            if end is None:
                break
            found = moment = end
        return found

    def _end(self, now: datetime) -> datetime | None:
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        over = [
            self._at(day + timedelta(days=self.end <= self.start), self.end, zone)
            for day in (today - timedelta(days=1), today)
            if day.weekday() in self.days
            and self._at(day, self.start, zone)
            <= now
            < self._at(day + timedelta(days=self.end <= self.start), self.end, zone)
        ]
        return max(over, default=None)

    @staticmethod
    def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
        return datetime.combine(day, at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """Why work waits: a freeze, or quiet hours until ``until``. One of the two is set, or both."""

    frozen: Frozen | None = None
    until: datetime | None = None


_REGISTRY = re.compile(r"(?:^|\s)(?:--|\u2014|\u2013)registry(?:=|\s+)(\S+)\s*$", re.IGNORECASE)


def split_reason(text: str) -> tuple[str, str]:
    """Split what stands behind the command into the reason, as it was written, and the registry named at its end."""
    found = _REGISTRY.search(text)
    registry = found[1].lower() if found else ""
    reason = " ".join((text[: found.start()] if found else text).split())
    if len(reason) > 1 and (reason[0] == reason[-1] == '"' or (reason[0], reason[-1]) == ("\u201c", "\u201d")):
        reason = reason[1:-1].strip()
    return reason, registry
