"""A time of the week in a time zone, and the slots that it makes: one for each week, named by its local date."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clocks import DAY_NAMES

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Slot:
    """One week's turn. ``day`` is its local date, which names it: an hour that a clock shows twice is one slot.

    ``at`` is the instant, in UTC.
    """

    day: date
    at: datetime

    def __str__(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True, slots=True)
class Weekly:
    """``weekday``: 0 is Monday. ``at`` is what a clock in ``zone`` (an IANA name such as Europe/Amsterdam) shows."""

    weekday: int
    at: time
    zone: str

    def slot(self, day: date) -> Slot:
        """Give the slot of a local date.

        A time that the clock leaps over is as much later as it leaps (02:30 becomes 03:30); of one that it shows twice
        it is the first.
        """
        return Slot(day, datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC))

    def latest(self, now: datetime) -> Slot:
        """Give the last slot that has come at ``now``."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        slot = self.slot(today - timedelta(days=(today.weekday() - self.weekday) % 7))
        return slot if slot.at <= now else self.slot(slot.day - _WEEK)

    def next(self, now: datetime) -> Slot:
        """Give the first slot that is still to come at ``now``."""
        return self.slot(self.latest(now).day + _WEEK)

    def __str__(self) -> str:
        return f"{DAY_NAMES[self.weekday]}s at {self.at:%H:%M} ({self.zone})"
