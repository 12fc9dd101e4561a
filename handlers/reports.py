"""Weekly reports in Slack: posting them in their turn, and what people do with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message, report
from bot.blocks.report import report_csv
from bot.blocks.sheet import Sheet
from bot.blocks.subscriptions import paused
from bot.domain.proposal import Proposal
from bot.domain.reference import Reference
from bot.domain.report import Line, Report
from bot.domain.request import Untagged
from bot.domain.team import Team
from bot.domain.turn import Turn
from bot.domain.weekly import Slot
from bot.errors import RefusedError
from bot.janitor.desk import Desk
from bot.janitor.history import look_into
from bot.janitor.propose import cannot_propose
from bot.janitor.report import Reporter
from bot.janitor.teams import Teams
from bot.work import Ended
from handlers.fallback import send
from handlers.links import links_to

TROUBLE = (SlackApiError, SlackClientError, OSError, TimeoutError)
EVENT_TYPE = "acr_janitor_report"
# What Slack says of a channel that it will not take this app's messages for until somebody does something about it.
_SHUT: Mapping[str, str] = {
    "is_archived": "is archived",
    "channel_not_found": "is not there any more, or is private and I am not in it",
    "not_in_channel": "does not have me as a member any more",
    "restricted_action": "does not let me post",
    "restricted_action_read_only_channel": "does not let me post",
}
# So many messages back a report is looked for that an earlier try may have posted, 200 at a time (Slack's advice).
_PAGES = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of all teams, as messages."""

    client: AsyncWebClient
    desk: Desk
    reporter: Reporter
    teams: Teams

    async def scheduled(self) -> list[Team]:
        """Give all that has turns. Raises StoreError."""
        if not self.teams.home:
            try:
                self.teams.home = str((await self.client.auth_test())["team_id"])
            except TROUBLE as error:
                log.warning("workspace_unknown", error=str(error))
        return await self.teams.all()

    async def take_turn(self, key: str, slot: Slot, again: bool) -> Ended:
        """Post a team's report for its turn, unless something holds it up.

        ``again``: an earlier try may have got as far as Slack, so its message is looked for first. Raises SlackApiError
        and its kin where another try may do.
        """
        team = await self.teams.find(key)
        if team is None:
            return Ended(Turn.FAILED, note="nobody is subscribed any more")
        hindrance = await self.teams.hindrance(team, slot)
        if hindrance is not None:
            return Ended(Turn.PAUSED if hindrance.paused_why else Turn.SNOOZED, note=hindrance.paused_why)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"schedule": key, "slot": str(slot)}}
        if again and (ts := await self._posted(team.channel, metadata)):
            return Ended(Turn.POSTED, team.channel, ts, "found in the channel")
        try:
            ts = await self.post(team, await self.reporter.report(team), metadata=metadata)
        except SlackApiError as error:
            why = _SHUT.get(str(error.response.get("error")))
            if why is None:
                raise
            await self.teams.pause(team, why)
            await self._tell(team, why)
            return Ended(Turn.PAUSED, team.channel, note=why)
        return Ended(Turn.POSTED, team.channel, ts)

    async def post(self, team: Team, found: Report, *, metadata: dict[str, Any] | None = None) -> str:
        """Post a report to its team's channel; give the message's timestamp. Raises SlackApiError and its kin."""
        answer = await send(
            await self.draw(found),
            lambda form: self.client.chat_postMessage(
                channel=team.channel, metadata=metadata, unfurl_links=False, unfurl_media=False, **form.payload()
            ),
        )
        return str(answer["ts"])

    async def draw(self, found: Report) -> Message:
        """Draw a report, with links to the cards of what waits and a button for each repository worth one."""
        waiting = {one.proposal.id: one for one in await look_into(self.desk, found.waiting[:6])}
        proposals: list[Proposal] = [one.proposal for one in waiting.values()]
        offered = cannot_propose(self.desk) is None
        return report(
            found,
            waiting,
            links=await links_to(self.client, proposals),
            values={
                (line.registry, line.repository): self._button(line, found.taken) for line in found.lines if offered
            },
            stale_after=self.desk.policy.stale_after,
        )

    def _button(self, line: Line, taken: datetime) -> str:
        """Say what a button that proposes a clean-up stands for: the report's rule, and how much it showed."""
        stale_after = self.desk.policy.stale_after or None
        request = Untagged(Reference(line.repository), line.registry, stale_after).fixed(taken)
        return json.dumps({**request.to_json(), "seen": [line.stale, ""]}, separators=(",", ":"))

    async def details(self, key: str, taken: datetime, channel: str, ts: str, team_id: str) -> None:
        """Put the whole list of a report into its thread. Raises RefusedError where it can't be had, or not sent."""
        team = await self.teams.find(key)
        if team is None or team.team_id not in {team_id, ""} or team.channel != channel:
            raise RefusedError(
                "Nobody is subscribed to this report here any more.",
                expected="Ask for the figures themselves.",
                example="/acr repos",
            )
        await self._upload(report_csv(await self.reporter.recall(team, taken)), channel, ts)

    async def _upload(self, sheet: Sheet, channel: str, ts: str) -> None:
        try:
            await self.client.files_upload_v2(
                channel=channel,
                thread_ts=ts,
                filename=sheet.name,
                title=sheet.name,
                content=sheet.content,
                initial_comment=sheet.comment,
            )
        except TROUBLE as error:
            said = str(error.response.get("error")) if isinstance(error, SlackApiError) else "no answer"
            raise RefusedError(
                f"Slack did not take the file ({said}).", expected="Nothing was changed. Try again in a minute."
            ) from error

    async def _posted(self, channel: str, metadata: Mapping[str, Any]) -> str:
        """Look for a report of the same turn; give its timestamp, empty where there is none or Slack does not say."""
        cursor = ""
        try:
            for _ in range(_PAGES):
                answer = await self.client.conversations_history(
                    channel=channel, include_all_metadata=True, limit=200, cursor=cursor
                )
                for message in answer.get("messages") or ():
                    if message.get("metadata") == metadata:
                        return str(message["ts"])
                cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    break
        except TROUBLE as error:
            # Two reports are better than none.
            log.warning("channel_not_looked_through", channel=channel, error=str(error))
        return ""

    async def _tell(self, team: Team, why: str) -> None:
        """Tell whoever subscribed; of a team of the settings file, the people who approve for it."""
        people = [team.made_by] if team.made_by else [who for who in team.approvers if who[:1] in {"U", "W"}]
        if not people:
            log.error("report_paused", schedule=team.key, channel=team.channel, why=why)
        for person in people:
            try:
                opened = await self.client.conversations_open(users=person)
                await self.client.chat_postMessage(channel=opened["channel"]["id"], **paused(team, why).payload())
            except TROUBLE as error:
                log.warning("pause_not_told", schedule=team.key, user=person, error=str(error))
