"""A proposal's run: taken under a new fence, settled item by item, finished. Who lost the fence can't write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.plan import Action
from bot.domain.proposal import MOVES, Deed, Event, Outcome, Settled, State
from bot.errors import FenceLostError, LeaseHeldError
from bot.store.claims import Claims
from bot.store.columns import Utc
from bot.store.database import Database
from bot.store.events import append
from bot.store.many import settle_rows
from bot.store.tables import ITEMS, PROPOSALS

_BATCH = 1000
_OF_A_DEED = ("team_id", "enterprise_id", "channel", "checksum", "revision")
_Row: TypeAlias = Row[*tuple[Any, ...]]


class Runs:
    """The part of proposals that a worker uses. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database, claims: Claims) -> None:
        self._database = database
        self._claims = claims

    async def take(self, proposal_id: str, at: datetime, event_started: Event, event_resumed: Event) -> int | None:
        """Start or resume a run, and give the new fence: all who ran it before can write no more.

        With the fence comes a lease, as long as that of any claim. Records ``event_started`` the first time and
        ``event_resumed`` later. Gives None, with nothing written, when the proposal is neither approved nor running.
        Raises LeaseHeldError, with nothing written, while the lease of another process lasts.
        """
        change = (
            update(PROPOSALS)
            .where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.state.in_([State.APPROVED, State.RUNNING]))
            .values(
                state=State.RUNNING,
                fence=PROPOSALS.c.fence + 1,
                started=func.coalesce(PROPOSALS.c.started, literal(at, Utc())),
            )
            .returning(PROPOSALS.c.fence)
        )
        async with self._database.write() as connection:
            fence: int | None = (await connection.execute(change)).scalar()
            if fence is not None:
                if not await self._claims.take(connection, _key(proposal_id)):
                    raise LeaseHeldError(proposal_id)
                # Nothing but this counts the fence up, so the first to take it gets 1.
                await append(connection, [event_started if fence == 1 else event_resumed])
        return fence

    async def renew(self, proposal_id: str, fence: int) -> None:
        """Let the lease last anew from now, even one that has run out, as long as nobody else has taken the run.

        Raises FenceLostError, with nothing written, where somebody has, or the run is over.
        """
        async with self._database.write() as connection:
            # The row before the claim, as in ``take``: two who wait for each other would wait for ever.
            await _fenced(connection, proposal_id, fence)
            if not await self._claims.take(connection, _key(proposal_id)):
                raise FenceLostError(proposal_id)

    async def leased(self) -> set[str]:
        """Give the ids of the proposals whose run some process holds a lease on."""
        return {key.removeprefix(_key("")) for key in await self._claims.taken(_key(""))}

    async def release(self, proposal_id: str) -> None:
        """Give up the lease of this process, so that the next to take the run need not wait for its end."""
        await self._claims.release(_key(proposal_id))

    async def stop(self, proposal_id: str, by: str, at: datetime, event: Event) -> State | None:
        """Stop what was approved and has not begun, or ask whoever runs it to stop; with a deed, and only once.

        Gives STOPPED where it is over now, RUNNING where its worker will end it, and None, with nothing written, where
        it is neither approved nor running or where somebody has asked before.
        """
        mine = update(PROPOSALS).where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.stop_by == "")
        async with self._database.write() as connection:
            for state, to in ((State.APPROVED, State.STOPPED), (State.RUNNING, State.RUNNING)):
                change = mine.where(PROPOSALS.c.state == state).values(
                    state=to, stop_by=by, stop_asked=at, drawn=PROPOSALS.c.drawn + "*"
                )
                if (await connection.execute(change)).rowcount == 1:
                    await append(connection, [replace(event, detail={"while": state.value})])
                    return to
        return None

    async def stop_is_wanted(self, proposal_id: str) -> bool:
        """Whether somebody has asked for this run to stop."""
        query = select(PROPOSALS.c.stop_by).where(PROPOSALS.c.id == proposal_id)
        async with self._database.read() as connection:
            return bool((await connection.execute(query)).scalar())

    async def settle(self, proposal_id: str, fence: int, settled: Sequence[Settled], actor: str = "app") -> bool:
        """Write outcomes, with a deed for each, in one transaction. An item that has an outcome keeps it.

        Gives whether somebody has asked for this run to stop.

        Raises FenceLostError, with nothing written, where another worker has taken the run or it is over; ValueError
        where an item does not exist or its outcome is no outcome.
        """
        first: dict[int, Settled] = {}
        for one in settled:
            if one.outcome is Outcome.TODO:
                raise ValueError(f"item {one.position} can't be settled as {one.outcome}")
            first.setdefault(one.position, one)
        async with self._database.write() as connection:
            proposal = await _fenced(connection, proposal_id, fence)
            positions = sorted(first)
            for start in range(0, len(positions), _BATCH):
                batch = [first[position] for position in positions[start : start + _BATCH]]
                await _settle(connection, proposal, batch, actor)
        return bool(proposal.stop_by)

    async def finish(  # noqa: PLR0917 - one call in the program, and each has its own type
        self, proposal_id: str, fence: int, to: State, at: datetime, note: str, event: Event
    ) -> bool:
        """End a run, with a deed. Gives False, with nothing written, where another worker took it or it is over."""
        if to not in MOVES[State.RUNNING]:
            raise ValueError(f"a run does not end as {to}")
        change = (
            update(PROPOSALS)
            .where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.state == State.RUNNING, PROPOSALS.c.fence == fence)
            .values(state=to, finished=at, note=note)
        )
        async with self._database.write() as connection:
            if (await connection.execute(change)).rowcount != 1:
                return False
            await append(connection, [event])
        return True


def _key(proposal_id: str) -> str:
    return f"run:{proposal_id}"


async def _fenced(connection: AsyncConnection, proposal_id: str, fence: int) -> _Row:
    # Locks the row until the transaction ends: who takes the run meanwhile waits, and then sees all of it settled.
    query = (
        select(*(PROPOSALS.c[name] for name in ("id", *_OF_A_DEED, "stop_by")))
        .where(PROPOSALS.c.id == proposal_id, PROPOSALS.c.state == State.RUNNING, PROPOSALS.c.fence == fence)
        .with_for_update()
    )
    row = (await connection.execute(query)).first()
    if row is None:
        raise FenceLostError(proposal_id)
    return row


async def _settle(connection: AsyncConnection, proposal: _Row, batch: Sequence[Settled], actor: str) -> None:
    query = select(
        ITEMS.c.position,
        ITEMS.c.repository,
        ITEMS.c.digest,
        ITEMS.c.tags,
        ITEMS.c.outcome,
        ITEMS.c.action,
        ITEMS.c.tag,
    ).where(ITEMS.c.proposal_id == proposal.id, ITEMS.c.position.in_([one.position for one in batch]))
    items = {row.position: row for row in await connection.execute(query)}
    if missing := [one.position for one in batch if one.position not in items]:
        raise ValueError(f"proposal {proposal.id} has no items {missing}")
    new = [one for one in batch if items[one.position].outcome is Outcome.TODO]
    if not new:
        return
    await settle_rows(connection, proposal.id, new)
    await append(connection, [_deed(proposal, items[one.position], one, actor) for one in new])


def _deed(proposal: _Row, item: _Row, settled: Settled, actor: str) -> Event:
    return Event(
        at=settled.at,
        deed=Deed.ITEM,
        actor=actor,
        proposal=proposal.id,
        **{name: getattr(proposal, name) for name in _OF_A_DEED},
        detail={
            "repository": item.repository,
            "digest": item.digest,
            "tags": list(item.tags),
            **({} if item.action is Action.DELETE else {"action": str(item.action), "tag": item.tag}),
            "outcome": str(settled.outcome),
            "detail": settled.detail,
        },
    )
