"""``acr-janitor doctor``: looks at all that the app depends on, and says for each fault what to do. Changes nothing."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from bot.errors import ConfigurationError
from bot.operations.doctor.approvers import look_at_approvers
from bot.operations.doctor.asking import Slack
from bot.operations.doctor.clocks import look_at_clock
from bot.operations.doctor.database import look_at_database
from bot.operations.doctor.finding import Check, Finding, Level, fault, ok
from bot.operations.doctor.registries import look_at_registry
from bot.operations.doctor.slack import look_at_mode, look_at_tokens
from bot.registry import Patience
from bot.settings import Settings
from bot.wiring import open_registries, utc_now

__all__ = ["Check", "Finding", "Level", "examine", "fault"]

# Whoever runs this waits for it.
PATIENCE = Patience(tries=2, total=20.0, attempt=10.0)


async def examine(settings: Settings, now: Callable[[], datetime] = utc_now) -> AsyncIterator[Finding]:
    """Look at everything, one after the other, and give what is found as it is found. ``now``: this machine's clock."""
    names = ", ".join(registry.name for registry in settings.registries)
    yield ok(Check.SETTINGS, f"All are well formed. Registries: {names}.")
    for finding in look_at_mode(settings.slack):
        yield finding
    slack = Slack(settings.slack, now)
    trusted = True
    async for finding in look_at_tokens(slack, settings.slack):
        trusted = trusted and (finding.check, finding.level) != (Check.SLACK_TOKEN, Level.FAULT)
        yield finding
    if trusted:
        async for finding in look_at_approvers(slack, settings):
            yield finding
    clocks = {"Slack": slack.clock_ahead}
    async for finding in _look_at_registries(settings, clocks):
        yield finding
    for finding in look_at_clock(clocks):
        yield finding
    async for finding in look_at_database(settings.database_url):
        yield finding


async def _look_at_registries(settings: Settings, clocks: dict[str, timedelta | None]) -> AsyncIterator[Finding]:
    """Look at each registry, and note in ``clocks`` how far its own is ahead."""
    try:
        async with open_registries(settings, patience=PATIENCE) as clients:
            for name, client in clients.items():
                async for finding in look_at_registry(client):
                    yield finding
                clocks[name] = client.clock_ahead
    except ConfigurationError as error:
        for each in error.faults:
            yield fault(Check.SETTINGS, each, "Mend it, and run this again.")
