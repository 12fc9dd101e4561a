"""The engine for one process: an asyncio task a registry. The proposals table is its queue."""

import asyncio
import contextlib
from contextvars import Context

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Proposal
from bot.errors import FenceLostError, HeldBackError
from bot.store import Store
from bot.work.engine import Job

log = structlog.get_logger(__name__)


class EmbeddedEngine:
    """Runs approved proposals of this process's database, the oldest decision first.

    Nothing is queued apart from the proposals themselves: one that is approved or running and not being worked on is
    due. So a crash at any moment loses nothing, and ``start`` finds what an earlier process left.

    ``first_wait`` and ``longest_wait`` (seconds) bound the wait before a job that broke is tried again. ``last_wait``
    is how long a job may take to stop; one that a silent registry holds up longer is cut off, as by ``kill -9``.
    ``held``: after so long it is looked again whether a job that was held back may go on.
    """

    def __init__(
        self,
        store: Store,
        *,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
        last_wait: float = 10.0,
        held: float = 2.0,
    ) -> None:
        self._store = store
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._last_wait = last_wait
        self._held = held
        self._job: Job | None = None
        self._stopping = asyncio.Event()
        self._news: dict[str, asyncio.Event] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}

    async def enqueue(self, connection: AsyncConnection, proposal: Proposal) -> None:
        """Do nothing: the state ``approved``, written in the same transaction, is the queue."""

    def wake(self, proposal: Proposal) -> None:
        """Let the registry's worker look for work, and begin one where there is none."""
        self._news.setdefault(proposal.registry, asyncio.Event()).set()
        if self._job is not None and proposal.registry not in self._workers and not self._stopping.is_set():
            self._workers[proposal.registry] = asyncio.create_task(
                self._work(proposal.registry, self._job),
                name=f"work on {proposal.registry}",
                # What it logs has nothing to do with whoever clicked when it began.
                context=Context(),
            )

    async def start(self, job: Job) -> None:
        """Begin; what an earlier process left unfinished comes first."""
        self._job = job
        for proposal in await self._store.proposals.unfinished():
            self.wake(proposal)

    def halt(self) -> None:
        """Begin no job any more, and ask those that run to stop."""
        self._stopping.set()
        for news in self._news.values():
            news.set()

    async def stop(self) -> None:
        """Halt, and wait until running jobs have written their state."""
        self.halt()
        if self._workers:
            _, busy = await asyncio.wait(self._workers.values(), timeout=self._last_wait)
            for worker in busy:
                log.warning("job_cut_off", worker=worker.get_name())
                worker.cancel()
            await asyncio.gather(*self._workers.values(), return_exceptions=True)
        self._workers.clear()

    async def _work(self, registry: str, job: Job) -> None:
        news = self._news[registry]
        wait = self._first_wait
        while not self._stopping.is_set():
            news.clear()
            try:
                # Between the look and the wait nothing is lost: a wake in between sets the event again.
                if await self._run_next(registry, job):
                    wait = self._first_wait
                    continue
            except HeldBackError:
                # Whoever lets the work go on wakes it; quiet hours end by the clock.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._held):
                        await news.wait()
                continue
            except Exception:
                log.exception("job_broke", registry=registry, again_in_seconds=wait)
                await self._pause(wait)
                wait = min(wait * 2, self._longest_wait)
                continue
            await news.wait()

    async def _run_next(self, registry: str, job: Job) -> bool:
        """Run the oldest proposal of the registry that is due; False when there is none."""
        due = [proposal for proposal in await self._store.proposals.unfinished() if proposal.registry == registry]
        if not due:
            return False
        try:
            await job(due[0].id, self._stopping)
        except FenceLostError:
            log.warning("fence_lost", registry=registry, proposal=due[0].id)
        else:
            left = await self._store.proposals.get(due[0].id)
            if left is not None and not left.state.final and not self._stopping.is_set():
                raise RuntimeError(f"the job left proposal {left.id} {left.state}")
        return True

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
