"""``acr-janitor doctor``: looks at all that the app depends on, and says for each fault what to do. Changes nothing."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import ConfigurationError, StoreError
from bot.operations.doctor.approvers import look_at_approvers
from bot.operations.doctor.asking import Slack
from bot.operations.doctor.clocks import look_at_clock
from bot.operations.doctor.database import look_at_database
from bot.operations.doctor.finding import Check, Finding, Level, fault, ok, warning
from bot.operations.doctor.registries import look_at_registry
from bot.operations.doctor.slack import look_at_mode, look_at_tokens
from bot.registry import Patience
from bot.settings import Settings
from bot.store.look import tokens
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
    clocks: dict[str, timedelta | None] = {"Slack": None}
    looking = _look_at_workspaces(settings, now, clocks) if settings.slack.by_oauth else _look(settings, now, clocks)
    async for finding in looking:
        yield finding
    async for finding in _look_at_registries(settings, clocks):
        yield finding
    for finding in look_at_clock(clocks):
        yield finding
    async for finding in look_at_database(settings.database_url):
        yield finding


async def _look(
    settings: Settings, now: Callable[[], datetime], clocks: dict[str, timedelta | None]
) -> AsyncIterator[Finding]:
    """Look at the one workspace whose token the settings have."""
    own = settings.approvals
    lists = [own.approvers, *(entry.approvers for entry in own.by_repository)]
    lists += [team.approvers for team in settings.teams]
    slack = Slack(settings.slack, now, settings.slack.bot_token.get_secret_value())
    async for finding in _look_at_slack(slack, settings, lists):
        yield finding
    clocks["Slack"] = slack.clock_ahead


async def _look_at_workspaces(
    settings: Settings, now: Callable[[], datetime], clocks: dict[str, timedelta | None]
) -> AsyncIterator[Finding]:
    """Look at each workspace that the settings name, with the token that it has got by installing the app."""
    try:
        known = await tokens(settings.database_url, settings.slack.client_id)
    except StoreError:
        return  # the look at the database tells it
    for workspace in settings.workspaces:
        if workspace.id not in known:
            yield warning(
                Check.SLACK_TOKEN,
                "The app is not installed there.",
                "Open /slack/install of the app in a browser, as somebody who may install apps there.",
                about=workspace.id,
            )
            continue
        lists = [workspace.approvers, *(entry.approvers for entry in workspace.by_repository)]
        lists += [team.approvers for team in settings.teams if team.workspace == workspace.id]
        slack = Slack(settings.slack, now, known[workspace.id])
        async for finding in _look_at_slack(slack, settings, lists):
            yield replace(finding, about=" ".join(filter(None, (workspace.id, finding.about))))
        clocks["Slack"] = slack.clock_ahead


async def _look_at_slack(
    slack: Slack, settings: Settings, approvers: Sequence[Sequence[str]]
) -> AsyncIterator[Finding]:
    trusted = True
    async for finding in look_at_tokens(slack, settings.slack):
        trusted = trusted and (finding.check, finding.level) != (Check.SLACK_TOKEN, Level.FAULT)
        yield finding
    if trusted:
        async for finding in look_at_approvers(slack, approvers, allow_self=settings.approvals.allow_self_approval):
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
