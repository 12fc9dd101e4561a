"""The engine for several processes on one PostgreSQL: procrastinate carries the work between them.

A job holds nothing but a proposal's id; the tables hold the truth. ``lock`` is the registry, so that one plan runs on
it at a time, in the order of approval; ``queueing_lock`` is the proposal.
"""

import asyncio
import contextlib
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job as QueuedJob
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Proposal
from bot.errors import FenceLostError, HeldBackError, LeaseHeldError, StoreError
from bot.store import Store, end_when_silent
from bot.work.engine import Job
from bot.work.steady import SteadyJobs
from bot.work.times import Times

_QUEUE = "runs"
_TASK = "carry_out"
_LOOK = "work:look"

log = structlog.get_logger(__name__)


class _NotOverError(Exception):
    """The job returned and its proposal is still to be worked on: it was told to stop, by this process's end."""


class _Retry(BaseRetryStrategy):
    """Every job is tried again until its proposal is over: by another replica at once where this one ends."""

    def __init__(self, times: Times) -> None:
        self._times = times

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision:
        now = datetime.now(UTC)
        if isinstance(exception, _NotOverError | asyncio.CancelledError):
            return RetryDecision(retry_at=now)
        if isinstance(exception, HeldBackError):
            return RetryDecision(retry_at=now + timedelta(seconds=self._times.held))
        wait = min(self._times.first_wait * 2.0 ** min(job.attempts, 30), self._times.longest_wait)
        return RetryDecision(retry_at=now + timedelta(seconds=wait))


class ReplicatedEngine:
    """Runs approved proposals in whatever replica is free. ``registries``: so many run side by side in this one."""

    def __init__(self, store: Store, *, registries: int = 1, times: Times | None = None) -> None:
        self._store = store
        self._times = times or Times()
        self._registries = registries
        self._stopping = asyncio.Event()
        self._job: Job | None = None
        self._connector = PsycopgConnector(min_size=1, max_size=4, kwargs=store.connect_args, configure=self._configure)
        self._app = App(connector=self._connector)
        self._jobs = SteadyJobs(self._connector, self._stopping)
        self._app.job_manager = self._jobs
        self._app.task(name=_TASK, queue=_QUEUE, retry=_Retry(self._times))(self._carry_out)
        self._tasks: list[asyncio.Task[None]] = []
        self._idle_since: dict[tuple[int | None, int], float] = {}

    async def enqueue(self, connection: AsyncConnection, proposal: Proposal) -> None:
        """Write the job on the connection of the transaction that approves: both are there, or neither."""
        raw = await connection.get_raw_connection()
        try:
            await self._jobs.defer_job_async(_job(proposal), connection=raw.driver_connection)
        except ConnectorException as error:
            raise StoreError("The approval could not be handed over to the queue.", expected="Try again.") from error

    def wake(self, proposal: Proposal) -> None:
        """Do nothing: the database has told every replica with the commit."""

    async def start(self, job: Job) -> None:
        """Begin to run jobs, what other replicas have left included. Raises StoreError."""
        self._job = job
        try:
            await self._app.open_async()
        except ConnectorException as error:
            raise StoreError("The queue can't be opened.", expected="Check the database in DATABASE_URL.") from error
        # With contexts of their own: what they log has nothing to do with whoever starts them.
        self._tasks = [
            asyncio.create_task(self._serve(), name="worker", context=Context()),
            asyncio.create_task(self._keep_looking(), name="look for stalled work", context=Context()),
            asyncio.create_task(self._keep_ending_frozen(), name="look for frozen sessions", context=Context()),
        ]

    def halt(self) -> None:
        """Begin no job any more, and ask those that run to stop; other replicas go on with them."""
        if not self._stopping.is_set():
            self._stopping.set()
            for task in self._tasks:
                task.cancel()

    async def stop(self) -> None:
        """Halt, and wait until running jobs have written their state."""
        self.halt()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._app.close_async()

    async def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._app.run_worker_async(
                    queues=[_QUEUE],
                    concurrency=self._registries,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    fetch_job_polling_interval=self._times.poll,
                    update_heartbeat_interval=self._times.heartbeat,
                    stalled_worker_timeout=self._times.stalled,
                    shutdown_graceful_timeout=self._times.last_wait,
                )
            except Exception:
                log.exception("worker_broke", again_in_seconds=self._times.first_wait)
                await asyncio.sleep(self._times.first_wait)

    async def _carry_out(self, proposal: str) -> None:
        assert self._job is not None
        try:
            await self._job(proposal, self._stopping)
            left = await self._store.proposals.get(proposal)
        except (FenceLostError, LeaseHeldError) as error:
            log.warning("run_left_to_another", proposal=proposal, problem=error.problem)
            raise
        except HeldBackError:
            log.debug("run_held_back", proposal=proposal)
            raise
        except Exception:
            log.exception("job_broke", proposal=proposal)
            raise
        if left is not None and not left.state.final:
            if not self._stopping.is_set():
                log.error("job_left_unfinished", proposal=proposal, state=left.state)
            raise _NotOverError if self._stopping.is_set() else RuntimeError(f"the job left {proposal} {left.state}")

    async def _configure(self, connection: Any) -> None:
        """Let each statement be a transaction: none leaves rows locked where this process is frozen in the middle."""
        await connection.set_autocommit(True)
        await connection.execute(end_when_silent(self._store.silence))

    async def _keep_ending_frozen(self) -> None:
        # By itself: everything else here may have to wait for a row that such a session keeps.
        while True:
            try:
                await self._store.sessions.end_frozen(self._store.silence)
            except StoreError as error:
                log.warning("not_looked_for_frozen_sessions", problem=error.problem)
            await asyncio.sleep(self._times.look)

    async def _keep_looking(self) -> None:
        while True:
            try:
                # One replica at a time is enough.
                async with self._store.claims.held(_LOOK) as ours:
                    if ours:
                        await self._look()
            except (StoreError, ConnectorException) as error:
                log.warning("not_looked_for_stalled_work", problem=str(error))
            await asyncio.sleep(self._times.look)

    async def _look(self) -> None:
        """Begin anew what a dead worker had, and what approved work has no job at all."""
        for job in await self._jobs.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=self._times.stalled):
            log.warning("job_of_a_dead_worker", proposal=job.queueing_lock, worker=job.worker_id)
            await self._jobs.retry_job(job, datetime.now(UTC))
        proposals = await self._store.proposals.unfinished()
        jobs = [job for job in await self._jobs.list_jobs_async(queue=_QUEUE) if job.status in {"todo", "doing"}]
        for proposal in proposals:
            if proposal.id not in {job.queueing_lock for job in jobs}:
                log.warning("job_was_missing", proposal=proposal.id)
                with contextlib.suppress(AlreadyEnqueued):
                    await self._jobs.defer_job_async(_job(proposal))
        await self._look_for_idle([job for job in jobs if job.status == "doing"])

    async def _look_for_idle(self, jobs: list[QueuedJob]) -> None:
        """Begin anew what counts as running and is leased by nobody, for as long as a dead worker is waited for.

        A worker that was cut off in the instant in which it got a job does not know of it, and yet lives.
        """
        leased = await self._store.proposals.leased()
        now = asyncio.get_running_loop().time()
        idle = {(job.id, job.attempts): job for job in jobs if job.queueing_lock not in leased}
        self._idle_since = {key: self._idle_since.get(key, now) for key in idle}
        for key, since in self._idle_since.items():
            if now - since >= self._times.stalled:
                log.warning("job_without_a_lease", proposal=idle[key].queueing_lock, worker=idle[key].worker_id)
                await self._jobs.retry_job(idle[key], datetime.now(UTC))


def _job(proposal: Proposal) -> QueuedJob:
    return QueuedJob(
        queue=_QUEUE,
        lock=proposal.registry,
        queueing_lock=proposal.id,
        task_name=_TASK,
        task_kwargs={"proposal": proposal.id},
    )
