"""How fast a registry is asked: one budget for each registry, shared by all that call it.

ACR limits each identity by the second, reads and writes apart, answers 429 with ``Retry-After``, and tells after a
write how many are left. So the number of calls under way doubles with each round of quick answers until the first 429,
grows by one a round from then on, and is halved by a 429; writes go as fast as ``WriteBudget`` says and no faster; a
``Retry-After`` holds everybody; and whoever has waited longest goes first, people who wait for an answer before work in
the background.

This stands in the place of azure-core's retry policy, which lets each call wait by itself, without jitter, and gives
up at the fourth 429.
"""

import asyncio
import enum
import heapq
import itertools
import math
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from azure.core.exceptions import AzureError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from bot.registry.answers import THROTTLED, UNANSWERED, UNAVAILABLE, RefusalError, is_success, read_to_end
from bot.registry.budget import WriteBudget
from bot.registry.faults import HeldError, may_pass
from bot.registry.permit import READS, LapsedError, wait_for_permit

_log = structlog.get_logger(__name__)

_PASSING = frozenset({408, 500, 502, 503, 504})
_REMAINING = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"
# The longest manifest that the SDK takes; what claims to be longer is not read but refused.
_MANIFEST_LIMIT = 4 * 1024 * 1024
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


class PacePolicy(AsyncHTTPPolicy[Any, Any]):
    """Sends each request at its turn, and again where the failure may pass."""

    def __init__(self, pace: Pace, patience: Patience) -> None:
        super().__init__()
        self._pace = pace
        self._patience = patience

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send until it succeeds, fails for good, or patience ends; then give or raise the last outcome."""
        ticket = self._pace.ticket(writes=request.http_request.method not in READS)
        deadline = math.inf
        failures = throttles = 0
        refused: PipelineResponse[Any, Any] | AzureError | None = None
        while True:
            if ticket.writes:
                # Not in a turn: others may go on meanwhile.
                await wait_for_permit()
            async with self._pace.turn(ticket):
                began = _now()
                deadline = min(deadline, began + self._patience.total)
                outcome = await self._try(request, until=min(deadline, began + self._patience.attempt))
                status, headers = _status_and_headers(outcome)
                pause = _retry_after(headers)
                throttled = status == THROTTLED or (status == UNAVAILABLE and pause is not None)
                if throttled:
                    self._pace.throttled(ticket, began, pause or 0.0)
                elif isinstance(outcome, PipelineResponse):
                    self._pace.succeeded(ticket, _now() - began, _remaining(headers))
            if isinstance(outcome, LapsedError):
                # Nothing was sent, and how long the permit was away is not the registry's fault.
                deadline = math.inf
                continue
            if throttled:
                throttles += 1
                refused = outcome
                # A pause that was asked for is waited out, and counted, in the queue.
                wait = 0.0 if pause else self._patience.wait(throttles)
                give_up = _now() + max(wait, pause or 0.0) >= deadline
            elif status in _PASSING or (isinstance(outcome, AzureError) and status is None and may_pass(outcome)):
                failures += 1
                request.context[UNANSWERED] = True
                wait = self._patience.wait(failures)
                give_up = failures >= self._patience.tries or _now() + wait >= deadline
            else:
                give_up, wait = True, 0.0
            if give_up:
                return _final(outcome, refused, late=_now() >= deadline)
            path = urlsplit(request.http_request.url).path
            counts = {"failures": failures, "throttles": throttles}
            _log.debug("registry_retry", path=path, status=status, **counts, wait=round(wait, 2))
            await asyncio.sleep(wait)

    async def _try(self, request: PipelineRequest[Any], until: float) -> PipelineResponse[Any, Any] | AzureError:
        try:
            async with asyncio.timeout_at(until):
                response = await self.next.send(request)
                await _load(response.http_response)
                return response
        except TimeoutError as error:
            return ServiceResponseTimeoutError("The registry did not answer in time.", error=error)
        except AzureError as error:
            return error


def _final(
    outcome: PipelineResponse[Any, Any] | AzureError,
    refused: PipelineResponse[Any, Any] | AzureError | None,
    *,
    late: bool,
) -> PipelineResponse[Any, Any]:
    """Give or raise what is to be told. ``refused``: what the registry said when it last was asked too often."""
    if late and refused is not None and isinstance(outcome, ServiceResponseTimeoutError):
        # The last try was cut short by what the limit had cost before it.
        outcome = refused
    if isinstance(outcome, AzureError):
        raise outcome
    return outcome


async def _load(response: Any) -> None:
    """Read the body while time-outs and retries still hold: the SDK reads a manifest after the pipeline is through."""
    length = response.headers.get("Content-Length", "")
    if not is_success(response) or (length.isdecimal() and int(length) <= _MANIFEST_LIMIT):
        await read_to_end(response)


def _status_and_headers(outcome: PipelineResponse[Any, Any] | AzureError) -> tuple[int | None, Mapping[str, str]]:
    if isinstance(outcome, PipelineResponse):
        return outcome.http_response.status_code, outcome.http_response.headers
    if isinstance(outcome, RefusalError):
        return outcome.status_code, outcome.headers
    return None, {}


def _remaining(headers: Mapping[str, str]) -> float | None:
    try:
        remaining = float(headers.get(_REMAINING, ""))
    except ValueError:
        return None
    return remaining if math.isfinite(remaining) and remaining >= 0 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``: seconds, or a date (RFC 9110, section 10.2.3). None where there is none to be read."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _now() -> float:
    return asyncio.get_running_loop().time()
