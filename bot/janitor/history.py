"""The record, read: what waits for a decision, and what was done, by whom asked and approved."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.lists import ALL, History, Pending
from bot.domain.proposal import Proposal, Record, Tally
from bot.domain.workspace import Workspace
from bot.janitor.desk import Desk
from bot.store import Run, Totals

_PREVIEW = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that waits: with its first items, or all of one that names a manifest, and the count of all."""

    proposal: Proposal
    records: Sequence[Record]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Past:
    """Some runs of a workspace, the latest first, from the position ``start`` on; ``totals`` is of all of them."""

    totals: Totals
    runs: tuple[Run, ...]
    start: int


async def list_pending(desk: Desk, workspace: Workspace, request: Pending) -> list[Proposal]:
    """Give a workspace's proposals that can still be decided, the oldest first.

    Of all registries where none is named. Raises BadInputError where there is none of that name.
    """
    found = await desk.store.proposals.waiting(workspace, _registry(desk, request.registry))
    now = desk.clock()
    return [proposal for proposal in found if proposal.expires > now]


async def look_into(desk: Desk, proposals: Sequence[Proposal]) -> list[Waiting]:
    """Find what proposals would do."""
    kept = desk.store.proposals
    return [
        Waiting(p, await kept.records(p.id, most=None if p.rule.named else _PREVIEW), await kept.tally(p.id))
        for p in proposals
    ]


async def list_history(
    desk: Desk, workspace: Workspace, request: History, *, start: int = 0, most: int | None = None
) -> Past:
    """Give a workspace's runs that have done something. Of all registries where none is named.

    A repository need not be there any more. Raises BadInputError where there is no registry of that name.
    """
    registry, repository = _registry(desk, request.registry), _repository(request)
    totals = await desk.store.history.totals(workspace, registry, repository)
    runs = await desk.store.history.runs(workspace, registry, repository, start=start, most=most)
    return Past(totals, tuple(runs), start)


async def list_done(desk: Desk, workspace: Workspace, request: History) -> list[tuple[Proposal, Record]]:
    """Give each item that was done, with its proposal, run by run, the latest run first."""
    past = await list_history(desk, workspace, request)
    order = {run.proposal.id: (position, run.proposal) for position, run in enumerate(past.runs)}
    found = await desk.store.history.done(list(order), _repository(request))
    found.sort(key=lambda pair: order[pair[0]][0])
    return [(order[proposal_id][1], record) for proposal_id, record in found]


def _registry(desk: Desk, name: str) -> str | None:
    return desk.registry(name).name if name else None


def _repository(request: History) -> str | None:
    return None if request.reference == ALL else request.reference.repository
