"""What repositories held, by the time when they were looked at: the change since last week is the difference of two."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.holding import Holding
from bot.store.database import Database
from bot.store.tables import FIGURES

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
                await connection.execute(statement, rows)

    async def latest(self, registry: str, *, at: datetime, since: datetime) -> dict[str, tuple[datetime, Holding]]:
        """Give the last figures of each repository that were taken from ``since`` to ``at``, both included."""
        found: dict[str, tuple[datetime, Holding]] = {}
        last = (
            select(FIGURES.c.repository, func.max(FIGURES.c.taken).label("taken"))
            .where(FIGURES.c.registry == registry, FIGURES.c.taken >= since, FIGURES.c.taken <= at)
            .group_by(FIGURES.c.repository)
            .subquery()
        )
        query = (
            select(FIGURES)
            .join(last, and_(FIGURES.c.repository == last.c.repository, FIGURES.c.taken == last.c.taken))
            .where(FIGURES.c.registry == registry)
        )
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found[row.repository] = (row.taken, _holding(row))
        return found

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
