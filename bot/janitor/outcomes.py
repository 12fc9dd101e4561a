"""What became of the steps of a run over one repository: written down under its fence, and remembered."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from bot.domain.proposal import Outcome, Proposal, Record, Settled
from bot.errors import StoreError
from bot.janitor.attempts import attempts
from bot.janitor.desk import Desk
from bot.janitor.running import Audience, Pace, Result

log = structlog.get_logger(__name__)


@dataclass
class Outcomes:
    """The outcomes of ``todo``, which holds approved items by key. ``stop`` is set once somebody wants the run to stop.

    ``known``: what is written. ``unanswered``: what was sent, got no answer and will be tried again. ``stuck``: the
    database is away, and what has been done waits to be written; nothing more may be begun then.
    """

    desk: Desk
    audience: Audience
    pace: Pace
    proposal: Proposal
    fence: int
    stop: asyncio.Event
    todo: Mapping[str, Record]
    known: dict[str, Outcome] = field(default_factory=dict, init=False)
    unanswered: dict[str, Result] = field(default_factory=dict, init=False)
    stuck: bool = field(default=False, init=False)

    @property
    def are_complete(self) -> bool:
        """Whether every item has one."""
        return len(self.known) == len(self.todo)

    async def settle(self, results: Iterable[Result]) -> None:
        """Write outcomes. Raises FenceLostError when they are no longer ours to write, StoreError as ``_write``."""
        results = list(results)
        if not results:
            return
        now = self.desk.clock()
        settled = [Settled(self.todo[r.key].item.position, r.outcome, now, r.detail) for r in results]
        if await self._write(settled):
            self.stop.set()
        self.known.update((result.key, result.outcome) for result in results)
        for result in results:
            self.unanswered.pop(result.key, None)
            self.desk.metrics.items.labels(result.outcome.value).inc()
        await self.audience.changed(self.proposal.id)

    async def let_go(self) -> None:
        """Settle, as failed, what was sent without an answer and would have been tried again.

        For a run that is not gone on with: nobody knows what came of these, so they are not to be shown as never
        reached.
        """
        await self.settle(list(self.unanswered.values()))

    async def _write(self, settled: Sequence[Settled]) -> bool:
        """Write, also where the database is away for a while; give whether somebody wants the run to stop.

        A later run would find these gone and could not tell who did it. Whoever tells this run to end meanwhile cuts it
        off. Raises StoreError where the database is away for longer than a registry would be waited for.
        """
        try:
            async for error_allowed in attempts(self.pace, asyncio.Event()):
                try:
                    return await self.desk.store.proposals.settle(self.proposal.id, self.fence, settled)
                except StoreError as error:
                    if not error_allowed:
                        raise
                    self.stuck = True
                    log.warning("outcomes_not_written", count=len(settled), problem=error.problem)
        finally:
            self.stuck = False
        raise AssertionError("attempts end by an event that nobody sets")
