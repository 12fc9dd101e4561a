"""``/acr report``, ``trend``, ``subscribe``, ``subscriptions``, ``unsubscribe``, and the buttons of a report."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message, notes
from bot.blocks.report import DETAILS, SNOOZE, parse_details
from bot.blocks.subscriptions import snoozed, subscribed, subscriptions, unsubscribed
from bot.blocks.text import plural
from bot.blocks.trend import trend as draw_trend
from bot.domain.team import Team
from bot.domain.team_requests import ReportNow, Subscribe, Subscriptions, TeamRequest, Trend, Unsubscribe
from bot.errors import ConflictError, JanitorError, RefusedError
from bot.janitor.report import trend
from bot.janitor.teams import next_slot
from handlers.caller import Caller, clicker
from handlers.parts import Parts
from handlers.payload import is_private, message_of
from handlers.replies import answering
from handlers.trouble import INVITE, TROUBLE

Body = dict[str, Any]

log = structlog.get_logger(__name__)


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the buttons of reports."""

    @app.action(DETAILS)
    async def details(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        caller = clicker(body, respond, client)
        async with answering(caller.replies, parts.under_way, **caller.context):
            key, taken = parse_details(body["actions"][0].get("value", ""))
            alone = is_private(body)
            team, name = await parts.reports.details(
                key,
                taken,
                channel=caller.channel,
                ts=message_of(body),
                workspace=caller.workspace,
                user=caller.user if alone else "",
            )
            parts.looking.viewed(caller.asker, f"details of the report of {team.name}, {name}")
            if alone:
                await caller.replies.private(notes.sent(name))

    @app.action(SNOOZE)
    async def snooze(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        caller = clicker(body, respond, client)
        async with answering(caller.replies, parts.under_way, **caller.context):
            key = body["actions"][0].get("value", "")
            team, again, already = await parts.reports.teams.snooze(
                key, user=caller.user, channel=caller.channel, workspace=caller.workspace
            )
            await caller.replies.private(snoozed(team, again, already=already))


async def _subscribed(parts: Parts, request: Subscribe, caller: Caller) -> Message:
    zone = None if request.zone else await parts.zones.zone_of(caller.user, caller.workspace)
    await _must_be_there(caller)
    team = await parts.reports.teams.subscribe(
        request,
        user=caller.user,
        channel=caller.channel,
        workspace=caller.workspace,
        zone=zone.key if zone else "UTC",
    )
    following = next_slot(team.weekly, None, parts.desk.clock())
    return subscribed(team, following, guessed_zone=not request.zone and zone is None)


async def _must_be_there(caller: Caller) -> None:
    """Raise RefusedError where the app could not post a report: better now than on Monday."""
    try:
        await caller.client.conversations_history(channel=caller.channel, limit=1)
    except SlackApiError as error:
        # Anything else, such as a scope that was not granted, is no proof.
        if error.response.get("error") in INVITE:
            raise _not_here() from error


def _not_here() -> RefusedError:
    return RefusedError(
        "I am not in this channel, so I can't post a report here.",
        expected="Add me to it, then type the command again.",
        example="/invite @acr-janitor",
    )


async def _unsubscribed(parts: Parts, request: Unsubscribe, caller: Caller) -> Message:
    gone = await parts.reports.teams.unsubscribe(request, channel=caller.channel, workspace=caller.workspace)
    return unsubscribed(gone)


async def _listed(parts: Parts, request: Subscriptions, caller: Caller) -> Message:
    return subscriptions(await parts.reports.teams.due(caller.workspace, request.registry), caller.channel)


async def _trended(parts: Parts, request: Trend, _: Caller) -> Message:
    registry, weeks = await trend(parts.desk, request.reference, registry=request.registry)
    return draw_trend(request.reference.repository, registry, weeks, stale_after=parts.desk.policy.stale_after)


async def _reported(parts: Parts, request: ReportNow, caller: Caller) -> Message:
    teams = await parts.reports.teams.of_channel(caller.workspace, caller.channel, request.registry)
    if not teams:
        raise RefusedError(
            "This channel gets no report.",
            expected="Subscribe it first: to all repositories, or to those that a pattern matches.",
            example="/acr subscribe 'team/*'",
        )
    await caller.replies.private(notes.making_report(len(teams)))
    if request.private:
        *first, last = [await parts.reports.draw(await parts.reports.reporter.report(team)) for team in teams]
        for message in first:
            await caller.replies.private(message)
        return last
    # Whoever types it twice, or at the same time as somebody else, gets one.
    async with parts.desk.store.claims.held(f"report:{caller.workspace.team_id}:{caller.channel}") as ours:
        if not ours:
            raise ConflictError(
                "A report is being made for this channel already.", expected="It will be here in a moment."
            )
        for number, team in enumerate(teams):
            await _post(parts, team, posted=number)
    return notes.report_posted(len(teams))


async def _post(parts: Parts, team: Team, *, posted: int) -> None:
    """Post a team's report, and let one that was paused go on. ``posted``: so many others are there already."""
    message = await parts.reports.draw(await parts.reports.reporter.report(team))
    try:
        await parts.reports.post(team, message)
    except TROUBLE as error:
        said = str(error.response.get("error")) if isinstance(error, SlackApiError) else "no answer"
        if said in INVITE:
            raise _not_here() from error
        log.exception("report_not_posted", schedule=team.key)
        before = f" The {plural(posted, 'report')} before it can be seen above." if posted else ""
        raise RefusedError(
            f"Slack did not take the report of {team.name} ({said}).{before}",
            expected="Try again in a minute; if it stays so, tell your platform team.",
            example="/acr report",
        ) from error
    await parts.reports.teams.resume(team)


_BY_REQUEST: Mapping[type, Callable[[Parts, Any, Caller], Awaitable[Message]]] = {
    Subscribe: _subscribed,
    Unsubscribe: _unsubscribed,
    Subscriptions: _listed,
    Trend: _trended,
    ReportNow: _reported,
}


async def _answer(parts: Parts, request: TeamRequest, caller: Caller) -> Message:
    try:
        return await _BY_REQUEST[type(request)](parts, request, caller)
    except JanitorError as error:
        error.about(request.command)
        if isinstance(request, (Subscriptions, ReportNow)) and " --registry " in error.example:  # they take no word
            error.example = f"{request.command} --registry {error.example.partition(' --registry ')[2]}"
        raise


ANSWERS: Mapping[type, Callable[[Parts, Any, Caller], Awaitable[Message]]] = dict.fromkeys(_BY_REQUEST, _answer)
