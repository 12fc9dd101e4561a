"""Refusals on record: who wanted what, and why it was not done. Somebody who goes on and on doesn't fill the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.proposal import Deed, Event
from bot.errors import ConflictError, JanitorError, RefusedError, StoreError
from bot.janitor.bound import Bound
from bot.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """Who was refused and where, as Slack's ids; what they did (``approve``), and to which form of which proposal."""

    user: str
    team_id: str
    channel: str
    action: str = ""
    proposal: str = ""
    checksum: str = ""
    revision: int = 0
    enterprise_id: str = ""


class Refusals:
    """Writes refusals down, in each process: the same of one person once in ``again``, at most ``most`` an hour of one.

    ``in_all`` is the most in an hour of everybody. What is left out is counted, and the count stands in that person's
    next row.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        again: timedelta = timedelta(minutes=10),
        most: int = 60,
        in_all: int = 2000,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bound = Bound(again, most, in_all)

    async def note(self, error: JanitorError, refused: Refused) -> None:
        """Put it on record, once, where it is a refusal and no mistake in typing. Never raises StoreError."""
        if not isinstance(error, RefusedError | ConflictError) or error.on_record:
            return
        error.on_record = True
        who = (refused.team_id, refused.enterprise_id, refused.user)
        now = self._clock()
        left_out = self._bound.passes(who, (refused.proposal, refused.action, error.problem), now)
        if left_out is None:
            return
        detail: dict[str, object] = {"why": error.problem}
        if refused.action:
            detail["action"] = refused.action
        if left_out:
            detail["left_out"] = left_out
        event = Event(
            at=now,
            deed=Deed.REFUSED,
            actor=refused.user,
            proposal=refused.proposal,
            team_id=refused.team_id,
            channel=refused.channel,
            detail=detail,
            enterprise_id=refused.enterprise_id,
            checksum=refused.checksum,
            revision=refused.revision,
        )
        try:
            await self._store.events.append(event)
        except StoreError:
            # The answer matters more, and nothing was done that would have to be on record.
            log.exception("refusal_not_recorded", user=refused.user, problem=error.problem)
