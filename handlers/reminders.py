"""Reminders: those who may approve hear once, in the card's thread, that half of the time to decide is over."""

from datetime import datetime
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks.reminder import reminder
from bot.domain.proposal import Proposal, State
from bot.janitor.decide import Decider
from bot.store import Store
from handlers.clients import Clients
from handlers.trouble import TROUBLE

EVENT_TYPE = "acr_janitor_reminder"
# Trying again can't help: there is no place any more where it could be said.
_LOST = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "thread_locked",
        "thread_not_found",
    }
)
# So many replies are looked through for one that an earlier try may have posted, 200 at a time (Slack's advice).
_PAGES = 5

log = structlog.get_logger(__name__)


class Reminders:
    """All reminders. ``remind`` is to be called every now and then, on every replica."""

    def __init__(self, clients: Clients, store: Store, decider: Decider) -> None:
        self._clients = clients
        self._store = store
        self._decider = decider

    async def remind(self, now: datetime) -> None:
        """Remind of each open proposal whose time is half over, once. What Slack does not take is tried again.

        Raises StoreError.
        """
        for proposal in await self._store.reminders.owed():
            if proposal.half_way <= now < proposal.expires:
                async with self._store.claims.held(f"remind:{proposal.id}") as ours:
                    if ours:
                        await self._remind(proposal.id)

    async def _remind(self, proposal_id: str) -> None:
        proposal = await self._store.proposals.get(proposal_id)
        if proposal is None or proposal.state is not State.OPEN or await self._store.reminders.over(proposal_id):
            return
        begun_now = await self._store.reminders.begin(proposal.id)
        try:
            # A crash may have come between an earlier try's posting and its note of that.
            outcome = ("" if begun_now else await self._posted(proposal)) or await self._post(proposal)
        except TROUBLE as error:
            said = error.response.get("error") if isinstance(error, SlackApiError) else ""
            log.warning("reminder_not_posted", proposal=proposal.id, error=said or str(error) or type(error).__name__)
            if said not in _LOST:
                return
            outcome = str(said)
        await self._store.reminders.end(proposal.id, outcome)

    async def _post(self, proposal: Proposal) -> str:
        """Post it and give its timestamp."""
        message = reminder(proposal, await self._decider.asked(proposal))
        client = await self._clients.of(proposal.workspace)
        answer = await client.chat_postMessage(
            channel=proposal.channel,
            thread_ts=proposal.card_ts,
            metadata=_metadata(proposal),
            **message.payload(),
        )
        log.info("reminded", proposal=proposal.id)
        return str(answer["ts"])

    async def _posted(self, proposal: Proposal) -> str:
        """Look for it in the thread; give its timestamp, empty where it is not there or Slack does not say."""
        cursor = ""
        try:
            client = await self._clients.of(proposal.workspace)
            for _ in range(_PAGES):
                answer = await client.conversations_replies(
                    channel=proposal.channel, ts=proposal.card_ts, include_all_metadata=True, limit=200, cursor=cursor
                )
                for message in answer.get("messages") or ():
                    if message.get("metadata") == _metadata(proposal):
                        return str(message["ts"])
                cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    break
        except TROUBLE as error:
            # Two reminders are better than none.
            log.warning("thread_not_looked_through", proposal=proposal.id, error=str(error))
        return ""


def _metadata(proposal: Proposal) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"proposal": proposal.id}}
