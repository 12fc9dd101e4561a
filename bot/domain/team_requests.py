"""Requests about weekly reports, which belong to the channel where they are typed. ``str`` gives the command again."""

from dataclasses import dataclass
from datetime import time
from typing import ClassVar

from bot.clocks import DAYS
from bot.domain.lists import ALL
from bot.domain.reference import Reference


def _line(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _pattern(reference: Reference) -> str:
    return "" if reference == ALL else f"'{reference}'" if reference.is_glob else str(reference)


def _option(name: str, value: str) -> str:
    return f"{name} {value}" if value else ""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """``/acr subscribe [GLOB]``: a report of these repositories in this channel, every week.

    ``weekday``: 0 is Monday; it and ``at`` and ``zone`` are None where they are left to the app.
    """

    command: ClassVar[str] = "/acr subscribe"
    reference: Reference = ALL
    registry: str = ""
    weekday: int | None = None
    at: time | None = None
    zone: str | None = None

    def __str__(self) -> str:
        return _line(
            self.command,
            _pattern(self.reference),
            _option("--day", "" if self.weekday is None else DAYS[self.weekday]),
            _option("--at", f"{self.at:%H:%M}" if self.at else ""),
            _option("--zone", self.zone or ""),
            _option("--registry", self.registry),
        )


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """``/acr unsubscribe [GLOB]``: no more of these reports in this channel; without a glob, none at all."""

    command: ClassVar[str] = "/acr unsubscribe"
    reference: Reference | None = None
    registry: str = ""

    def __str__(self) -> str:
        glob = _pattern(self.reference) or "'*'" if self.reference else ""
        return _line(self.command, glob, _option("--registry", self.registry))


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """``/acr subscriptions``: who gets a report, where and when; of one registry's repositories if it is named."""

    command: ClassVar[str] = "/acr subscriptions"
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, _option("--registry", self.registry))


@dataclass(frozen=True, slots=True)
class ReportNow:
    """``/acr report``: this channel's report, now; ``private`` shows it to the asker only.

    Where a registry is named, it is that of the teams with repositories there.
    """

    command: ClassVar[str] = "/acr report"
    private: bool = False
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, "--private" if self.private else "", _option("--registry", self.registry))


@dataclass(frozen=True, slots=True)
class Trend:
    """``/acr trend REPO``: what was stale in a repository over the last 12 weeks."""

    command: ClassVar[str] = "/acr trend"
    reference: Reference
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, str(self.reference), _option("--registry", self.registry))


TeamRequest = Subscribe | Unsubscribe | Subscriptions | ReportNow | Trend
