"""Turns of schedules: whoever inserts the row posts the report; who dies over it is followed by another."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.turn import Turn
from bot.store.database import Database
from bot.store.tables import TURNS


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A turn as it is on record; ``tries`` counts how often it was taken. ``channel`` and ``ts``: the report posted."""

    schedule: str
    slot: str
    state: Turn
    tries: int
    taken: datetime
    channel: str = ""
    ts: str = ""
    note: str = ""


class Turns:
    """Every method raises StoreError where the database fails. ``slot`` is a slot's local date in ISO form."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, schedule: str, slot: str, state: Turn, *, holder: str, now: datetime) -> None:
        """Write a turn down that nobody shall take, unless there is one already."""
        dialect = sqlite if self._database.sqlite else postgresql
        values = {"holder": holder, "tries": 0, "leased_until": now, "taken": now, "channel": "", "ts": "", "note": ""}
        statement = dialect.insert(TURNS).values(schedule=schedule, slot=slot, state=state, **values)
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())

    async def take(self, schedule: str, slot: str, *, holder: str, now: datetime, until: datetime) -> int | None:
        """Take a turn that is free, or that somebody has held past the end of their lease, until ``until``.

        Gives how often it has been taken by now: above 1 a report may have been posted already. Gives None where it
        is held or over. Of any number of takers at once, one gets it.
        """
        dialect = sqlite if self._database.sqlite else postgresql
        insert = dialect.insert(TURNS).values(
            schedule=schedule,
            slot=slot,
            state=Turn.TAKEN,
            holder=holder,
            tries=1,
            leased_until=until,
            taken=now,
            channel="",
            ts="",
            note="",
        )
        statement = insert.on_conflict_do_update(
            index_elements=["schedule", "slot"],
            set_={"holder": holder, "leased_until": until, "taken": now, "tries": TURNS.c.tries + 1},
            where=(TURNS.c.state == Turn.TAKEN) & (TURNS.c.leased_until <= now),
        ).returning(TURNS.c.tries)
        async with self._database.write() as connection:
            tries: int | None = (await connection.execute(statement)).scalar()
        return tries

    async def renew(self, schedule: str, slot: str, *, holder: str, until: datetime) -> bool:
        """Hold a turn longer. Gives False where another has it or it is over."""
        return await self._change(schedule, slot, holder, leased_until=until)

    async def end(
        self,
        schedule: str,
        slot: str,
        state: Turn,
        *,
        holder: str,
        channel: str = "",
        ts: str = "",
        note: str = "",
    ) -> bool:
        """End a turn. Gives False, with nothing written, where another has it or it is over."""
        if state is Turn.TAKEN:
            raise ValueError("that is not an end")
        return await self._change(schedule, slot, holder, state=state, channel=channel, ts=ts, note=note)

    async def of(self, schedule: str, most: int = 60) -> list[TurnRecord]:
        """Give a schedule's turns, the latest first."""
        query = select(TURNS).where(TURNS.c.schedule == schedule).order_by(TURNS.c.slot.desc()).limit(most)
        async with self._database.read() as connection:
            return [
                TurnRecord(row.schedule, row.slot, row.state, row.tries, row.taken, row.channel, row.ts, row.note)
                for row in await connection.execute(query)
            ]

    async def reopen(self, schedule: str, day: date) -> None:
        """Let the turn of a slot, and all after it, come once more: the schedule has another time of the week now."""
        later = delete(TURNS).where(TURNS.c.schedule == schedule, TURNS.c.slot >= day.isoformat())
        async with self._database.write() as connection:
            await connection.execute(later)

    async def forget(self, before: date) -> int:
        """Drop the turns of slots before a day. Gives how many that were."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(TURNS).where(TURNS.c.slot < before.isoformat()))).rowcount

    async def _change(self, schedule: str, slot: str, holder: str, **values: object) -> bool:
        change = (
            update(TURNS)
            .where(
                TURNS.c.schedule == schedule,
                TURNS.c.slot == slot,
                TURNS.c.state == Turn.TAKEN,
                TURNS.c.holder == holder,
            )
            .values(**values)
        )
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount == 1
