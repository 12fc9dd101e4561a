"""The record of deeds: rows are appended, and the database refuses all else."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Deed, Event
from bot.domain.workspace import Workspace
from bot.errors import StoreError
from bot.store.chain import link
from bot.store.database import Database
from bot.store.many import insert_rows
from bot.store.tables import EVENT_HEAD, EVENTS, PROPOSALS

_BATCH = 1000
_INSERT = insert(EVENTS)
_COLUMNS = tuple(EVENTS.c[field.name] for field in fields(Event))
_ABOUT = tuple(PROPOSALS.c[name] for name in ("team_id", "enterprise_id", "channel", "checksum", "revision"))


def row_of(event: Event) -> dict[str, Any]:
    """Give an event as a row, without its number."""
    return {column.name: getattr(event, column.name) for column in _COLUMNS}


async def append(connection: AsyncConnection, events: Sequence[Event]) -> None:
    """Append within a transaction of the caller, each row linked to the one before.

    The end of the chain stays locked until that transaction ends, so that of several processes one appends at a time:
    what else the transaction must wait for it should have by now. Raises StoreError where the end is missing.
    """
    if not events:
        return
    rows = [row_of(event) for event in await _completed(connection, events)]
    head = (await connection.execute(select(EVENT_HEAD).with_for_update())).first()
    if head is None:
        raise StoreError(
            "The record of deeds has lost its end (the table event_head is empty), so nothing can be added to it.",
            expected="Somebody has changed the database. Restore it from a backup; this command says what is wrong.",
            example="acr-janitor audit verify",
        )
    position, last = head.position, head.hash
    for row in rows:
        position += 1
        last = link(last, position, row)
        row |= {"position": position, "hash": last}
    await insert_rows(connection, _INSERT, rows)
    await connection.execute(update(EVENT_HEAD).values(position=position, hash=last))


async def _completed(connection: AsyncConnection, events: Sequence[Event]) -> list[Event]:
    """Take from the proposals what the events about them leave empty."""
    lacking = {event.proposal for event in events if event.proposal and not event.checksum}
    if not lacking:
        return list(events)
    query = select(PROPOSALS.c.id, *_ABOUT).where(PROPOSALS.c.id.in_(lacking))
    found = {row.id: row for row in await connection.execute(query)}
    return [_about(event, found.get(event.proposal)) for event in events]


def _about(event: Event, proposal: Row[*tuple[Any, ...]] | None) -> Event:
    # Who clicks in another workspace stays of that one.
    if proposal is None or event.team_id not in {"", proposal.team_id}:
        return event
    if event.enterprise_id and not Workspace(event.team_id, event.enterprise_id).owns(
        proposal.team_id, proposal.enterprise_id
    ):
        return event
    return replace(
        event,
        team_id=proposal.team_id,
        enterprise_id=event.enterprise_id or proposal.enterprise_id,
        channel=event.channel or proposal.channel,
        checksum=event.checksum or proposal.checksum,
        revision=event.revision or proposal.revision,
    )


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
