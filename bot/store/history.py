"""What was deleted: the runs that deleted something, and each manifest that went."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from bot.domain.manifest import Kind, kind_of
from bot.domain.proposal import Outcome, Proposal, Record
from bot.store import rows
from bot.store.database import Database
from bot.store.tables import ITEMS, PROPOSALS

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """A proposal with what its run has deleted: ``manifests``, of ``deleted_bytes`` as ACR says (an index adds none).

    Both count only the repository that was asked for, where one was.
    """

    proposal: Proposal
    manifests: int = 0
    deleted_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """What all runs have deleted together; bytes as in ``Run``."""

    runs: int
    manifests: int
    deleted_bytes: int


@dataclass(frozen=True, slots=True)
class Amount:
    """What was deleted of one repository; bytes as in ``Run``."""

    manifests: int = 0
    deleted_bytes: int = 0


class History:
    """Reads the record. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def totals(
        self,
        team_id: str,
        registry: str | None = None,
        repository: str | None = None,
        *,
        since: datetime | None = None,
    ) -> Totals:
        """Add up what a workspace has deleted, from one registry, from one repository and ``since`` then if given."""
        late = [] if since is None else [or_(PROPOSALS.c.finished.is_(None), PROPOSALS.c.finished >= since)]
        gone = _gone(repository, since)
        runs = (
            select(func.count()).select_from(PROPOSALS).where(*_deleting(team_id, registry, repository, since), *late)
        )
        items = (
            select(ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size))
            .join(PROPOSALS, PROPOSALS.c.id == ITEMS.c.proposal_id)
            .where(*_here(team_id, registry), *late, *gone)
            .group_by(ITEMS.c.media_type)
        )
        async with self._database.read() as connection:
            count = int((await connection.execute(runs)).scalar_one())
            sums = (await connection.execute(items)).all()
        return Totals(
            count,
            sum(many for _, many, _ in sums),
            sum(int(size) for media_type, _, size in sums if kind_of(media_type) is not Kind.INDEX),
        )

    async def runs(
        self,
        team_id: str,
        registry: str | None = None,
        repository: str | None = None,
        *,
        start: int = 0,
        most: int | None = None,
        empty: bool = False,
    ) -> list[Run]:
        """Give them with what each has deleted, the latest first, from the position ``start`` on.

        ``empty``: also those that have deleted nothing.
        """
        which = _here(team_id, registry) if empty else _deleting(team_id, registry, repository)
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
                    select(ITEMS.c.proposal_id, ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size))
                    .where(ITEMS.c.proposal_id.in_(ids[first : first + _BATCH]), *_gone(repository))
                    .group_by(ITEMS.c.proposal_id, ITEMS.c.media_type)
                )
                for proposal_id, media_type, count, size in await connection.execute(sums):
                    run = found[proposal_id]
                    counted = 0 if kind_of(media_type) is Kind.INDEX else int(size)
                    found[proposal_id] = replace(
                        run, manifests=run.manifests + count, deleted_bytes=run.deleted_bytes + counted
                    )
        return list(found.values())

    async def deleted(self, proposal_ids: Sequence[str], repository: str | None = None) -> list[tuple[str, Record]]:
        """Give each manifest that these proposals have deleted, with the proposal's id, in the order of deletion."""
        query = (
            select(ITEMS.c.proposal_id, *rows.RECORD_COLUMNS)
            .where(*_gone(repository))
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

    async def since(self, team_id: str, registry: str, finished: datetime) -> list[tuple[Proposal, dict[str, Amount]]]:
        """Give a workspace's runs that ended at ``finished`` or later and have deleted something, the latest first.

        Each with what it deleted, by repository.
        """
        late = PROPOSALS.c.finished >= finished
        query = select(PROPOSALS).where(*_deleting(team_id, registry, None), late).order_by(PROPOSALS.c.finished.desc())
        sums = (
            select(ITEMS.c.proposal_id, ITEMS.c.repository, ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size))
            .join(PROPOSALS, PROPOSALS.c.id == ITEMS.c.proposal_id)
            .where(*_here(team_id, registry), late, *_gone(None))
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


def _gone(repository: str | None, since: datetime | None = None) -> list[ColumnElement[bool]]:
    here: list[ColumnElement[bool]] = [] if repository is None else [ITEMS.c.repository == repository]
    late: list[ColumnElement[bool]] = [] if since is None else [ITEMS.c.settled_at >= since]
    return [ITEMS.c.outcome == Outcome.DELETED, *here, *late]


def _here(team_id: str, registry: str | None) -> list[ColumnElement[bool]]:
    named = [] if registry is None else [PROPOSALS.c.registry == registry]
    return [PROPOSALS.c.team_id == team_id, PROPOSALS.c.started.is_not(None), *named]


def _deleting(
    team_id: str, registry: str | None, repository: str | None, since: datetime | None = None
) -> list[ColumnElement[bool]]:
    gone = and_(*_gone(repository, since))
    something = select(ITEMS.c.position).where(ITEMS.c.proposal_id == PROPOSALS.c.id, gone).exists()
    return [*_here(team_id, registry), something]
