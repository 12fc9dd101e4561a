"""Weekly reports in Slack: posting them in their turn, and what people do with them."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

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
from bot.domain.workspace import Workspace
from bot.errors import RefusedError
from bot.janitor.desk import Desk
from bot.janitor.history import look_into
from bot.janitor.propose import cannot_propose
from bot.janitor.report import Reporter
from bot.janitor.teams import Teams, is_of
from bot.registry import background
from bot.work import Ended, Taken
from handlers.clients import Clients
from handlers.fallback import send
from handlers.links import links_to
from handlers.people import SlackDirectory
from handlers.trouble import TROUBLE

EVENT_TYPE = "acr_janitor_report"
# What Slack says of a channel that it will not take this app's messages for until somebody does something about it.
_SHUT: Mapping[str, str] = {
    "is_archived": "is archived",
    "channel_not_found": "is not there any more, or is private and I am not in it",
    "not_in_channel": "does not have me as a member any more",
    "restricted_action": "does not let me post",
    "restricted_action_read_only_channel": "does not let me post",
}
# Then nothing can be posted either, or the app was not granted the scopes to read.
_BLIND = frozenset({"missing_scope", "not_allowed_token_type", *_SHUT})
# So many messages back a report is looked for that an earlier try may have posted, 200 at a time (Slack's advice), and
# no further than its turn.
_PAGES = 25

# A direct message to each of so many people that a report is paused: more would be a nuisance.
TOLD_MOST = 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of all teams, as messages."""

    clients: Clients
    desk: Desk
    reporter: Reporter
    teams: Teams
    directory: SlackDirectory

    async def scheduled(self) -> list[Team]:
        """Give all that has turns. Raises StoreError."""
        if not self.teams.home.team_id:
            try:
                self.teams.home = await self.clients.home()
            except TROUBLE as error:
                log.warning("workspace_unknown", error=str(error))
        return await self.teams.all()

    async def take_turn(self, turn: Taken) -> Ended:
        """Post a team's report for its turn, unless something holds it up.

        Where an earlier try may have got as far as Slack, its message is looked for first. Raises SlackApiError and its
        kin where another try may do.
        """
        team = await self.teams.find(turn.key)
        if team is None:
            return Ended(Turn.FAILED, note="nobody is subscribed any more")
        if turn.again and (ts := await self._posted(team, turn)):
            return Ended(Turn.POSTED, team.channel, ts, "found in the channel")
        hindrance = await self.teams.hindrance(team, turn.slot)
        if hindrance is not None:
            return Ended(Turn.PAUSED if hindrance.paused_why else Turn.SNOOZED, note=hindrance.paused_why)
        with background():
            message = await self.draw(await self.reporter.report(team))
        # Looking may have taken long: what was under way when the last try was cut off has arrived by now.
        if turn.again and (ts := await self._posted(team, turn)):
            return Ended(Turn.POSTED, team.channel, ts, "found in the channel")
        await turn.hold()
        try:
            ts = await self.post(team, message, metadata=_metadata(turn))
        except SlackApiError as error:
            why = _SHUT.get(str(error.response.get("error")))
            if why is None:
                raise
            # Told before it is written down: who dies in between tells it twice, and not never.
            await self._tell(team, why)
            await self.teams.pause(team, why)
            return Ended(Turn.PAUSED, team.channel, note=why)
        return Ended(Turn.POSTED, team.channel, ts)

    async def post(self, team: Team, message: Message, *, metadata: dict[str, Any] | None = None) -> str:
        """Post a report to its team's channel; give the message's timestamp. Raises SlackApiError and its kin."""
        client = await self.clients.of(team.workspace)
        answer = await send(
            message,
            lambda form: client.chat_postMessage(
                channel=team.channel, metadata=metadata, unfurl_links=False, unfurl_media=False, **form.payload()
            ),
        )
        return str(answer["ts"])

    async def draw(self, found: Report) -> Message:
        """Draw a report, with links to the cards of what waits and a button for each repository worth one."""
        waiting = {one.proposal.id: one for one in await look_into(self.desk, found.waiting[:6])}
        proposals: list[Proposal] = [one.proposal for one in waiting.values()]
        offered = cannot_propose(self.desk, found.team.workspace) is None
        return report(
            found,
            waiting,
            links=await links_to(self.clients, proposals),
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

    async def details(
        self, key: str, taken: datetime, *, channel: str, ts: str, workspace: Workspace, user: str = ""
    ) -> tuple[Team, str]:
        """Put the whole list of a report into its thread, or send it to a user if one is given.

        Gives whose report it is, and the file's name.

        Raises RefusedError where it can't be had, or not sent.
        """
        team = await self.teams.find(key)
        if team is None or not is_of(team, workspace) or team.channel != channel:
            raise RefusedError(
                "Nobody is subscribed to this report here any more.",
                expected="Ask for the figures themselves.",
                example="/acr repos",
            )
        sheet = report_csv(await self.reporter.recall(team, taken))
        await self._upload(team.workspace, sheet, channel, ts, user)
        return team, sheet.name

    async def _upload(self, workspace: Workspace, sheet: Sheet, channel: str, ts: str, user: str) -> None:
        try:
            client = await self.clients.of(workspace)
            if user:
                channel = (await client.conversations_open(users=user))["channel"]["id"]
            await client.files_upload_v2(
                channel=channel,
                thread_ts=None if user else ts,
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

    async def _posted(self, team: Team, turn: Taken) -> str:
        """Look for a report of the same turn; give its timestamp, empty where there is none or we may not look.

        Raises SlackApiError and its kin where Slack does not say for now: a later try will see.
        """
        metadata, cursor = _metadata(turn), ""
        client = await self.clients.of(team.workspace)
        for _ in range(_PAGES):
            try:
                answer = await client.conversations_history(
                    channel=team.channel, include_all_metadata=True, limit=200, cursor=cursor
                )
            except SlackApiError as error:
                if error.response.get("error") not in _BLIND:
                    raise
                # Two reports are better than none.
                log.warning("channel_not_looked_through", channel=team.channel, error=str(error))
                return ""
            messages = answer.get("messages") or ()
            for message in messages:
                if message.get("metadata") == metadata:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor or (messages and float(messages[-1]["ts"]) < turn.slot.at.timestamp()):
                break
        return ""

    async def _tell(self, team: Team, why: str) -> None:
        """Tell whoever subscribed; of a team of the settings file, those who approve for it, or else for all."""
        log.error("report_paused", schedule=team.key, channel=team.channel, why=why)
        people = [team.made_by] if team.made_by else await self._people(team)
        for person in people[:TOLD_MOST]:
            try:
                client = await self.clients.of(team.workspace)
                opened = await client.conversations_open(users=person)
                await client.chat_postMessage(channel=opened["channel"]["id"], **paused(team, why).payload())
            except TROUBLE as error:
                log.warning("pause_not_told", schedule=team.key, user=person, error=str(error))

    async def _people(self, team: Team) -> list[str]:
        """Give those who approve for a team of the settings file: the users, and those in the groups."""
        approvers = team.approvers or self.desk.policy.rights_of(team.workspace).approvers
        found: dict[str, None] = {}
        for who in approvers:
            if not who.startswith("S"):
                found[who] = None
                continue
            with contextlib.suppress(RefusedError):  # Slack does not say who is in the group; the directory logs it
                found |= dict.fromkeys(sorted(await self.directory.members(who, team.workspace)))
        return list(found)


def _metadata(turn: Taken) -> dict[str, Any]:
    """Say in a message which turn it is, so that another try knows it again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"schedule": turn.key, "slot": str(turn.slot)}}
