"""Stopping a run: the wish is in the database; here whoever runs it hears of it, at once or within a second."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import structlog

from bot.domain.proposal import Proposal
from bot.errors import StoreError
from bot.store import Store

log = structlog.get_logger(__name__)


class Brakes:
    """The brakes of all runs of this process.

    A click reaches some process, and the run may be in another: so the database is asked as well, once in ``every``.
    ``held`` says whether all work on a registry is to wait.
    """

    def __init__(
        self,
        store: Store,
        *,
        every: timedelta = timedelta(seconds=1),
        held: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self._store = store
        self._every = every.total_seconds()
        self._held = held
        self._brakes: dict[str, tuple[str, asyncio.Event]] = {}

    def pull(self, proposal_id: str) -> None:
        """Stop this proposal's run at once where it is in this process; elsewhere it is noticed in a moment."""
        if found := self._brakes.get(proposal_id):
            found[1].set()

    def pull_all(self, registry: str) -> None:
        """Stop every run on this registry that is in this process; elsewhere it is noticed in a moment."""
        for where, brake in self._brakes.values():
            if where == registry:
                brake.set()

    @contextlib.asynccontextmanager
    async def on(self, proposal: Proposal, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set once somebody wants this run to stop, or once ``stop`` is set."""
        brake = asyncio.Event()
        mine = self._brakes[proposal.id] = (proposal.registry, brake)
        if proposal.stop_by or stop.is_set() or await self._wanted(proposal):
            brake.set()
        watch = asyncio.create_task(self._watch(proposal, stop, brake), name=f"brake of {proposal.id}")
        try:
            yield brake
        finally:
            if self._brakes.get(proposal.id) is mine:
                del self._brakes[proposal.id]
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, proposal: Proposal, stop: asyncio.Event, brake: asyncio.Event) -> None:
        ending = asyncio.create_task(stop.wait())
        try:
            while not brake.is_set():
                await asyncio.wait({ending}, timeout=self._every)
                if ending.done() or await self._wanted(proposal):
                    brake.set()
        finally:
            ending.cancel()

    async def _wanted(self, proposal: Proposal) -> bool:
        try:
            if self._held is not None and await self._held(proposal.registry):
                return True
            return await self._store.proposals.stop_is_wanted(proposal.id)
        except StoreError as error:
            # The run itself finds out when it writes.
            log.warning("stop_not_looked_up", proposal=proposal.id, problem=error.problem)
            return False
