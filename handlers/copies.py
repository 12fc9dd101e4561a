"""Copies of cards: a direct message to each who may approve, kept up to date until the card shows its end."""

import asyncio
import contextlib
from collections.abc import Sequence
from contextvars import Context
from dataclasses import replace
from datetime import timedelta

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks import Message
from bot.blocks.card_view import View
from bot.blocks.copy import copy as draw
from bot.blocks.copy import told
from bot.domain.copy import Copy, mark
from bot.domain.proposal import Proposal, State
from bot.domain.vote import Vote
from bot.errors import RefusedError
from bot.janitor.approvers import Approvers, Directory
from bot.janitor.desk import Desk
from bot.janitor.history import look_into
from bot.janitor.tell import people_to_tell
from handlers.clients import NOT_INSTALLED, Clients
from handlers.fallback import send
from handlers.links import links_to
from handlers.pace import AtMost
from handlers.trouble import TROUBLE

# chat.update and conversations.open may be called some 50 times a minute (Slack's tier 3), and cards need theirs.
UPDATES_A_MINUTE = 25
POSTS_A_MINUTE = 40
# Where Slack does not say who is in a group, it is asked again for so long; then the others are told without.
PATIENCE = timedelta(minutes=5)
# How long the one that is being sent may take when the app ends.
LAST_COPY = 5.0
# Another process has the same proposal's copies: it may have read the database before the news.
_AGAIN = 0.5
# The person or the message is not there any more, or never can be: trying again can't help.
_LOST = frozenset(
    {
        NOT_INSTALLED,
        "account_inactive",
        "cannot_dm_bot",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "messages_tab_disabled",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
    }
)

log = structlog.get_logger(__name__)


class Copies:
    """All copies. ``tell``: whether people are told at all; what was posted before is kept up to date either way.

    One process at a time works on those of a proposal, and each message is written down once it is posted: a crash
    right in between posts it a second time, and the first answers a click as every old card does.
    """

    def __init__(self, clients: Clients, desk: Desk, approvers: Approvers, directory: Directory, *, tell: bool) -> None:
        self._clients = clients
        self._desk = desk
        self._approvers = approvers
        self._directory = directory
        self._tell = tell
        self._updates = AtMost(UPDATES_A_MINUTE)
        self._posts = AtMost(POSTS_A_MINUTE)
        self._link = (("", ""), "")
        self._closing = False
        self._due: dict[str, None] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def changed(self, proposal_id: str) -> None:
        """Bring the copies of a card up to date soon; where there are none yet, tell those who may approve."""
        self._due[proposal_id] = None
        self._news.set()
        if self._task is None:
            # With a context of its own: what it logs has nothing to do with whoever clicked first.
            self._task = asyncio.create_task(self._work(), name="copies of cards", context=Context())

    async def catch_up(self) -> None:
        """Look for people who were not told and copies that show something old: a crash came in between.

        Raises StoreError.
        """
        for proposal_id in await self._desk.store.copies.untold() if self._tell else ():
            self.changed(proposal_id)
        for proposal_id in await self._desk.store.copies.unsettled():
            self.changed(proposal_id)

    async def close(self) -> None:
        """Stop after the copy that is being sent; what is not up to date is found by the next ``catch_up``."""
        self._closing = True
        self._news.set()
        if self._task is not None:
            # Cut off between the sending of a message and the note of it, it would be sent a second time.
            await asyncio.wait({self._task}, timeout=LAST_COPY)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        while not self._closing:
            await self._news.wait()
            self._news.clear()
            while self._due and not self._closing:
                proposal_id = next(iter(self._due))
                # Before they are drawn: what changes meanwhile has them drawn once more.
                del self._due[proposal_id]
                try:
                    await self._bring(proposal_id)
                except RefusedError as error:
                    log.warning("approvers_not_told", proposal=proposal_id, problem=error.problem)
                except Exception:
                    # Whatever it is, the others' go on, and the next ``catch_up`` comes back to these.
                    log.exception("copies_not_drawn", proposal=proposal_id)

    async def _bring(self, proposal_id: str) -> None:
        async with self._desk.store.claims.held(f"copies:{proposal_id}") as ours:
            if ours:
                await self._list(proposal_id)
                failed: set[str] = set()
                while not self._closing and await self._step(proposal_id, failed):
                    pass
        if not ours and not self._closing:
            await asyncio.sleep(_AGAIN)
            self._due[proposal_id] = None

    async def _list(self, proposal_id: str) -> None:
        """Write down who is to be told, once for each proposal."""
        proposal = await self._desk.store.proposals.get(proposal_id)
        if not self._tell or proposal is None or proposal.state is not State.OPEN or not proposal.card_ts:
            return
        if await self._desk.store.copies.listed(proposal_id):
            return
        patient = self._desk.clock() - proposal.created < PATIENCE
        people, count = await people_to_tell(self._approvers, self._directory, proposal, patient=patient)
        new = await self._desk.store.copies.list_people(proposal_id, people)
        if new and count > len(people):
            client = await self._clients.of(proposal.workspace)
            await client.chat_postMessage(
                channel=proposal.channel, thread_ts=proposal.card_ts, **told(len(people), count).payload()
            )

    async def _step(self, proposal_id: str, failed: set[str]) -> bool:
        """Bring one copy up to date, from what the database says at that moment. Gives False where all are."""
        store = self._desk.store
        proposal = await store.proposals.get(proposal_id)
        if proposal is None:
            return False
        votes = await store.votes.of(proposal_id, proposal.revision)
        wanted = mark(proposal, votes)
        old = [
            one
            for one in await store.copies.of(proposal_id)
            if not one.gone and one.shown != wanted and one.user not in failed
        ]
        if not old:
            return False
        one = old[0]
        try:
            if one.ts:
                await self._updates.turn()
                now = await self._update(proposal, one, await self._draw(proposal, votes, one.user))
            elif proposal.state is State.OPEN:
                await self._posts.turn()
                now = await self._post(proposal, one, await self._draw(proposal, votes, one.user))
            else:
                now = replace(one, gone="decided")  # before it was posted: there is nothing left to tell
        except TROUBLE as error:
            said = str(error.response.get("error")) if isinstance(error, SlackApiError) else ""
            log.warning("copy_not_drawn", proposal=proposal_id, user=one.user, error=said or str(error))
            failed.add(one.user)
            if said not in _LOST:
                return True
            now = replace(one, gone=said)
        await store.copies.write(now if now.gone else replace(now, shown=wanted))
        return True

    async def _draw(self, proposal: Proposal, votes: Sequence[Vote], user: str) -> Message:
        (waiting,) = await look_into(self._desk, [proposal])
        view = View(
            proposal,
            waiting.records,
            waiting.tally,
            (),
            await self._approvers.needs(proposal),
            self._desk.clock(),
            {},
            allow_self=self._desk.policy.allow_self_approval,
            votes=votes,
        )
        return draw(view, user, await self._link_to(proposal))

    async def _link_to(self, proposal: Proposal) -> str:
        """Give the link to a card. Slack is asked once for all copies of it that are drawn one after another."""
        # Not by the card's timestamp alone: that is one channel's, and another workspace may have the same.
        card = proposal.id, proposal.card_ts
        if self._link[0] != card or not self._link[1]:
            self._link = card, (await links_to(self._clients, [proposal])).get(proposal.id, "")
        return self._link[1]

    async def _post(self, proposal: Proposal, one: Copy, message: Message) -> Copy:
        client = await self._clients.of(proposal.workspace)
        opened = await client.conversations_open(users=one.user)
        answer = await send(
            message,
            lambda form: client.chat_postMessage(
                channel=opened["channel"]["id"], **form.payload(), unfurl_links=False, unfurl_media=False
            ),
            with_buttons=True,
        )
        return replace(one, channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def _update(self, proposal: Proposal, one: Copy, message: Message) -> Copy:
        client = await self._clients.of(proposal.workspace)
        await send(
            message,
            lambda form: client.chat_update(channel=one.channel, ts=one.ts, **form.payload()),
            with_buttons=proposal.state is State.OPEN,
        )
        return one
