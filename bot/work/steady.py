"""procrastinate's own calls to its database, for a worker that outlives restarts of it and may have been replaced.

As it ships, one call that fails ends a worker, and a worker that was taken for dead and wakes up ends the job of its
successor. Here a call that fails is made again, and only the worker that a job belongs to can say what became of it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback

_PAUSE = 1.0
# The attempts count as well: the same worker may have got the same job anew.
_OURS = """
WITH ours AS (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(id)s AND status = 'doing' AND attempts = %(attempts)s
    AND worker_id IS NOT DISTINCT FROM %(worker)s::bigint
)
"""
_FINISH = "SELECT procrastinate_finish_job_v1(id, %(status)s::procrastinate_job_status, %(delete)s) FROM ours"
_RETRY = "SELECT procrastinate_retry_job_v2(id, %(at)s, NULL, NULL, NULL) FROM ours"
# One that was silent for long has been struck off by others, and must be on the list again before it gets a job.
_HEARTBEAT = """
INSERT INTO procrastinate_workers (id, last_heartbeat) OVERRIDING SYSTEM VALUE VALUES (%(worker)s, now())
ON CONFLICT (id) DO UPDATE SET last_heartbeat = now()
"""

log = structlog.get_logger(__name__)


class SteadyJobs(JobManager):
    """A job manager whose worker goes on while the database is away. ``ending`` is set when the process is to end."""

    def __init__(self, connector: Any, ending: asyncio.Event) -> None:
        super().__init__(connector)
        self._ending = ending

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Give the next job, or None where there is none or the database is away: the worker asks again soon."""
        try:
            return await super().fetch_job(queues, worker_id)
        except ConnectorException as error:
            log.warning("no_job_fetched", problem=_said(error))
            return None

    async def update_heartbeat(self, worker_id: int) -> None:
        """Say that this worker lives, where the database hears it."""
        try:
            await self.connector.execute_query_async(_HEARTBEAT, worker=worker_id)
        except ConnectorException as error:
            log.warning("no_heartbeat", problem=_said(error))

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Listen for ever; while that fails, the worker's own looks find what there is to do."""
        while True:
            try:
                await super().listen_for_jobs(on_notification=on_notification, queues=queues)
            except ConnectorException as error:
                log.warning("not_listening", problem=_said(error))
            await asyncio.sleep(_PAUSE)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Say that a job is over, unless it is another worker's by now."""
        await self._insist(
            lambda: self.connector.execute_query_async(
                _OURS + _FINISH, **_of(job), status=status.value, delete=delete_job
            )
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,  # noqa: ARG002 - the signature of procrastinate
        queue: str | None = None,  # noqa: ARG002 - the signature of procrastinate
        lock: str | None = None,  # noqa: ARG002 - the signature of procrastinate
    ) -> None:
        """Put a job back into the queue, unless it is another worker's by now. The last three stay as they are."""
        await self._insist(lambda: self.connector.execute_query_async(_OURS + _RETRY, **_of(job), at=retry_at))

    async def _insist(self, tell: Callable[[], Awaitable[None]]) -> None:
        # A job that counts as running though nobody runs it would hold up its registry.
        while True:
            try:
                return await tell()
            except ConnectorException as error:
                log.warning("job_not_updated", problem=_said(error))
                if self._ending.is_set():
                    return None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE):
                    await self._ending.wait()


def _of(job: Job) -> dict[str, Any]:
    return {"id": job.id, "attempts": job.attempts, "worker": job.worker_id}


def _said(error: ConnectorException) -> str:
    return str(error.__cause__ or error).strip()
