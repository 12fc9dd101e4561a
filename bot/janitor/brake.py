"""Stopping a run: the wish is in the database; here whoever runs it hears of it, at once or within a second."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import structlog

from bot.domain.proposal import Proposal
from bot.errors import StoreError
from bot.store import Store

log = structlog.get_logger(__name__)


class Brakes:
    """The brakes of all runs of this process.

    A click reaches some process, and the run may be in another: so the database is asked as well, once in ``every``.
    """

    def __init__(self, store: Store, *, every: timedelta = timedelta(seconds=1)) -> None:
        self._store = store
        self._every = every.total_seconds()
        self._brakes: dict[str, asyncio.Event] = {}

    def pull(self, proposal_id: str) -> None:
        """Stop this proposal's run at once where it is in this process; elsewhere it is noticed in a moment."""
        if brake := self._brakes.get(proposal_id):
            brake.set()

    @contextlib.asynccontextmanager
    async def on(self, proposal: Proposal, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set once somebody wants this run to stop, or once ``stop`` is set."""
        brake = self._brakes[proposal.id] = asyncio.Event()
        if proposal.stop_by or stop.is_set():
            brake.set()
        watch = asyncio.create_task(self._watch(proposal.id, stop, brake), name=f"brake of {proposal.id}")
        try:
            yield brake
        finally:
            if self._brakes.get(proposal.id) is brake:
                del self._brakes[proposal.id]
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, proposal_id: str, stop: asyncio.Event, brake: asyncio.Event) -> None:
        ending = asyncio.create_task(stop.wait())
        try:
            while not brake.is_set():
                await asyncio.wait({ending}, timeout=self._every)
                if ending.done() or await self._wanted(proposal_id):
                    brake.set()
        finally:
            ending.cancel()

    async def _wanted(self, proposal_id: str) -> bool:
        try:
            return await self._store.proposals.stop_is_wanted(proposal_id)
        except StoreError as error:
            # The run itself finds out when it writes.
            log.warning("stop_not_looked_up", proposal=proposal_id, problem=error.problem)
            return False
