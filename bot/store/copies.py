"""Copies of cards: who is told by a direct message, where that is, and what it shows."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.copy import Copy
from bot.domain.proposal import State
from bot.store.database import Database
from bot.store.tables import COPIES, PROPOSALS

_COLUMNS = tuple(COPIES.c[field.name] for field in fields(Copy))
# Nobody's row: it says that all who are to be told have theirs.
_LISTED = ""


class Copies:
    """All copies. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def untold(self) -> list[str]:
        """Give the open proposals with a card of which nobody has been listed yet, oldest first."""
        listed = select(COPIES.c.proposal).where(COPIES.c.user == _LISTED)
        query = (
            select(PROPOSALS.c.id)
            .where(PROPOSALS.c.state == State.OPEN, PROPOSALS.c.card_ts != "", PROPOSALS.c.id.not_in(listed))
            .order_by(PROPOSALS.c.created, PROPOSALS.c.id)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def listed(self, proposal: str) -> bool:
        """Whether those who are to be told are listed."""
        query = select(COPIES.c.user).where(COPIES.c.proposal == proposal, COPIES.c.user == _LISTED)
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def list_people(self, proposal: str, users: Sequence[str]) -> bool:
        """Write down who is to be told, all at once. Gives False, with nothing written, where that was done before."""
        dialect: Any = sqlite if self._database.sqlite else postgresql

        def rows(*names: str) -> Any:
            empty = {"channel": "", "ts": "", "shown": "", "gone": ""}
            insert = dialect.insert(COPIES).values([{"proposal": proposal, "user": name, **empty} for name in names])
            return insert.on_conflict_do_nothing(index_elements=["proposal", "user"]).returning(COPIES.c.user)

        async with self._database.write() as connection:
            if (await connection.execute(rows(_LISTED))).first() is None:
                return False
            if users:
                await connection.execute(rows(*users))
        return True

    async def of(self, proposal: str) -> list[Copy]:
        """Give the copies of a proposal's card, posted or not."""
        query = select(*_COLUMNS).where(COPIES.c.proposal == proposal, COPIES.c.user != _LISTED).order_by(COPIES.c.user)
        async with self._database.read() as connection:
            return [Copy(*row) for row in await connection.execute(query)]

    async def unsettled(self) -> list[str]:
        """Give the proposals of which a copy may still have to be changed: it shows no end yet."""
        ends = [state.value for state in State if state.final]
        query = (
            select(COPIES.c.proposal)
            .where(COPIES.c.user != _LISTED, COPIES.c.gone == "", COPIES.c.shown.not_in(ends))
            .distinct()
            .order_by(COPIES.c.proposal)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def write(self, copy: Copy) -> None:
        """Remember where a copy is, what it shows, or why it is gone."""
        change = (
            update(COPIES)
            .where(COPIES.c.proposal == copy.proposal, COPIES.c.user == copy.user)
            .values(channel=copy.channel, ts=copy.ts, shown=copy.shown, gone=copy.gone)
        )
        async with self._database.write() as connection:
            await connection.execute(change)
