"""Revisions of open proposals: a list takes the place of a longer one, in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.domain.plan import Item
from bot.domain.proposal import REVISED, Deed, Event, Proposal, State
from bot.domain.revision import Revision
from bot.store.database import Database
from bot.store.events import append
from bot.store.proposals import insert_items
from bot.store.tables import EVENTS, ITEMS, PROPOSALS, VOTES


class Revisions:
    """All revisions. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(
        self,
        was: Proposal,
        proposal: Proposal,
        items: Sequence[Item],
        events: Callable[[Sequence[str]], Sequence[Event]],
        *,
        at: datetime,
    ) -> bool:
        """Put ``proposal`` with its items in the place of ``was``; all of it or nothing.

        ``events`` gives what to put on record, told who had approved the revision before. ``was`` must be open ``at``
        that time, and of this revision and checksum. Of any number at once, and of those who approve or
        settle it meanwhile, one gets it; the others False, with nothing written. The time until it expires stays.
        """
        async with self._database.write() as connection:
            voters = select(VOTES.c.user).where(VOTES.c.proposal == was.id, VOTES.c.revision == was.revision)
            change = (
                update(PROPOSALS)
                .where(
                    PROPOSALS.c.id == was.id,
                    PROPOSALS.c.team_id == was.team_id,
                    PROPOSALS.c.state == State.OPEN,
                    PROPOSALS.c.revision == was.revision,
                    PROPOSALS.c.checksum == was.checksum,
                    PROPOSALS.c.expires > at,
                )
                .values(
                    revision=proposal.revision,
                    checksum=proposal.checksum,
                    rule=proposal.rule,
                    item_count=proposal.item_count,
                    upper_bytes=proposal.upper_bytes,
                    measured=proposal.measured,
                    needs_typed=proposal.needs_typed,
                    share=proposal.share,
                    drawn=f"{REVISED} {proposal.revision}",
                )
            )
            if (await connection.execute(change)).rowcount != 1:
                return False
            # Only now that the row is locked: who votes meanwhile finds another revision.
            void = (await connection.execute(voters.order_by(VOTES.c.at, VOTES.c.user))).scalars().all()
            await connection.execute(delete(ITEMS).where(ITEMS.c.proposal_id == was.id))
            await insert_items(connection, was.id, items)
            await append(connection, events(void))
        return True

    async def latest(self, proposal: Proposal) -> Revision | None:
        """Say how a proposal's revision has come about; None where it is the first."""
        if proposal.revision == 1:
            return None
        query = (
            select(EVENTS.c.actor, EVENTS.c.at, EVENTS.c.detail)
            .where(
                EVENTS.c.proposal == proposal.id,
                EVENTS.c.deed == Deed.REVISED,
                EVENTS.c.revision == proposal.revision - 1,
            )
            .order_by(EVENTS.c.id)
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else Revision.from_detail(row.actor, row.at, row.detail)
