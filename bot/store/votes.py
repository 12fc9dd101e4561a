"""Votes: recorded, counted and turned into the decision in one transaction."""

import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Event, State
from bot.domain.vote import Vote
from bot.domain.workspace import Workspace
from bot.store.database import Database
from bot.store.events import append
from bot.store.tables import PROPOSALS, VOTES
from bot.store.where import in_workspace

Standing = Mapping[str, tuple[str, ...]]
"""What each voter's vote covers now; nothing where they may no longer approve."""
Also = Callable[[AsyncConnection], Awaitable[None]]

_COLUMNS = tuple(VOTES.c[field.name] for field in fields(Vote))


class Cast(enum.Enum):
    """What came of a click on Approve."""

    CLOSED = enum.auto()
    """Nothing was written: it is settled, expired, or another revision or list by now."""
    STRANGERS = enum.auto()
    """Nothing was written: others have voted meanwhile, whose standing is to be looked up first."""
    TWICE = enum.auto()
    """This person has voted before, and it still takes more."""
    COUNTED = enum.auto()
    """The vote is recorded, and it takes more."""
    APPROVED = enum.auto()
    """With this vote there are enough: the proposal is approved."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """What is put on record for a vote that is counted, and for one that decides; given the votes that count."""

    counted: Callable[[Standing], Event]
    approved: Callable[[Standing], Event]


class Votes:
    """All votes. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, proposal: str, revision: int) -> list[Vote]:
        """Give the votes for one revision of a proposal, in the order in which they came."""
        async with self._database.read() as connection:
            return await _of(connection, proposal, revision)

    async def cast(  # noqa: PLR0917 - one call in the program, and each has its own type
        self,
        vote: Vote,
        checksum: str,
        standing: Standing,
        enough: Callable[[Standing], bool],
        deeds: Deeds,
        also: Also,
    ) -> Cast:
        """Record a vote on an open proposal, and approve it where that makes enough; all of it or nothing.

        ``standing`` says what each voter's vote covers at this moment, the new one's too; it is written to every vote.
        The proposal must be open at ``vote.at``, and of this revision and checksum. ``also`` is awaited where it is
        approved, in the same transaction; it writes on the connection that it gets and on no other. Of any number at
        once, one gets APPROVED.
        """
        async with self._database.write() as connection:
            # Locks the row until the transaction ends, so that votes are counted one after another.
            found = await connection.execute(
                select(PROPOSALS.c.id)
                .where(
                    PROPOSALS.c.id == vote.proposal,
                    *in_workspace(PROPOSALS, Workspace(vote.team_id, vote.enterprise_id)),
                    PROPOSALS.c.state == State.OPEN,
                    PROPOSALS.c.revision == vote.revision,
                    PROPOSALS.c.checksum == checksum,
                    PROPOSALS.c.expires > vote.at,
                )
                .with_for_update()
            )
            if found.first() is None:
                return Cast.CLOSED
            before = [one.user for one in await _of(connection, vote.proposal, vote.revision)]
            if not standing.keys() >= {*before, vote.user}:
                return Cast.STRANGERS
            twice = vote.user in before
            voters = before if twice else [*before, vote.user]
            covers = {user: standing[user] for user in voters if standing[user]}
            await self._write(connection, vote, {user: standing[user] for user in before}, new=not twice)
            if not enough(covers):
                if not twice:
                    await append(connection, [deeds.counted(covers)])
                return Cast.TWICE if twice else Cast.COUNTED
            await connection.execute(
                update(PROPOSALS)
                .where(PROPOSALS.c.id == vote.proposal)
                .values(state=State.APPROVED, decided_by=vote.user, decided=vote.at, note="")
            )
            await append(connection, [deeds.approved(covers)])
            await also(connection)
        return Cast.APPROVED

    async def _write(self, connection: AsyncConnection, vote: Vote, before: Standing, *, new: bool) -> None:
        for user, covers in before.items():
            mine = (VOTES.c.proposal == vote.proposal, VOTES.c.revision == vote.revision, VOTES.c.user == user)
            await connection.execute(update(VOTES).where(*mine).values(covers=covers))
        if new:
            await connection.execute(insert(VOTES), {column.name: getattr(vote, column.name) for column in _COLUMNS})
        # The card is out of date from now on, also for a process that starts after a crash.
        mark = update(PROPOSALS).where(PROPOSALS.c.id == vote.proposal).values(drawn=PROPOSALS.c.drawn + "*")
        await connection.execute(mark)


async def _of(connection: AsyncConnection, proposal: str, revision: int) -> list[Vote]:
    query = (
        select(*_COLUMNS)
        .where(VOTES.c.proposal == proposal, VOTES.c.revision == revision)
        .order_by(VOTES.c.at, VOTES.c.user)
    )
    return [Vote(*row) for row in await connection.execute(query)]
