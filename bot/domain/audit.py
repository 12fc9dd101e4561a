"""``/acr audit``: who did what, and from when on that is wanted."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from bot import durations, moments
from bot.errors import BadInputError

# Any moment will do to find out whether a text can be read: the longest duration is a hundred years.
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Audit:
    """A workspace's record, as it is asked for: ``since`` as it was typed; empty texts stand for all there is."""

    command: ClassVar[str] = "/acr audit"
    since: str = ""
    repository: str = ""
    registry: str = ""

    def begin(self, now: datetime) -> datetime | None:
        """Give the moment from which on it is wanted, None for the beginning."""
        return since_when(self.since, now) if self.since else None

    def __str__(self) -> str:
        given = {"--since": self.since, "--repo": self.repository, "--registry": self.registry}
        return " ".join([self.command, *(f"{option} {value}" for option, value in given.items() if value)])


def since_when(text: str, now: datetime = _ANY_MOMENT) -> datetime:
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
