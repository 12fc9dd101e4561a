"""The cards in the channels: each posted once, and kept up to date.

A card is always drawn from the database, so that any process at any time can bring any card up to date.
"""

import asyncio
import contextlib
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks import Message, notes
from bot.domain.proposal import Proposal, State
from bot.errors import RefusedError, StoreError
from bot.janitor.desk import Policy
from bot.store import Store
from handlers.clients import NOT_INSTALLED, Clients
from handlers.fallback import send
from handlers.posting import Posting, cannot_post
from handlers.trouble import TROUBLE

# Slack asks not to redraw a message more often than that while something runs.
EVERY = timedelta(seconds=3)
# How long the last drawings may take when the app ends; the next start draws what they leave.
LAST_DRAWINGS = 5.0

log = structlog.get_logger(__name__)

# The message is not there any more, or was never ours to change: trying again can't help.
_LOST = frozenset(
    {
        NOT_INSTALLED,
        "message_not_found",
        "cant_update_message",
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "edit_window_closed",
    }
)


@dataclass
class _Drawing:
    """The state of one card's drawing: whether it is out of date, and the task that will draw it."""

    dirty: bool = False
    last: float = float("-inf")
    task: asyncio.Task[None] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def busy(self) -> bool:
        """Whether it is being drawn, or waits to be."""
        return self.dirty or self.turn.locked() or (self.task is not None and not self.task.done())

    def due(self, every: float) -> float:
        """How many seconds to wait until it may be drawn again."""
        return max(0.0, self.last + every - asyncio.get_running_loop().time())


class Cards:
    """All cards. ``changed`` makes it an audience of runs. ``news`` is called with a proposal whose card has news."""

    def __init__(
        self,
        clients: Clients,
        store: Store,
        policy: Policy,
        clock: Callable[[], datetime],
        *,
        every: timedelta = EVERY,
        news: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._clients = clients
        self._store = store
        self._posting = Posting(clients, store, policy, clock)
        self._clock = clock
        self._every = every.total_seconds()
        self._news = news
        self._drawings: dict[str, _Drawing] = {}

    async def post(self, proposal: Proposal) -> str:
        """Post a proposal's card and give its permalink, empty where Slack would not say.

        Raises RefusedError when the card can't be posted; the proposal must then not stay open.
        """
        async with self._store.claims.held(_posting(proposal.id)) as ours:
            now = await self._store.proposals.get(proposal.id)
            if not ours or now is None or now.card_ts:
                return ""  # another replica posts it, or has
            try:
                posted = await self._post(proposal, await self._posting.draw(proposal))
                await self._posting.attach(posted)
            except TROUBLE as error:
                raise cannot_post(proposal, error) from error
            # Only now: a card that counts as never drawn gets its list, should a crash have come in between.
            await self._store.proposals.drawn(proposal.id, _first_drawn(proposal), proposal.drawn)
        self._news(proposal.id)
        if proposal.state is not State.OPEN:
            await self.changed(proposal.id)  # its run does not wait for its card
        with contextlib.suppress(*TROUBLE):
            client = await self._clients.of(posted.workspace)
            link = await client.chat_getPermalink(channel=posted.channel, message_ts=posted.card_ts)
            return str(link["permalink"])
        return ""

    async def link_to(self, proposal_id: str) -> str:
        """Give the permalink of a proposal's card, empty where there is none. Raises StoreError."""
        return await self._posting.link_to(proposal_id)

    async def changed(self, proposal_id: str) -> None:
        """Redraw a card soon, at most once in every few seconds."""
        drawing = self._drawing(proposal_id)
        drawing.dirty = True
        if drawing.task is None or drawing.task.done():
            drawing.task = asyncio.create_task(
                self._keep_drawing(proposal_id, drawing), name=f"card {proposal_id}", context=Context()
            )

    async def redraw(self, proposal_id: str) -> None:
        """Redraw a card now, for somebody waits for the answer to a click; soon where that was done a moment ago."""
        drawing = self._drawing(proposal_id)
        if drawing.due(self._every) > 0:
            await self.changed(proposal_id)
        else:
            drawing.dirty = True
            await self._redraw(proposal_id, drawing)
            if drawing.dirty:  # another replica is drawing it
                await self.changed(proposal_id)

    async def catch_up(self) -> None:
        """Post cards that were never posted, and redraw those that show an old state: a crash came in between."""
        for proposal in await self._store.proposals.without_card(self._clock() - timedelta(days=1)):
            # Slack may take its time to let a card through.
            if self._clock() - proposal.created > timedelta(minutes=1):
                try:
                    await self.post(proposal)
                except RefusedError as error:
                    log.warning("card_not_posted", proposal=proposal.id, problem=error.problem)
        for proposal in await self._store.proposals.undrawn():
            await self.changed(proposal.id)

    async def reply(self, proposal_id: str, message: Message) -> None:
        """Say something in a card's thread. Never raises: what counts is on the cards."""
        try:
            proposal = await self._store.proposals.get(proposal_id)
            if proposal is not None and proposal.card_ts:
                client = await self._clients.of(proposal.workspace)
                await client.chat_postMessage(channel=proposal.channel, thread_ts=proposal.card_ts, **message.payload())
        except (*TROUBLE, StoreError):
            log.exception("reply_not_posted", proposal=proposal_id)

    async def tidy(self, proposal_id: str, channel: str, ts: str) -> None:
        """Take the buttons from a second copy of a card: one whose posting Slack did not confirm before a crash.

        ``channel`` and ``ts`` are of the message that somebody has clicked on. Never raises.
        """
        try:
            proposal = await self._store.proposals.get(proposal_id)
            if (
                proposal is None
                or not ts
                or not proposal.card_ts
                or (channel, ts) == (proposal.channel, proposal.card_ts)
                or any((one.channel, one.ts) == (channel, ts) for one in await self._store.copies.of(proposal_id))
            ):
                return
            with contextlib.suppress(*TROUBLE):
                client = await self._clients.of(proposal.workspace)
                link = await client.chat_getPermalink(channel=proposal.channel, message_ts=proposal.card_ts)
                message = notes.copy(str(link["permalink"]))
                await client.chat_update(channel=channel, ts=ts, **message.payload())
        except StoreError:
            log.exception("copy_not_tidied", proposal=proposal_id)

    async def close(self) -> None:
        """Draw what is still out of date, once, and stop."""
        # What is being drawn is waited for: cut off behind a file's upload, it would be uploaded a second time.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_DRAWINGS):
                await asyncio.gather(*(self._redraw(id_, drawing) for id_, drawing in self._drawings.items()))
        tasks = [drawing.task for drawing in self._drawings.values() if drawing.task and not drawing.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _post(self, proposal: Proposal, message: Message) -> Proposal:
        posted = await self._posting.post(proposal, message)
        self._drawing(proposal.id).last = asyncio.get_running_loop().time()
        return posted

    def _drawing(self, proposal_id: str) -> _Drawing:
        known = self._drawings.get(proposal_id)
        if known is not None:
            return known
        # Those drawn a while ago have nothing to be remembered for; the new one was perhaps never drawn.
        self._drawings = {id_: old for id_, old in self._drawings.items() if old.busy or old.due(self._every) > 0}
        return self._drawings.setdefault(proposal_id, _Drawing())

    async def _keep_drawing(self, proposal_id: str, drawing: _Drawing) -> None:
        while drawing.dirty:
            await asyncio.sleep(drawing.due(self._every))
            await self._redraw(proposal_id, drawing)

    async def _redraw(self, proposal_id: str, drawing: _Drawing) -> None:
        """Bring one card up to date. Never raises: what did not work is found by the next ``catch_up``."""
        async with drawing.turn:
            if not drawing.dirty:
                return
            drawing.dirty = False
            drawing.last = asyncio.get_running_loop().time()
            try:
                # One replica at a time, each from what the database says then: no card goes back in time, and what its
                # thread gets at an end it gets once.
                async with self._store.claims.held(f"card:{proposal_id}") as ours:
                    proposal = await self._store.proposals.get(proposal_id) if ours else None
                    if proposal is not None and proposal.card_ts:
                        await self._update(proposal)
                drawing.dirty = drawing.dirty or not ours
            except asyncio.CancelledError:
                drawing.dirty = True
                raise
            except (*TROUBLE, StoreError):
                log.exception("card_not_drawn", proposal=proposal_id)
                # Slack may have taken it all the same, and after what another replica has drawn since.
                with contextlib.suppress(StoreError):
                    await self._store.proposals.outdated(proposal_id)

    async def _update(self, proposal: Proposal) -> None:
        if proposal.drawn != proposal.state:
            self._news(proposal.id)
        message = await self._posting.draw(proposal)
        lacks_list = proposal.lacks_list
        try:
            client = await self._clients.of(proposal.workspace)
            await send(
                message,
                lambda form: client.chat_update(channel=proposal.channel, ts=proposal.card_ts, **form.payload()),
                with_buttons=not proposal.state.final,
            )
        except SlackApiError as error:
            said = error.response.get("error")
            if said not in _LOST:
                raise
            log.warning("card_lost", proposal=proposal.id, error=said)
            lacks_list = False
            proposal = await self._show_again(proposal, message, deleted=said == "message_not_found")
        if _has_just_ended(proposal):
            await self._posting.attach_outcome(proposal)
        if lacks_list and not await self._attach_late(proposal):
            return
        await self._store.proposals.drawn(proposal.id, proposal.state, proposal.drawn)

    async def _attach_late(self, proposal: Proposal) -> bool:
        """Give a card the list that it lacks after a crash; False where whoever posts it is about to, or has."""
        async with self._store.claims.held(_posting(proposal.id)) as ours:
            now = await self._store.proposals.get(proposal.id) if ours else None
            if now is None or not now.lacks_list or now.revision != proposal.revision:
                return False
            await self._posting.attach(proposal)
        return True

    async def _show_again(self, proposal: Proposal, message: Message, *, deleted: bool) -> Proposal:
        """Post a lost card again where nobody could decide without it, or hear how a run ended."""
        with contextlib.suppress(SlackApiError):
            if proposal.state is State.OPEN and deleted:
                proposal = await self._post(proposal, message)
                await self._posting.attach(proposal)
            elif _has_just_ended(proposal):
                proposal = await self._post(proposal, message)
        return proposal


def _has_just_ended(proposal: Proposal) -> bool:
    """Whether a run is over and the card has not shown that yet: what it shows besides is no reason to tell again."""
    return proposal.state.final and proposal.started is not None and not proposal.drawn.startswith(proposal.state.value)


def _first_drawn(proposal: Proposal) -> State:
    """Give the state that a new card counts as showing: never an end, which brings the outcome with it."""
    return State.OPEN if proposal.state is State.OPEN else State.APPROVED


def _posting(proposal_id: str) -> str:
    return f"post:{proposal_id}"
