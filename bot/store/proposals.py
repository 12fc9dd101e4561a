"""Proposals and their items: written once, then moved and settled by conditional writes only."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Update, and_, case, cast, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.manifest import Kind, kind_of
from bot.domain.plan import Action, Item
from bot.domain.proposal import MOVES, REVISED, Event, Outcome, Proposal, Record, State, Tally
from bot.domain.workspace import Workspace
from bot.errors import StoreError
from bot.store import rows
from bot.store.events import append
from bot.store.many import insert_rows
from bot.store.runs import Runs
from bot.store.tables import ITEMS, PROPOSALS
from bot.store.where import in_workspace

Also = Callable[[AsyncConnection], Awaitable[None]]
"""What else is to happen in the same transaction, such as handing the work to an engine."""

_BATCH = 1000
_INSERT_ITEMS = insert(ITEMS)
_DECISIONS = MOVES[State.OPEN]


class Proposals(Runs):
    """Everything about proposals that lasts. Every method raises StoreError where the database fails."""

    async def create(
        self, proposal: Proposal, items: Sequence[Item], event: Event, *, once: bool = False
    ) -> Proposal | None:
        """Write a proposal, all its items and the deed, or nothing of it.

        ``once``: where the same list is proposed for the same target already, or anything of it is being carried out,
        that proposal is given and nothing is written. Of any number at once, in any process, one is written.
        """
        async with self._database.write() as connection:
            if once and (other := await self._in_the_way(connection, proposal)) is not None:
                return other
            await _insert(connection, proposal, items)
            await append(connection, [event])
        return None

    async def replace(
        self, older: Proposal, newer: Proposal, items: Sequence[Item], events: Sequence[Event], note: str
    ) -> Proposal | None:
        """Withdraw one open proposal and write another in its place, with the deeds: all of it or nothing.

        Gives what stands in the way, with nothing written: as in ``create``, or ``older`` where it is not open any more
        in the revision and with the list that it had. Of any number at once, one is written.
        """
        change = (
            update(PROPOSALS)
            .where(
                PROPOSALS.c.id == older.id,
                PROPOSALS.c.state == State.OPEN,
                PROPOSALS.c.revision == older.revision,
                PROPOSALS.c.checksum == older.checksum,
                PROPOSALS.c.expires > newer.created,
            )
            .values(
                state=State.WITHDRAWN,
                decided_by=newer.requester,
                decided=newer.created,
                note=note,
                replaced_by=newer.id,
            )
        )
        async with self._database.write() as connection:
            if (other := await self._in_the_way(connection, newer)) is not None:
                return other
            if not await _changed(connection, change):
                return older
            await _insert(connection, newer, items)
            await append(connection, events)
        return None

    async def repeat(  # noqa: PLR0917 - one call in the program, and each has its own type
        self, proposal: Proposal, items: Sequence[Item], by: str, at: datetime, events: Sequence[Event], also: Also
    ) -> bool:
        """Write an approved proposal that does again what could not be done in ``proposal.retry_of``, and say so there.

        Of any number at once, one gets True; the others False, with nothing written, as where that one's run is not
        over. ``also`` as in ``move``.
        """
        change = (
            update(PROPOSALS)
            .where(
                PROPOSALS.c.id == proposal.retry_of,
                PROPOSALS.c.retried_by == "",
                PROPOSALS.c.state.in_(MOVES[State.RUNNING]),
                PROPOSALS.c.started.is_not(None),
            )
            .values(retried_by=by, retried=at, drawn=PROPOSALS.c.drawn + "*")
        )
        async with self._database.write() as connection:
            if not await _changed(connection, change):
                return False
            await _insert(connection, proposal, items)
            await append(connection, events)
            await also(connection)
        return True

    async def get(self, proposal_id: str) -> Proposal | None:
        """Give a proposal, or None where there is none of that id."""
        found = await self._list(PROPOSALS.c.id == proposal_id)
        return found[0] if found else None

    async def records(self, proposal_id: str, outcome: Outcome | None = None, most: int | None = None) -> list[Record]:
        """Give the items with what became of them, in the order of deletion.

        Only those of one outcome if given, and only the first ``most`` if given.
        """
        query = select(*rows.RECORD_COLUMNS).where(ITEMS.c.proposal_id == proposal_id).order_by(ITEMS.c.position)
        if outcome is not None:
            query = query.where(ITEMS.c.outcome == outcome)
        query = query.limit(most)
        found: list[Record] = []
        async with self._database.read() as connection, connection.stream(query) as result:
            async for batch in result.partitions(_BATCH):
                found.extend(map(rows.to_record, batch))
        return found

    async def repositories(self, proposal_id: str) -> list[str]:
        """Name the repositories that a proposal has items of."""
        query = select(ITEMS.c.repository).where(ITEMS.c.proposal_id == proposal_id).distinct()
        async with self._database.read() as connection:
            return sorted((await connection.execute(query)).scalars())

    async def tally(self, proposal_id: str) -> Tally:
        """Count the items by outcome and by action, and the bytes of what was deleted (an index adds none)."""
        query = (
            select(ITEMS.c.outcome, ITEMS.c.action, ITEMS.c.media_type, func.count(), func.sum(ITEMS.c.size))
            .where(ITEMS.c.proposal_id == proposal_id)
            .group_by(ITEMS.c.outcome, ITEMS.c.action, ITEMS.c.media_type)
        )
        counts: Counter[Outcome] = Counter()
        actions: Counter[Action] = Counter()
        freed = 0
        async with self._database.read() as connection:
            for outcome, action, media_type, count, size in await connection.execute(query):
                counts[outcome] += count
                actions[action] += count
                if outcome is Outcome.DELETED and kind_of(media_type) is not Kind.INDEX:
                    freed += int(size)
        return Tally(dict(counts), freed, dict(actions))

    async def attach_card(self, proposal_id: str, channel: str, ts: str) -> None:
        """Remember where the card was posted: Slack's channel id and message timestamp."""
        change = update(PROPOSALS).where(PROPOSALS.c.id == proposal_id).values(channel=channel, card_ts=ts)
        async with self._database.write() as connection:
            if not await _changed(connection, change):
                raise StoreError(f"There is no proposal {proposal_id}.")

    async def move(
        self,
        proposal_id: str,
        to: State,
        *,
        by: str,
        at: datetime,
        event: Event,
        checksum: str | None = None,
        revision: int | None = None,
        note: str = "",
        also: Also | None = None,
    ) -> bool:
        """Settle an open proposal: approve, reject, withdraw or expire it. Of any number at once, one gets True.

        Approving needs the proposal not to have expired at ``at``. ``checksum`` and ``revision`` must be the
        proposal's where they are given. The deed is recorded and ``also`` is awaited in the same transaction, so that
        an error of either undoes the move; ``also`` writes on the connection that it gets and on no other.
        Returns False, with nothing written, when the proposal is not there, not open, or not the one that was meant.
        """
        if to not in _DECISIONS:
            raise ValueError(f"{to} is not a decision; a run moves by take and finish")
        change = (
            update(PROPOSALS)
            .where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.state.in_(rows.states_before(to)))
            .values(state=to, decided_by=by, decided=at, note=note)
        )
        if to is State.APPROVED:
            change = change.where(PROPOSALS.c.expires > at)
        if checksum is not None:
            change = change.where(PROPOSALS.c.checksum == checksum)
        if revision is not None:
            change = change.where(PROPOSALS.c.revision == revision)
        async with self._database.write() as connection:
            if not await _changed(connection, change):
                return False
            await append(connection, [event])
            if also is not None:
                await also(connection)
        return True

    async def without_card(self, since: datetime) -> list[Proposal]:
        """Give the proposals whose card was never posted, oldest first.

        Those that are open and those that were never open, since they repeat others; of what has ended only what had
        been begun, and has ended since.
        """
        repeats = and_(
            PROPOSALS.c.retry_of != "",
            or_(PROPOSALS.c.state.in_([State.APPROVED, State.RUNNING]), PROPOSALS.c.finished > since),
        )
        return await self._list(PROPOSALS.c.card_ts == "", or_(PROPOSALS.c.state == State.OPEN, repeats))

    async def drawn(self, proposal_id: str, state: State, was: str) -> None:
        """Remember the state that the card shows now. ``was`` is the ``drawn`` of the proposal that was drawn.

        News that came while it was being drawn stays news; so does that there is a new revision, whose list is to come.
        """
        newer = and_(PROPOSALS.c.drawn.like(f"{REVISED}%"), func.replace(PROPOSALS.c.drawn, "*", "") != was.strip("*"))
        shown = case((PROPOSALS.c.drawn == was, state.value), (newer, PROPOSALS.c.drawn), else_=f"{state.value}*")
        change = update(PROPOSALS).where(PROPOSALS.c.id == proposal_id).values(drawn=shown)
        async with self._database.write() as connection:
            await connection.execute(change)

    async def measured(self, proposal_id: str, freed: Freed, *, revision: int | None = None) -> None:
        """Remember what the deletion frees, unless its end has been looked at; the card is then out of date.

        ``revision``: the one that was measured, where that matters. Nothing is written where there is a newer one.
        """
        await self._learn(proposal_id, revision, measured=freed)

    async def checked(self, proposal_id: str, found: Completeness) -> None:
        """Remember what was first found after the run; the card is then out of date."""
        await self._learn(proposal_id, checked=found)

    async def unsurveyed(self, since: datetime) -> list[Proposal]:
        """Give what is still to be measured, and what is to be looked at after a run that ended since; oldest first."""
        waiting = and_(PROPOSALS.c.state == State.OPEN, PROPOSALS.c.measured.is_(None))
        # What was stopped before it began has no end of a run, and nothing to be looked at.
        ended = and_(
            PROPOSALS.c.state.in_(MOVES[State.RUNNING]), PROPOSALS.c.checked.is_(None), PROPOSALS.c.finished > since
        )
        return await self._list(or_(waiting, ended))

    async def _learn(self, proposal_id: str, revision: int | None = None, **values: Any) -> None:
        # Whoever froze over it and wakes up after another has had the last word comes too late.
        last = (PROPOSALS.c.id == proposal_id, PROPOSALS.c.checked.is_(None))
        change = update(PROPOSALS).where(*last).values(drawn=PROPOSALS.c.drawn + "*", **values)
        if revision is not None:
            change = change.where(PROPOSALS.c.revision == revision)
        async with self._database.write() as connection:
            await connection.execute(change)

    async def outdated(self, proposal_id: str) -> None:
        """Remember that nobody knows what the card shows."""
        change = update(PROPOSALS).where(PROPOSALS.c.id == proposal_id).values(drawn=PROPOSALS.c.drawn + "*")
        async with self._database.write() as connection:
            await connection.execute(change)

    async def undrawn(self) -> list[Proposal]:
        """Give the proposals whose card was posted and shows another state than theirs, oldest first."""
        return await self._list(PROPOSALS.c.card_ts != "", PROPOSALS.c.drawn != cast(PROPOSALS.c.state, String))

    async def due(self, now: datetime) -> list[Proposal]:
        """Give the open proposals that have expired, oldest first."""
        return await self._list(PROPOSALS.c.state == State.OPEN, PROPOSALS.c.expires <= now)

    async def waiting(self, workspace: Workspace, registry: str | None = None) -> list[Proposal]:
        """Give a workspace's open proposals, of one registry if given, oldest first."""
        here = [] if registry is None else [PROPOSALS.c.registry == registry]
        return await self._list(PROPOSALS.c.state == State.OPEN, *in_workspace(PROPOSALS, workspace), *here)

    async def of(self, workspace: Workspace, requester: str, most: int) -> list[Proposal]:
        """Give what somebody has proposed in a workspace: what is not over before what is, the latest first of each."""
        over = PROPOSALS.c.state.in_([state for state in State if state.final])
        query = (
            select(PROPOSALS)
            .where(*in_workspace(PROPOSALS, workspace), PROPOSALS.c.requester == requester)
            .order_by(case((over, 1), else_=0), PROPOSALS.c.created.desc(), PROPOSALS.c.id)
            .limit(most)
        )
        async with self._database.read() as connection:
            return [rows.to_proposal(row) for row in (await connection.execute(query)).mappings()]

    async def _in_the_way(self, connection: AsyncConnection, proposal: Proposal) -> Proposal | None:
        values = (proposal.team_id, proposal.registry, proposal.target)
        if not self._database.sqlite:  # which has one writer at a time
            key = func.hashtextextended("\n".join(values), 0)
            await connection.execute(select(func.pg_advisory_xact_lock(key)))
        query = (
            select(PROPOSALS)
            .where(*in_workspace(PROPOSALS, Workspace(proposal.team_id, proposal.enterprise_id)))
            .where(PROPOSALS.c.registry == proposal.registry, PROPOSALS.c.target == proposal.target)
            .where(
                or_(
                    PROPOSALS.c.state.in_([State.APPROVED, State.RUNNING]),
                    and_(PROPOSALS.c.state == State.OPEN, PROPOSALS.c.checksum == proposal.checksum),
                )
            )
            .order_by(PROPOSALS.c.created, PROPOSALS.c.id)
        )
        row = (await connection.execute(query)).mappings().first()
        return None if row is None else rows.to_proposal(row)

    async def unfinished(self) -> list[Proposal]:
        """Give the proposals that are approved or running, oldest decision first."""
        return await self._list(PROPOSALS.c.state.in_([State.APPROVED, State.RUNNING]), order=PROPOSALS.c.decided)

    async def _list(
        self, *where: ColumnElement[bool], order: ColumnElement[Any] = PROPOSALS.c.created
    ) -> list[Proposal]:
        query: Select[Any] = select(PROPOSALS).where(*where).order_by(order, PROPOSALS.c.id)
        async with self._database.read() as connection:
            return [rows.to_proposal(row) for row in (await connection.execute(query)).mappings()]


async def _insert(connection: AsyncConnection, proposal: Proposal, items: Sequence[Item]) -> None:
    await connection.execute(insert(PROPOSALS), rows.of_proposal(proposal))
    await insert_items(connection, proposal.id, items)


async def insert_items(connection: AsyncConnection, proposal_id: str, items: Sequence[Item]) -> None:
    """Write items that have no outcome yet."""
    # In batches, so that the loop can answer others while tens of thousands are written.
    for start in range(0, len(items), _BATCH):
        batch = [rows.of_item(proposal_id, item) for item in items[start : start + _BATCH]]
        await insert_rows(connection, _INSERT_ITEMS, batch)


async def _changed(connection: AsyncConnection, change: Update) -> bool:
    return (await connection.execute(change)).rowcount == 1
