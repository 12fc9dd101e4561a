"""What repositories held, by the time when they were looked at: the change since last week is the difference of two."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.holding import Holding
from bot.store.database import Database
from bot.store.many import insert_rows
from bot.store.tables import FIGURES, LOOKS

_BATCH = 500
_COLUMNS = tuple(field.name for field in fields(Holding))


class Figures:
    """Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, registry: str, taken: datetime, holdings: Sequence[Holding]) -> None:
        """Write what repositories of a registry held at one time, all of it or nothing; once is enough."""
        dialect = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(FIGURES).on_conflict_do_nothing()
        async with self._database.write() as connection:
            for start in range(0, len(holdings), _BATCH):
                rows = [
                    {"registry": registry, "taken": taken} | {name: getattr(holding, name) for name in _COLUMNS}
                    for holding in holdings[start : start + _BATCH]
                ]
                await insert_rows(connection, statement, rows)

    async def looked(self, schedule: str, taken: datetime) -> None:
        """Note that a schedule's report was made from the figures of this time: all of them are written."""
        dialect = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(LOOKS).values(schedule=schedule, taken=taken).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def last_look(self, schedule: str, *, at: datetime, since: datetime) -> datetime | None:
        """Give when a schedule's report was last made from ``since`` to ``at``, both included."""
        query = select(func.max(LOOKS.c.taken)).where(
            LOOKS.c.schedule == schedule, LOOKS.c.taken >= since, LOOKS.c.taken <= at
        )
        async with self._database.read() as connection:
            taken: datetime | None = (await connection.execute(query)).scalar()
        return taken

    async def at(self, registry: str, taken: datetime) -> dict[str, Holding]:
        """Give what each repository of a registry held that was looked at at one time."""
        query = select(FIGURES).where(FIGURES.c.registry == registry, FIGURES.c.taken == taken)
        async with self._database.read() as connection:
            return {row.repository: _holding(row) for row in await connection.execute(query)}

    async def forget(self, before: datetime) -> int:
        """Drop all that was looked at before a moment. Gives how many figures that were."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(FIGURES).where(FIGURES.c.taken < before))
            await connection.execute(delete(LOOKS).where(LOOKS.c.taken < before))
        return gone.rowcount

    async def series(self, registry: str, repository: str, since: datetime) -> list[tuple[datetime, Holding]]:
        """Give all figures of a repository from ``since`` on, in the order of time."""
        query = (
            select(FIGURES)
            .where(FIGURES.c.registry == registry, FIGURES.c.repository == repository, FIGURES.c.taken >= since)
            .order_by(FIGURES.c.taken)
        )
        async with self._database.read() as connection:
            return [(row.taken, _holding(row)) for row in await connection.execute(query)]


def _holding(row: Row[*tuple[Any, ...]]) -> Holding:
    return Holding(**{name: getattr(row, name) for name in _COLUMNS})
