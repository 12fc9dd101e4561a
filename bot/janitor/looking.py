"""What people ask and look at, on record: beside the answers, so that nobody waits for it and none is lost by it."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta

import structlog

from bot.domain.proposal import Deed, Event
from bot.errors import StoreError
from bot.janitor.bound import Bound
from bot.janitor.propose import Asker
from bot.redaction import Redactor
from bot.store import Store

LONGEST = 500
# So many wait to be written, where the database is slow or away.
_WAITING = 1000
# How long what waits may take to be written once the app ends.
LAST_WRITES = 5.0

log = structlog.get_logger(__name__)


class Looking:
    """Writes down who asked for what and who looked at it: the same of one person once in ten minutes.

    ``most`` an hour of one person and ``in_all`` of everybody, in each process; what is left out is counted, and the
    count stands in that person's next row.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        again: timedelta = timedelta(minutes=10),
        most: int = 120,
        in_all: int = 2000,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bound = Bound(again, most, in_all)
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(_WAITING)
        self._hide = Redactor()
        self._task: asyncio.Task[None] | None = None

    def asked(self, asker: Asker, what: str, **about: str) -> None:
        """Note a request as it was typed or filled in. ``about``: ``registry`` and ``repository``, if it names them."""
        self._note(Deed.ASKED, asker, what, about)

    def viewed(self, asker: Asker, what: str, **about: str) -> None:
        """Note what somebody was shown, or got as a file; ``about`` as in ``asked``."""
        self._note(Deed.VIEWED, asker, what, about)

    def _note(self, deed: Deed, asker: Asker, what: str, about: dict[str, str]) -> None:
        now = self._clock()
        # Nothing is ever taken out of the record, so nothing must get in that somebody has pasted by mistake.
        what = self._hide(what)
        if len(what) > LONGEST:
            what = f"{what[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
        detail: dict[str, object] = {"what": what}
        detail |= {name: self._hide(value) for name, value in about.items() if value}
        who = (asker.team_id, asker.enterprise_id, asker.user)
        left_out = self._bound.passes(who, (deed, what), now)
        if left_out is None:
            return
        if left_out:
            detail["left_out"] = left_out
        event = Event(now, deed, asker.user, "", asker.team_id, asker.channel, detail, asker.enterprise_id)
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            log.warning("look_not_recorded", user=asker.user, deed=deed.value, what=what, problem="too many wait")
            return
        if self._task is None:
            # With a context of its own: what it logs has nothing to do with whoever asked first.
            self._task = asyncio.create_task(self._write(), name="looks on record", context=Context())

    async def close(self) -> None:
        """Write down what waits, and stop."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(LAST_WRITES):
                await self._waiting.join()
        except TimeoutError:
            log.warning("looks_not_recorded", count=self._waiting.qsize())
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            event = await self._waiting.get()
            try:
                await self._store.events.append(event)
            except StoreError:
                log.exception("look_not_recorded", user=event.actor, deed=event.deed.value, what=event.detail)
            finally:
                self._waiting.task_done()
