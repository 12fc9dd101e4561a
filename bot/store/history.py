"""What was done: the runs that deleted manifests, removed tags or lifted locks, and each of these."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select

from bot.domain.manifest import Kind, kind_of
from bot.domain.proposal import DONE, Outcome, Proposal, Record
from bot.domain.workspace import Workspace
from bot.store import rows
from bot.store.database import Database
from bot.store.tables import ITEMS, PROPOSALS
from bot.store.where import in_workspace

_BATCH = 1000
_DELETED = (Outcome.DELETED,)


@dataclass(frozen=True, slots=True)
class Run:
    """A proposal with what its run has done.

    ``manifests`` were deleted, of ``deleted_bytes`` as ACR says (an index adds none); ``tags`` were removed and
    ``locks`` lifted. All count only the repository that was asked for, where one was.
    """

    proposal: Proposal
    manifests: int = 0
    deleted_bytes: int = 0
    tags: int = 0
    locks: int = 0

    @property
    def measured_bytes(self) -> int | None:
        """What all that was approved has freed, once that is measured; None where it is not, or not all of it."""
        measured = self.proposal.measured
        if self.proposal.checked is None or measured is None or measured.unread:
            return None
        return measured.freed


@dataclass(frozen=True, slots=True)
class Totals:
    """What all runs have done together; each as in ``Run``."""

    runs: int
    manifests: int = 0
    deleted_bytes: int = 0
    tags: int = 0
    locks: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """What was deleted of one repository; bytes as in ``Run``."""

    manifests: int = 0
    deleted_bytes: int = 0


class History:
    """Reads the record. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def totals(self, workspace: Workspace, registry: str | None = None, repository: str | None = None) -> Totals:
        """Add up what was done for a workspace, in one registry and in one repository if given."""
        runs = select(func.count()).select_from(PROPOSALS).where(*_doing(workspace, registry, repository))
        items = (
            select(ITEMS.c.outcome, ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size))
            .join(PROPOSALS, PROPOSALS.c.id == ITEMS.c.proposal_id)
            .where(*_here(workspace, registry), *_done(repository))
            .group_by(ITEMS.c.outcome, ITEMS.c.media_type)
        )
        async with self._database.read() as connection:
            totals = Totals(int((await connection.execute(runs)).scalar_one()))
            for outcome, media_type, count, size in await connection.execute(items):
                totals = _with(totals, outcome, media_type, int(count), int(size))
        return totals

    async def runs(
        self,
        workspace: Workspace,
        registry: str | None = None,
        repository: str | None = None,
        *,
        start: int = 0,
        most: int | None = None,
        since: datetime | None = None,
        empty: bool = False,
    ) -> list[Run]:
        """Give them with what each has done, the latest first, from the position ``start`` on.

        ``since``: only those that have ended since then or are under way. ``empty``: also those that did nothing.
        """
        which = _here(workspace, registry) if empty else _doing(workspace, registry, repository)
        if since is not None:
            which.append(or_(PROPOSALS.c.finished.is_(None), PROPOSALS.c.finished >= since))
        query = (
            select(PROPOSALS)
            .where(*which)
            .order_by(PROPOSALS.c.started.desc(), PROPOSALS.c.id)
            .offset(start)
            .limit(most)
        )
        async with self._database.read() as connection:
            found = {
                proposal.id: Run(proposal)
                for proposal in map(rows.to_proposal, (await connection.execute(query)).mappings())
            }
            ids = list(found)
            for first in range(0, len(ids), _BATCH):
                sums = (
                    select(
                        ITEMS.c.proposal_id, ITEMS.c.outcome, ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size)
                    )
                    .where(ITEMS.c.proposal_id.in_(ids[first : first + _BATCH]), *_done(repository))
                    .group_by(ITEMS.c.proposal_id, ITEMS.c.outcome, ITEMS.c.media_type)
                )
                for proposal_id, outcome, media_type, count, size in await connection.execute(sums):
                    found[proposal_id] = _with(found[proposal_id], outcome, media_type, int(count), int(size))
        return list(found.values())

    async def done(self, proposal_ids: Sequence[str], repository: str | None = None) -> list[tuple[str, Record]]:
        """Give each item of these proposals that was done, with the proposal's id, in the order of the steps."""
        query = (
            select(ITEMS.c.proposal_id, *rows.RECORD_COLUMNS)
            .where(*_done(repository))
            .order_by(ITEMS.c.proposal_id, ITEMS.c.position)
        )
        found: list[tuple[str, Record]] = []
        async with self._database.read() as connection:
            for first in range(0, len(proposal_ids), _BATCH):
                some = query.where(ITEMS.c.proposal_id.in_(proposal_ids[first : first + _BATCH]))
                async with connection.stream(some) as result:
                    async for batch in result.partitions(_BATCH):
                        found.extend((row[0], rows.to_record(row[1:])) for row in batch)
        return found

    async def since(
        self, workspace: Workspace, registry: str, finished: datetime
    ) -> list[tuple[Proposal, dict[str, Amount]]]:
        """Give a workspace's runs that ended at ``finished`` or later and have deleted something, the latest first.

        Each with what it deleted, by repository.
        """
        late = PROPOSALS.c.finished >= finished
        query = (
            select(PROPOSALS)
            .where(*_doing(workspace, registry, None, _DELETED), late)
            .order_by(PROPOSALS.c.finished.desc())
        )
        sums = (
            select(ITEMS.c.proposal_id, ITEMS.c.repository, ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size))
            .join(PROPOSALS, PROPOSALS.c.id == ITEMS.c.proposal_id)
            .where(*_here(workspace, registry), late, *_done(None, _DELETED))
            .group_by(ITEMS.c.proposal_id, ITEMS.c.repository, ITEMS.c.media_type)
        )
        async with self._database.read() as connection:
            proposals = [rows.to_proposal(row) for row in (await connection.execute(query)).mappings()]
            amounts: dict[str, dict[str, Amount]] = {proposal.id: {} for proposal in proposals}
            for proposal_id, repository, media_type, count, total in await connection.execute(sums):
                counted = 0 if kind_of(media_type) is Kind.INDEX else int(total)
                known = amounts[proposal_id].get(repository, Amount())
                amounts[proposal_id][repository] = Amount(known.manifests + count, known.deleted_bytes + counted)
        return [(proposal, amounts[proposal.id]) for proposal in proposals]


AddedT = TypeVar("AddedT", Run, Totals)


def _with(sums: AddedT, outcome: Outcome, media_type: str, count: int, size: int) -> AddedT:
    """Add so many items of one outcome and one media type."""
    if outcome is Outcome.REMOVED:
        return replace(sums, tags=sums.tags + count)
    if outcome is Outcome.UNLOCKED:
        return replace(sums, locks=sums.locks + count)
    counted = 0 if kind_of(media_type) is Kind.INDEX else size
    return replace(sums, manifests=sums.manifests + count, deleted_bytes=sums.deleted_bytes + counted)


def _done(repository: str | None, outcomes: Iterable[Outcome] = DONE.values()) -> list[ColumnElement[bool]]:
    here: list[ColumnElement[bool]] = [] if repository is None else [ITEMS.c.repository == repository]
    return [ITEMS.c.outcome.in_(outcomes), *here]


def _here(workspace: Workspace, registry: str | None) -> list[ColumnElement[bool]]:
    named = [] if registry is None else [PROPOSALS.c.registry == registry]
    return [*in_workspace(PROPOSALS, workspace), PROPOSALS.c.started.is_not(None), *named]


def _doing(
    workspace: Workspace, registry: str | None, repository: str | None, outcomes: Iterable[Outcome] = DONE.values()
) -> list[ColumnElement[bool]]:
    done = and_(ITEMS.c.proposal_id == PROPOSALS.c.id, *_done(repository, outcomes))
    return [*_here(workspace, registry), select(ITEMS.c.position).where(done).exists()]
