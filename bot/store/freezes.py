"""Frozen registries: one row each, there for as long as nothing may be deleted from it."""

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.hold import Frozen
from bot.domain.proposal import Event, State
from bot.store.database import Database
from bot.store.events import append
from bot.store.tables import FREEZES, PROPOSALS

_NOT_OVER = [state for state in State if not state.final]


class Freezes:
    """Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, registry: str) -> Frozen | None:
        """Give the freeze of a registry, None where it is not frozen."""
        return next((frozen for frozen in await self.list() if frozen.registry == registry), None)

    async def list(self) -> list[Frozen]:
        """Give all freezes, by the name of the registry."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(FREEZES).order_by(FREEZES.c.registry))
            return [Frozen(row.registry, row.by, row.reason, row.since) for row in rows]

    async def freeze(self, frozen: Frozen, event: Event) -> bool:
        """Freeze a registry, with a deed. False, with nothing written, where it is frozen already."""
        dialect = sqlite if self._database.sqlite else postgresql
        insert = dialect.insert(FREEZES).values(
            registry=frozen.registry, by=frozen.by, reason=frozen.reason, since=frozen.since
        )
        async with self._database.write() as connection:
            done = await connection.execute(insert.on_conflict_do_nothing().returning(FREEZES.c.registry))
            if done.first() is None:
                return False
            await _note(connection, frozen.registry, event)
        return True

    async def unfreeze(self, registry: str, event: Event) -> bool:
        """Let a registry go on, with a deed. False, with nothing written, where it is not frozen."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(FREEZES).where(FREEZES.c.registry == registry))
            if done.rowcount != 1:
                return False
            await _note(connection, registry, event)
        return True


async def _note(connection: AsyncConnection, registry: str, event: Event) -> None:
    """Put the deed on record, and mark the cards that say something else now."""
    change = update(PROPOSALS).where(PROPOSALS.c.registry == registry, PROPOSALS.c.state.in_(_NOT_OVER))
    await connection.execute(change.values(drawn=PROPOSALS.c.drawn + "*"))
    await append(connection, [event])
