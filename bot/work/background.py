"""Work that nobody waits for: one thing after another, each at most once at a time, dropped at the end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextvars import Context

import structlog

log = structlog.get_logger(__name__)


class Background:
    """Does a job for each key it is given. What fails is logged and left: whoever gives keys will give it again."""

    def __init__(self, job: Callable[[str], Awaitable[None]]) -> None:
        self._job = job
        self._keys: dict[str, None] = {}
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def submit(self, key: str) -> None:
        """Do the job for this key in its turn, unless it waits for its turn already."""
        self._keys[key] = None
        self._news.set()
        if self._task is None:
            # With a context of its own: what it logs has nothing to do with whoever clicked first.
            self._task = asyncio.create_task(self._work(), name="background work", context=Context())

    async def close(self, patience: float = 2.0) -> None:
        """Begin nothing more. What is under way may take so many seconds to end, and is then cut off."""
        if self._task is None:
            return
        self._keys.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._idle.wait()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._keys:
                self._idle.clear()
                key = next(iter(self._keys))
                try:
                    await self._job(key)
                except Exception:
                    log.exception("background_job_failed", key=key)
                # Only now, so that a key that is being worked on is not taken twice.
                self._keys.pop(key, None)
                self._idle.set()
