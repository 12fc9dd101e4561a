"""How fast a registry is asked: one budget for each registry, shared by all that call it.

ACR limits each identity by the second, reads and writes apart, answers 429 with ``Retry-After``, and tells after a
write how many are left. So the number of calls under way doubles with each round of quick answers until the first 429,
grows by one a round from then on, and is halved by a 429; writes go as fast as ``WriteBudget`` says and no faster; a
``Retry-After`` holds everybody; and whoever has waited longest goes first, people who wait for an answer before work in
the background.

``retrying`` sends each request at the turn that it gets here.
"""

import asyncio
import enum
import heapq
import itertools
import math
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bot.registry.budget import WriteBudget
from bot.registry.faults import HeldError

_log = structlog.get_logger(__name__)

_CALM = 60.0
# An answer that took longer is no reason to ask for more at once.
_QUICK = 2.0


class Priority(enum.IntEnum):
    """Who goes first; a lower number before a higher one."""

    INTERACTIVE = 0
    BACKGROUND = 1


_priority: ContextVar[Priority] = ContextVar("registry_priority", default=Priority.INTERACTIVE)


@contextmanager
def background() -> Iterator[None]:
    """Let the calls made inside, and in tasks started inside, wait for those that people wait for."""
    token = _priority.set(Priority.BACKGROUND)
    try:
        yield
    finally:
        _priority.reset(token)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request is tried. All times in seconds.

    ``tries``: how often a failure is met before giving up; being throttled does not count. ``total``: from the first
    try to the last, all waits included. ``attempt``: for one try. ``first_wait`` doubles up to ``longest_wait``.
    """

    tries: int = 6
    total: float = 120.0
    attempt: float = 30.0
    first_wait: float = 0.5
    longest_wait: float = 16.0

    def wait(self, failures: int) -> float:
        """How long to wait after so many failures, with jitter so that callers do not come back all at once."""
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (failures - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


class Waits(Protocol):
    """Where waits are counted."""

    def observe(self, amount: float) -> None:
        """Count one wait of so many seconds."""


@dataclass(order=True, slots=True)
class Ticket:
    """A place in the queue. A request keeps it over its tries, so that it does not start again at the end."""

    priority: Priority
    number: int
    writes: bool = field(compare=False)


@dataclass(order=True, slots=True)
class _Waiter:
    ticket: Ticket
    turn: asyncio.Future[None] = field(compare=False)


class Pace:
    """The budget: how many calls may be under way, and until when all of them are held.

    ``most``: the upper bound, 1 to 32 (ACR's own tools stop at 32). ``patience``: a longer hold is not waited for.
    ``waits`` is told for how many seconds a call waited while the registry wanted a pause.
    """

    def __init__(self, most: int, *, first: int = 8, patience: float = 120.0, waits: Waits | None = None) -> None:
        if not 1 <= most <= 32:  # noqa: PLR2004 - see the docstring
            raise ValueError(f"a registry is asked by 1 to 32 calls at once, not by {most}")
        self._most = most
        self._limit = float(min(first, most))
        self._patience = patience
        self._waits = waits
        self._busy = 0
        self._numbers = itertools.count()
        self._reads: list[_Waiter] = []
        self._writes: list[_Waiter] = []
        self._held_until = -math.inf
        self._cut_at = -math.inf
        self._budget = WriteBudget()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def limit(self) -> int:
        """How many calls may be under way now."""
        return int(self._limit)

    @property
    def busy(self) -> int:
        """How many calls are under way now."""
        return self._busy

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return sum(not waiter.turn.done() for waiter in (*self._reads, *self._writes))

    def ticket(self, *, writes: bool) -> Ticket:
        """Draw a number, at the priority that ``background`` has set."""
        return Ticket(_priority.get(), next(self._numbers), writes)

    @asynccontextmanager
    async def turn(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for a turn and hold it while inside. Raises HeldError where that would take too long."""
        await self._wait(ticket)
        try:
            yield
        finally:
            self._leave(ticket)

    def succeeded(self, ticket: Ticket, took: float, remaining: float | None = None) -> None:
        """Learn from a success that took so many seconds.

        ``remaining`` is the number of writes left in this second, where ACR told it after a write.
        """
        if took <= _QUICK and self._busy >= self.limit:
            step = 1.0 if math.isinf(self._cut_at) else 1 / self._limit
            self._limit = min(float(self._most), self._limit + step)
        if ticket.writes:
            self._budget.answered(remaining, took, _now())

    def throttled(self, ticket: Ticket, since: float, pause: float) -> None:
        """Learn from a 429 to a call sent at ``since`` (loop time): hold all for ``pause`` seconds, and halve.

        Calls that were under way together are throttled together, and that is one reason to slow down, not many.
        """
        now = _now()
        if ticket.writes:
            self._budget.refused(now)
        if since >= self._cut_at:
            # Near the limit of a tier this happens every second: one line a minute is enough.
            say = _log.warning if now - self._cut_at > _CALM else _log.debug
            self._cut_at = now
            self._limit = max(1.0, self._limit / 2)
            say("registry_throttled", pause=round(pause, 1), limit=self.limit, waiting=self.waiting)
        # Another replica was told the same: without jitter they would come back in the same instant.
        self._held_until = max(self._held_until, now + pause * random.uniform(1.0, 1.1))  # noqa: S311 - spreads load

    async def _wait(self, ticket: Ticket) -> None:
        now = _now()
        if self._held_until - now > self._patience:
            raise HeldError(self._held_until - now)
        held = now < self._held_until or (ticket.writes and 0 < self._budget.wait(now) < math.inf)
        waiter = _Waiter(ticket, asyncio.get_running_loop().create_future())
        heapq.heappush(self._writes if ticket.writes else self._reads, waiter)
        self._wake()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled():
                self._leave(ticket)
            raise
        if held and self._waits is not None:
            self._waits.observe(_now() - now)

    def _leave(self, ticket: Ticket) -> None:
        self._busy -= 1
        if ticket.writes:
            self._budget.end()
        self._wake()

    def _wake(self) -> None:
        now = _now()
        while self._busy < self.limit and (queue := self._next(now)) is not None:
            waiter = heapq.heappop(queue)
            if not waiter.turn.done():
                self._busy += 1
                if waiter.ticket.writes:
                    self._budget.begin(now)
                waiter.turn.set_result(None)
        self._set_timer(now)

    def _next(self, now: float) -> list[_Waiter] | None:
        if now < self._held_until:
            return None
        open_queues = [self._reads] if self._budget.wait(now) > 0 else [self._reads, self._writes]
        return min((queue for queue in open_queues if queue), key=lambda queue: queue[0], default=None)

    def _set_timer(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not (self._reads or self._writes):
            return
        held = max(0.0, self._held_until - now)
        wait = held if self._reads else max(held, self._budget.wait(now))
        # While the limit is reached, or only an answer can tell, it is the end of a call that wakes the next.
        if 0 < wait < math.inf:
            # Loop clocks have a resolution; a timer that comes an instant early would only set itself again.
            self._timer = asyncio.get_running_loop().call_at(now + wait + 0.001, self._wake)


def _now() -> float:
    return asyncio.get_running_loop().time()
