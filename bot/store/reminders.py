"""Reminders: what became of each. Whoever inserts the row is the one to post it."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.proposal import Proposal, State
from bot.store import rows
from bot.store.database import Database
from bot.store.tables import PROPOSALS, REMINDERS

_BEGUN = "begun"


class Reminders:
    """The reminders of open proposals. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def owed(self) -> list[Proposal]:
        """Give the open proposals whose card was posted and whose reminder is not known to be, oldest first."""
        over = select(REMINDERS.c.proposal).where(REMINDERS.c.outcome != _BEGUN)
        query = (
            select(PROPOSALS)
            .where(PROPOSALS.c.state == State.OPEN, PROPOSALS.c.card_ts != "", PROPOSALS.c.id.not_in(over))
            .order_by(PROPOSALS.c.created, PROPOSALS.c.id)
        )
        async with self._database.read() as connection:
            return [rows.to_proposal(row) for row in (await connection.execute(query)).mappings()]

    async def begin(self, proposal_id: str) -> bool:
        """Note that a reminder is about to be posted. Gives False, with nothing written, where that was noted."""
        dialect: Any = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(REMINDERS).values(proposal=proposal_id, outcome=_BEGUN)
        statement = statement.on_conflict_do_nothing(index_elements=["proposal"]).returning(REMINDERS.c.proposal)
        async with self._database.write() as connection:
            return (await connection.execute(statement)).first() is not None

    async def end(self, proposal_id: str, outcome: str) -> bool:
        """Note what became of what was begun: its timestamp, or Slack's word for why it can't be posted.

        Gives False, with nothing written, where somebody else has.
        """
        change = (
            update(REMINDERS)
            .where(REMINDERS.c.proposal == proposal_id, REMINDERS.c.outcome == _BEGUN)
            .values(outcome=outcome)
        )
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def outcome(self, proposal_id: str) -> str | None:
        """Give what became of a reminder: None where there was none, ``begun`` where that is not known."""
        query = select(REMINDERS.c.outcome).where(REMINDERS.c.proposal == proposal_id)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar()

    async def over(self, proposal_id: str) -> bool:
        """Whether it is known what became of it, so that nothing is to be done any more."""
        return await self.outcome(proposal_id) not in {None, _BEGUN}
