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
from bot.errors import ConflictError, JanitorError
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


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that is ours to do. ``again``: an earlier try may have posted already.

    ``hold`` is to be called right before something is posted: it raises ConflictError where another has the turn by
    now, which a process that slept through its lease does not know.
    """

    key: str
    slot: Slot
    again: bool
    hold: Callable[[], Awaitable[None]]


Post = Callable[[Taken], Awaitable[Ended]]
"""Does a turn. After whatever it raises it is tried again."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a turn is held without a sign of life, how often that is given, and how often it is tried.

    The first try after a failure comes a lease later, each further one twice as late, up to ``longest``. ``last``: what
    was cut off may be on its way to Slack for so long.
    """

    lease: timedelta = timedelta(minutes=5)
    renew: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)
    last: timedelta = timedelta(seconds=30)
    # Nearly three days, after which a report is not wanted any more.
    tries: int = 70

    def put_off(self, tries: int) -> timedelta:
        """Give how long after so many tries the next one comes."""
        return min(self.lease * (1 << min(tries - 1, 16)), self.longest)


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
        for one in await self.scheduled():
            try:
                await self._look_at(one)
            except JanitorError:
                raise
            except Exception:
                # Such as a zone that an update of the system has dropped: the others must not wait for that.
                log.exception("schedule_not_understood", schedule=one.key)

    async def _look_at(self, one: Scheduled) -> None:
        now = self.clock()
        slot = one.weekly.latest(now)
        if one.since is not None and slot.at < one.since:
            return
        await self._begin(one, slot)
        if now - slot.at > LATE:
            return
        if self._over.get(one.key) != slot and (one.key, str(slot)) not in self._tasks:
            await self._take(one.key, slot, now)

    async def stop(self, patience: float = 2.0) -> None:
        """Let turns that are being done end for so many seconds, and cut them off: others may soon take them."""
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
            await self.store.turns.note(one.key, str(slot), Turn.BEFORE, holder=self.holder, now=self.clock())
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
        task = asyncio.create_task(self._do(key, slot, tries), name=f"report {key}", context=Context())
        self._tasks[key, str(slot)] = task
        task.add_done_callback(lambda _: self._tasks.pop((key, str(slot)), None))

    async def _do(self, key: str, slot: Slot, tries: int) -> None:
        with structlog.contextvars.bound_contextvars(schedule=key, slot=str(slot)):
            try:
                await self._try(key, slot, tries)
            except asyncio.CancelledError:
                await self._put_off(key, slot, self.terms.last)
                raise
            except JanitorError as error:
                log.warning("report_failed", problem=str(error), tries=tries)
                await self._put_off(key, slot, self.terms.put_off(tries))
            except Exception:
                log.exception("report_failed", tries=tries)
                await self._put_off(key, slot, self.terms.put_off(tries))

    async def _try(self, key: str, slot: Slot, tries: int) -> None:
        async def hold() -> None:
            if not await self._renew(key, slot, self.terms.lease):
                raise ConflictError("Another replica has this turn.")

        log.info("report_turn_taken", tries=tries)
        ended = await self._hold_while(key, slot, self.post(Taken(key, slot, tries > 1, hold)))
        if ended is None:
            return
        kept = await self.store.turns.end(
            key, str(slot), ended.state, holder=self.holder, channel=ended.channel, ts=ended.ts, note=ended.note
        )
        log.info("report_turn_ended", state=ended.state.value, note=ended.note, ours=kept)

    async def _renew(self, key: str, slot: Slot, lease: timedelta) -> bool:
        return await self.store.turns.renew(key, str(slot), holder=self.holder, until=self.clock() + lease)

    async def _put_off(self, key: str, slot: Slot, wait: timedelta) -> None:
        # Where it can't be written down, the lease runs out.
        with contextlib.suppress(JanitorError):
            await self._renew(key, slot, wait)

    async def _hold_while(self, key: str, slot: Slot, work: Awaitable[Ended]) -> Ended | None:
        """Do the work and renew the lease meanwhile. Gives None, with the work cut off, once another has the turn."""
        task = asyncio.ensure_future(work)
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=self.terms.renew.total_seconds())
                if done:
                    return task.result()
                if not await self._renew(key, slot, self.terms.lease):
                    log.warning("report_turn_lost")
                    return None
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
