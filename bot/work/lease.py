"""A worker's lease on a run: proof that nobody else has taken it, good for some seconds and renewed in time.

A process that is frozen, or cut off from its database, learns nothing of another that goes on in its place. But it can
tell how long ago it last proved its fence, by a clock that goes on while the machine sleeps.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import structlog

from bot.errors import FenceLostError, LeaseOverError, StoreError
from bot.store import RENEWALS, Store

# The rest of the lease is for what was sent before it ran out and has not arrived yet.
_TRUSTED = 0.8
_PAUSE = 0.5

log = structlog.get_logger(__name__)


def boot_time() -> float:
    """Give seconds since some moment, those included in which the machine was suspended, where it can tell them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """The permit to change anything in a run. ``began``: the ``boot_time`` before the run was taken.

    ``stop`` is set when the worker is to end: a lease that ran out is then not waited for any more.
    """

    def __init__(self, store: Store, proposal_id: str, fence: int, began: float, stop: asyncio.Event) -> None:
        self._store = store
        self._proposal_id = proposal_id
        self._fence = fence
        self._stop = stop
        self._length = store.claims.lease.total_seconds()
        self._until = began + self._length * _TRUSTED
        self._lost = False
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()

    def holds(self) -> bool:
        """Whether nobody else can have taken the run."""
        return not self._lost and boot_time() < self._until

    async def wait(self) -> None:
        """Return while it holds; where it ran out, once the fence is proven anew, however long the database is away.

        Raises FenceLostError where another worker has taken the run, LeaseOverError where this one is to end.
        """
        while not self.holds():
            if self._lost:
                raise FenceLostError(self._proposal_id)
            if self._stop.is_set():
                raise LeaseOverError(self._proposal_id)
            news = self._news
            self._wanted.set()
            await news.wait()

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew it while inside, and give it up at the end."""
        keeping = asyncio.create_task(self._keep(), name=f"lease on {self._proposal_id}")
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
            if not self._lost:
                await self._release()

    async def _keep(self) -> None:
        while not self._lost:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._length / RENEWALS):
                    await self._wanted.wait()
            self._wanted.clear()
            proven = await self._renew()
            # Those who wait look again, and wait for the next news where these were bad.
            self._news.set()
            self._news = asyncio.Event()
            if not proven:
                await asyncio.sleep(min(_PAUSE, self._length / RENEWALS))

    async def _renew(self) -> bool:
        # Before the question: the database counts the lease from a later moment.
        began = boot_time()
        try:
            async with asyncio.timeout(self._length):
                await self._store.proposals.renew(self._proposal_id, self._fence)
        except FenceLostError:
            self._lost = True
            log.warning("fence_lost", proposal=self._proposal_id, fence=self._fence)
        except (StoreError, TimeoutError):
            log.warning("lease_not_renewed", proposal=self._proposal_id, over=not self.holds(), exc_info=True)
            return False
        else:
            if not self.holds():
                log.warning("lease_proven_anew", proposal=self._proposal_id, late_by=round(began - self._until, 1))
            self._until = began + self._length * _TRUSTED
        return True

    async def _release(self) -> None:
        try:
            await self._store.proposals.release(self._proposal_id)
        except StoreError:
            log.warning("lease_not_released", proposal=self._proposal_id, exc_info=True)
