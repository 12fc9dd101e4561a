"""The record of deeds: rows are appended, and the database refuses all else."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Deed, Event
from bot.store.database import Database
from bot.store.tables import EVENTS

_BATCH = 1000
_COLUMNS = tuple(EVENTS.c[field.name] for field in fields(Event))


def row_of(event: Event) -> dict[str, Any]:
    """Give an event as a row, without its number."""
    return {column.name: getattr(event, column.name) for column in _COLUMNS}


async def append(connection: AsyncConnection, events: Sequence[Event]) -> None:
    """Append within a transaction of the caller."""
    if events:
        await connection.execute(insert(EVENTS), [row_of(event) for event in events])


class Events:
    """Every deed on record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, event: Event) -> None:
        """Put one deed on record that changes nothing else, such as a refusal. Raises StoreError."""
        async with self._database.write() as connection:
            await append(connection, [event])

    async def list(self, proposal: str | None = None) -> list[Event]:
        """Give the deeds of one proposal, or all, in the order in which they were recorded. Raises StoreError."""
        query = select(*_COLUMNS).order_by(EVENTS.c.id)
        if proposal is not None:
            query = query.where(EVENTS.c.proposal == proposal)
        found: list[Event] = []
        async with self._database.read() as connection, connection.stream(query) as result:
            async for batch in result.partitions(_BATCH):
                found.extend(Event(*row) for row in batch)
        return found

    async def faults(self, proposal: str) -> dict[str, str]:
        """Give the repositories that were left out when it was proposed, each with the reason. Raises StoreError."""
        query = (
            select(EVENTS.c.detail)
            .where(EVENTS.c.proposal == proposal, EVENTS.c.deed == Deed.PROPOSED)
            .order_by(EVENTS.c.id)
            .limit(1)
        )
        async with self._database.read() as connection:
            detail = (await connection.execute(query)).scalar()
        found = (detail or {}).get("faults", {})  # none in what was proposed before they were put on record
        return {str(repository): str(fault) for repository, fault in found.items()}
