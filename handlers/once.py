"""A request that was taken before is not taken again: whoever has caught one can replay it for five minutes.

A signature proves who made a request, not when it was first sent. Each thing that a person does in Slack comes with a
trigger id of its own, and the signature covers it.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

# Signatures are taken for five minutes; a clock may be off by as much.
REMEMBERED_SECONDS = 600.0

log = structlog.get_logger(__name__)


def register(app: AsyncApp) -> None:
    """Let each trigger id pass once."""
    seen = Seen()

    @app.middleware
    async def once(body: dict[str, Any], next_: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        trigger = body.get("trigger_id")
        if trigger and not seen.first(str(trigger)):
            log.warning("request_replayed", kind=body.get("type") or body.get("command"))
            # An answer as to the first one: there is nobody to be told, and Slack is not to try again.
            return BoltResponse(status=200)
        await next_()
        return None


class Seen:
    """Remembers ids for some minutes, in this process; what it forgets or another gets the database decides."""

    def __init__(self, *, remembered: float = REMEMBERED_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._remembered = remembered
        self._clock = clock
        self._at: OrderedDict[str, float] = OrderedDict()

    def first(self, id_: str) -> bool:
        """Whether this id is new; from then on it is not."""
        now = self._clock()
        while self._at and next(iter(self._at.values())) <= now - self._remembered:
            self._at.popitem(last=False)
        if id_ in self._at:
            return False
        self._at[id_] = now
        return True
