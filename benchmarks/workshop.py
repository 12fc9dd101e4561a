"""The product's own way from a look to the last outcome, without Slack: what the benchmarks measure of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from rig import CONCURRENCY, Registry

from bot.domain.proposal import Deed, Event, Outcome, State
from bot.domain.reference import Reference
from bot.domain.request import Untagged
from bot.janitor.desk import Desk, Policy
from bot.janitor.execute import Executor
from bot.janitor.propose import Asker, Proposer
from bot.registry import RegistryClient
from bot.store import Store

ASKER = Asker("U0ASKER", "C0BENCH", "T0BENCH", "")


class Nobody:
    """Looks at no card."""

    async def changed(self, _proposal_id: str) -> None:
        """Draw nothing."""


class Workshop:
    """The use cases on one registry and one database."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def propose(self, repository: str) -> str:
        """Propose all that is untagged, have it approved, and give the proposal's id."""
        proposed = await Proposer(self.desk).propose(Untagged(Reference(repository)), ASKER)
        proposal, now = proposed.proposal, self.desk.clock()
        event = Event(now, Deed.APPROVED, "U0APPROVER", proposal.id, proposal.team_id, proposal.channel)
        assert await self.desk.store.proposals.move(
            proposal.id, State.APPROVED, by="U0APPROVER", at=now, event=event, checksum=proposal.checksum
        )
        return proposal.id

    async def execute(self, proposal_id: str) -> int:
        """Carry it out, and give the number of outcomes on record that say "deleted"."""
        await Executor(self.desk, Nobody()).run(proposal_id, asyncio.Event())
        return (await self.desk.store.proposals.tally(proposal_id))[Outcome.DELETED]


@contextlib.asynccontextmanager
async def workshop(acr: Registry, place: Path, *, most_items: int = 200_000) -> AsyncIterator[Workshop]:
    """Open a database at ``place`` and a client, as the app does."""
    store = await Store.open(f"sqlite:///{place}/state.db")
    try:
        async with RegistryClient("bench", acr.url, acr.credential, concurrency=CONCURRENCY) as client:
            policy = Policy(approvers=("U0APPROVER",), items_per_proposal=most_items)
            yield Workshop(Desk({"bench": client}, store.bodies, policy, lambda: datetime.now(UTC), store))
    finally:
        await store.close()
