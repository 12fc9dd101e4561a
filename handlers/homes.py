"""The app's Home tab: drawn when somebody opens it, and kept up to date for those who have lately."""

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, timedelta

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks import Message, notes, problem, unexpected
from bot.blocks.home import HomeView, home, home_of
from bot.domain.proposal import Proposal
from bot.domain.workspace import Workspace
from bot.errors import JanitorError, StoreError
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.home import look_at_home
from bot.janitor.teams import Teams
from handlers.clients import Clients
from handlers.links import links_to
from handlers.trouble import TROUBLE
from handlers.zones import Zones

# After a decision it is drawn anew for those who have opened it within so long, the latest of them.
RECENT = timedelta(days=1)
RECENT_MOST = 50
# views.publish may be called some 100 times a minute (Slack's tier 4), and people open theirs besides.
SPACING = 0.75
_FORGOTTEN = timedelta(days=30)
_TABS_MOST = 1000
_LINKS_MOST = 5000

log = structlog.get_logger(__name__)


@dataclass
class _Tab:
    """One person's tab as this process knows it. Whoever draws it has its ``turn``, so that it never goes back."""

    notice: Message | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Homes:
    """Everybody's Home tab."""

    def __init__(self, clients: Clients, desk: Desk, decider: Decider, teams: Teams, zones: Zones) -> None:
        self._clients = clients
        self._desk = desk
        self._decider = decider
        self._teams = teams
        self._zones = zones
        self._tabs: OrderedDict[tuple[str, Workspace], _Tab] = OrderedDict()
        self._links: dict[tuple[str, str], str] = {}
        # What is still to be done: proposals that have changed, with who is concerned; then people, by workspace.
        self._changed: dict[str, set[str]] = {}
        self._due: dict[tuple[str, Workspace], None] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def opened(self, user: str, workspace: Workspace) -> None:
        """Draw somebody's tab anew, since they look at it. Never raises."""
        self._tab(user, workspace).notice = None
        await self._remember(user, workspace)
        await self._publish(user, workspace)

    async def tell(self, user: str, workspace: Workspace, message: Message) -> None:
        """Say something on top of somebody's tab, until they open it again; where that fails, in a direct message.

        Raises SlackApiError and its kin where Slack takes neither.
        """
        self._tab(user, workspace).notice = message
        await self._remember(user, workspace)
        if not await self._publish(user, workspace):
            client = await self._clients.of(workspace)
            opened = await client.conversations_open(users=user)
            await client.chat_postMessage(channel=opened["channel"]["id"], **message.payload())

    async def decided(self, user: str, workspace: Workspace, proposal: Proposal) -> None:
        """Tell somebody on top of their tab what came of their decision on a proposal. Raises as ``tell`` does."""
        links = await self._links_to([proposal])
        await self.tell(user, workspace, notes.decided(proposal, links.get(proposal.id, "")))

    def changed(self, proposal_id: str, *people: str) -> None:
        """Draw soon the tabs of those who look at theirs, of these people and of whoever asked for the proposal."""
        self._changed.setdefault(proposal_id, set()).update(people)
        self._news.set()
        if self._task is None:
            # With a context of its own: what it logs has nothing to do with whoever clicked first.
            self._task = asyncio.create_task(self._work(), name="home tabs", context=Context())

    async def close(self) -> None:
        """Draw no more: whoever opens their tab next gets it as it then is."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._changed or self._due:
                while self._changed:
                    await self._find_people(*self._changed.popitem())
                if self._due:
                    user, workspace = next(iter(self._due))
                    # Before it is drawn: what changes meanwhile has it drawn once more.
                    del self._due[user, workspace]
                    await self._publish(user, workspace)
                    await asyncio.sleep(SPACING)

    async def _find_people(self, proposal_id: str, people: set[str]) -> None:
        homes = self._desk.store.homes
        try:
            proposal = await self._desk.store.proposals.get(proposal_id)
            if proposal is None:
                return
            workspace = proposal.workspace
            concerned = await homes.known(workspace, {proposal.requester, proposal.decided_by, *people})
            since = self._desk.clock() - RECENT
            for user in [*concerned, *await homes.recent(workspace, since, RECENT_MOST)]:
                self._due[user, workspace] = None
        except StoreError:
            log.warning("homes_not_drawn", proposal=proposal_id, exc_info=True)

    async def _remember(self, user: str, workspace: Workspace) -> None:
        now = self._desk.clock()
        try:
            await self._desk.store.homes.opened(workspace, user, now)
            await self._desk.store.homes.forget(now - _FORGOTTEN)
        except StoreError:
            log.warning("home_not_remembered", user=user, exc_info=True)

    async def _publish(self, user: str, workspace: Workspace) -> bool:
        """Draw one tab. Gives False where Slack does not take it. Never raises."""
        tab = self._tab(user, workspace)
        async with tab.turn:
            view = await self._draw(user, workspace, tab.notice)
            try:
                client = await self._clients.of(workspace)
                await client.views_publish(user_id=user, view=view)
            except TROUBLE as error:
                said = error.response.get("error") if isinstance(error, SlackApiError) else ""
                log.warning("home_not_published", user=user, error=said or str(error) or type(error).__name__)
                return False
        return True

    async def _draw(self, user: str, workspace: Workspace, notice: Message | None) -> HomeView:
        try:
            zone = await self._zones.zone_of(user, workspace) or UTC
            found = await look_at_home(
                self._desk, self._decider, self._teams, user=user, workspace=workspace, zone=zone
            )
            links = await self._links_to(found.proposals)
            return home(found, links=links, now=self._desk.clock(), notice=notice)
        except JanitorError as error:
            log.warning("home_not_drawn", user=user, kind=type(error).__name__, problem=error.problem)
            return home_of(problem(error))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("unexpected_error", reference=reference)
            return home_of(unexpected(reference))

    async def _links_to(self, proposals: Sequence[Proposal]) -> dict[str, str]:
        """Give links to cards, by proposals' ids. They never change, so Slack is asked for each once."""
        new = [one for one in proposals if (one.id, one.card_ts) not in self._links]
        if len(self._links) + len(new) > _LINKS_MOST:
            self._links.clear()
            new = list(proposals)
        answers = await asyncio.gather(*(links_to(self._clients, [one]) for one in new))
        for one, answer in zip(new, answers, strict=True):
            if one.id in answer:
                self._links[one.id, one.card_ts] = answer[one.id]
        known = {one.id: self._links.get((one.id, one.card_ts), "") for one in proposals}
        return {proposal_id: url for proposal_id, url in known.items() if url}

    def _tab(self, user: str, workspace: Workspace) -> _Tab:
        tab = self._tabs.setdefault((user, workspace), _Tab())
        self._tabs.move_to_end((user, workspace))
        if len(self._tabs) > _TABS_MOST:
            key, oldest = next(iter(self._tabs.items()))
            if not oldest.turn.locked():
                del self._tabs[key]
        return tab
