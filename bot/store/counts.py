"""What the whole database holds, for those who keep the app running: cheap enough to be asked for every few seconds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.domain.proposal import Outcome, State
from bot.store.database import Database
from bot.store.tables import ITEMS, PROPOSALS


@dataclass(frozen=True, slots=True)
class Count:
    """``states``: how many proposals are in each. ``queued_items``: of what is approved or running, without an outcome.

    ``approved_since``: when the proposal was approved that has waited longest for its run. ``running_since``: when the
    run began that has been going on longest. Both None where there is none.
    """

    states: dict[State, int]
    queued_items: int
    approved_since: datetime | None
    running_since: datetime | None


class Counts:
    """Counts. Raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> Count:
        """Count what there is, at one moment."""
        states = select(PROPOSALS.c.state, func.count()).group_by(PROPOSALS.c.state)
        due = [State.APPROVED, State.RUNNING]
        # Few proposals are due at a time, and items are found by their proposal: no table is read whole.
        queued = (
            select(func.count())
            .select_from(ITEMS.join(PROPOSALS, PROPOSALS.c.id == ITEMS.c.proposal_id))
            .where(PROPOSALS.c.state.in_(due), ITEMS.c.outcome == Outcome.TODO)
        )
        approved = select(func.min(PROPOSALS.c.decided)).where(PROPOSALS.c.state == State.APPROVED)
        running = select(func.min(PROPOSALS.c.started)).where(PROPOSALS.c.state == State.RUNNING)
        async with self._database.read() as connection:
            counts: dict[State, int] = dict(map(tuple, await connection.execute(states)))
            return Count(
                states={state: counts.get(state, 0) for state in State},
                queued_items=int((await connection.execute(queued)).scalar_one()),
                approved_since=(await connection.execute(approved)).scalar_one(),
                running_since=(await connection.execute(running)).scalar_one(),
            )
