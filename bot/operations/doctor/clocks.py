"""Whether this machine's clock agrees with those that the app deals with."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.operations.doctor.finding import Check, Finding, fault, ok, warning

# Slack's signatures are refused when they are five minutes old or come from the future.
_TOO_FAR = timedelta(minutes=5)
_FAR = timedelta(minutes=1)
_REMEDY = "Let the machine keep its time by NTP: chronyc tracking, or timedatectl status, say why it does not."


def look_at_clock(ahead: Mapping[str, timedelta | None]) -> Iterator[Finding]:
    """Compare with each clock that has told the time: by name, how far it is ahead of ours, to a second."""
    known = {name: value for name, value in ahead.items() if value is not None}
    for name, value in known.items():
        off = f"This machine's clock is {_words(value)} {name}'s"
        if abs(value) >= _TOO_FAR:
            yield fault(
                Check.CLOCK,
                f"{off}: signed requests are refused, and grace times and expiries are reckoned wrong.",
                _REMEDY,
            )
        elif abs(value) >= _FAR:
            yield warning(Check.CLOCK, f"{off}; from five minutes on Slack's requests would be refused.", _REMEDY)
        else:
            yield ok(Check.CLOCK, f"Within a minute of {name}'s.")
    if not known:
        yield warning(Check.CLOCK, "Nobody has told the time.", "See the other faults first.")


def _words(value: timedelta) -> str:
    seconds = round(abs(value).total_seconds())
    length = f"{seconds // 60} min {seconds % 60} s"
    return f"{length} behind" if value > timedelta() else f"{length} ahead of"
