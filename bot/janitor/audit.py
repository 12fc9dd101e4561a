"""The record for those who may approve. That somebody has taken it out is on record, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.audit import Audit
from bot.domain.proposal import Deed, Event
from bot.errors import BadInputError, RefusedError
from bot.janitor.approvers import all_mentions
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.propose import Asker

MOST = 50_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """Rows of the record, the oldest first; ``more``: there are older ones that were left out."""

    rows: Sequence[Mapping[Any, Any]]
    more: bool


async def look_at_record(desk: Desk, decider: Decider, request: Audit, asker: Asker) -> Recorded:
    """Give what a workspace has on record, the latest MOST rows of it.

    Raises RefusedError for somebody who may not approve, BadInputError where there is no such registry.
    """
    if not await decider.may_approve(asker.user, asker.workspace):
        who = all_mentions(desk.policy.rights_of(asker.workspace).all)
        raise RefusedError(
            "The record is for those who may approve.",
            expected=f"Those who can: {', '.join(who)}." if who else "Nobody can: no approvers are set.",
            mentions=who,
        )
    now = desk.clock()
    rows, more = await desk.store.audit.latest(
        asker.workspace,
        since=request.begin(now),
        repository=request.repository,
        registry=_registry(desk, request),
        most=MOST,
    )
    detail: dict[str, object] = {"what": str(request), "rows": len(rows)}
    event = Event(now, Deed.VIEWED, asker.user, "", asker.team_id, asker.channel, detail, asker.enterprise_id)
    await desk.store.events.append(event)
    return Recorded(rows, more)


def _registry(desk: Desk, request: Audit) -> str:
    try:
        return desk.registry(request.registry).name if request.registry else ""
    except BadInputError as error:
        # What it would be of another command has a repository.
        error.example = f"{request.command} --registry {error.example.partition(' --registry ')[2]}"
        raise
