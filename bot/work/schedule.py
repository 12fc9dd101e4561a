"""Weekly turns: with any number of replicas each is taken by one, and one that was missed is caught up with."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.domain.turn import Turn
from bot.domain.weekly import Slot, Weekly
from bot.errors import JanitorError
from bot.store import Store

# A turn that was missed for longer is left: what it would say is nearly a week old.
LATE = timedelta(days=3)

log = structlog.get_logger(__name__)


class Scheduled(Protocol):
    """What has a turn every week."""

    @property
    def key(self) -> str:
        """Name it for ever."""
        ...

    @property
    def weekly(self) -> Weekly:
        """Say when its turns come."""
        ...

    @property
    def since(self) -> datetime | None:
        """Say since when it has been asked for, None where nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """How a turn ended: as what, where its message is, and why nothing was posted."""

    state: Turn
    channel: str = ""
    ts: str = ""
    note: str = ""


Post = Callable[[str, Slot, bool], Awaitable[Ended]]
"""Does a turn, by the schedule's key. The flag says that an earlier try may have posted already. What it raises is
tried again once the lease is over."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a turn is held without a sign of life, how often that is given, and how often it is tried."""

    lease: timedelta = timedelta(minutes=5)
    renew: timedelta = timedelta(minutes=1)
    tries: int = 20


@dataclass
class Schedule:
    """Takes the turns that have come. ``tick`` is to be called every now and then, on every replica.

    ``scheduled`` gives all that has turns. Each turn is a task of its own, so that a slow one delays no other.
    """

    store: Store
    clock: Callable[[], datetime]
    scheduled: Callable[[], Awaitable[Sequence[Scheduled]]]
    post: Post
    terms: Terms = field(default_factory=Terms)
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _tasks: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    # The last slot of each schedule that is known to be over: most ticks then have nothing to write.
    _over: dict[str, Slot] = field(default_factory=dict)

    async def tick(self) -> None:
        """Take every turn that has come, is not over and is not held. Raises StoreError."""
        now = self.clock()
        for one in await self.scheduled():
            slot = one.weekly.latest(now)
            if one.since is not None and slot.at < one.since:
                continue
            await self._begin(one, slot)
            if now - slot.at > LATE:
                continue
            if self._over.get(one.key) != slot and (one.key, str(slot)) not in self._tasks:
                await self._take(one.key, slot, now)

    async def stop(self, patience: float = 2.0) -> None:
        """Let turns that are being done end for so many seconds, and cut them off: their lease runs out."""
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _begin(self, one: Scheduled, slot: Slot) -> None:
        """Where nobody has known of it before, note that the slot which has passed is none of its own."""
        if one.since is not None or one.key in self._known:
            return
        if not await self.store.turns.of(one.key, most=1):
            now = self.clock()
            until = now + self.terms.lease
            if await self.store.turns.take(one.key, str(slot), holder=self.holder, now=now, until=until):
                await self.store.turns.end(one.key, str(slot), Turn.BEFORE, holder=self.holder)
        self._known.add(one.key)

    async def _take(self, key: str, slot: Slot, now: datetime) -> None:
        tries = await self.store.turns.take(key, str(slot), holder=self.holder, now=now, until=now + self.terms.lease)
        if tries is None:
            last = await self.store.turns.of(key, most=1)
            if last and last[0].slot == str(slot) and last[0].state is not Turn.TAKEN:
                self._over[key] = slot
            return
        if tries > self.terms.tries:
            log.error("report_given_up", schedule=key, slot=str(slot), tries=tries)
            await self.store.turns.end(
                key, str(slot), Turn.FAILED, holder=self.holder, note=f"given up after {tries - 1} tries"
            )
            return
        # With a context of its own: what it logs has nothing to do with whoever ticked.
        task = asyncio.create_task(self._do(key, slot, again=tries > 1), name=f"report {key}", context=Context())
        self._tasks[key, str(slot)] = task
        task.add_done_callback(lambda _: self._tasks.pop((key, str(slot)), None))

    async def _do(self, key: str, slot: Slot, *, again: bool) -> None:
        with structlog.contextvars.bound_contextvars(schedule=key, slot=str(slot)):
            try:
                ended = await self._hold_while(key, slot, self.post(key, slot, again))
                if ended is not None:
                    kept = await self.store.turns.end(
                        key,
                        str(slot),
                        ended.state,
                        holder=self.holder,
                        channel=ended.channel,
                        ts=ended.ts,
                        note=ended.note,
                    )
                    log.info("report_turn_ended", state=ended.state.value, note=ended.note, ours=kept)
            except JanitorError as error:
                log.warning("report_failed", problem=str(error))
            except Exception:
                log.exception("report_failed")

    async def _hold_while(self, key: str, slot: Slot, work: Awaitable[Ended]) -> Ended | None:
        """Do the work and renew the lease meanwhile. Gives None, with the work cut off, once another has the turn."""
        task = asyncio.ensure_future(work)
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=self.terms.renew.total_seconds())
                if done:
                    return task.result()
                until = self.clock() + self.terms.lease
                if not await self.store.turns.renew(key, str(slot), holder=self.holder, until=until):
                    log.warning("report_turn_lost")
                    return None
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
