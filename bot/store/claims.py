"""Claims: for a while, one process alone does what a key names, and all others see it.

A claim that is not renewed runs out, so that what a dead process did is done by another. The database's clock decides,
since those of machines differ.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, DateTime, Interval, delete, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.store.columns import Utc
from bot.store.database import Database
from bot.store.tables import CLAIMS

LEASE = timedelta(seconds=20)
# So many times in a lease it is renewed: a database that is away for a moment costs nothing.
RENEWALS = 4

log = structlog.get_logger(__name__)


class Claims:
    """All claims of one process. ``holder`` is its name in the table, ``lease`` how long a claim holds."""

    def __init__(self, database: Database, lease: timedelta = LEASE) -> None:
        self._database = database
        self.lease = lease
        self.holder = secrets.token_hex(8)
        self._here: set[str] = set()

    async def take(self, connection: AsyncConnection, key: str) -> bool:
        """Take or renew a claim within a transaction. False, with nothing written, while another process has it."""
        now = self._now()
        dialect: Any = sqlite if self._database.sqlite else postgresql
        insert = dialect.insert(CLAIMS).values(key=key, holder=self.holder, until=self._until())
        claim = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=or_(CLAIMS.c.holder == self.holder, CLAIMS.c.until <= now),
        ).returning(CLAIMS.c.key)
        return (await connection.execute(claim)).first() is not None

    async def release(self, key: str) -> None:
        """Give a claim up, if it is still ours. Raises StoreError."""
        async with self._database.write() as connection:
            await connection.execute(delete(CLAIMS).where(CLAIMS.c.key == key, CLAIMS.c.holder == self.holder))

    async def taken(self, prefix: str) -> set[str]:
        """Give the keys with this beginning that any process holds now. Raises StoreError."""
        query = select(CLAIMS.c.key).where(
            CLAIMS.c.key.startswith(prefix, autoescape=True), CLAIMS.c.until > self._now()
        )
        async with self._database.read() as connection:
            return set((await connection.execute(query)).scalars())

    async def clear(self) -> None:
        """Drop every claim, where whoever had them can't be there any more. Raises StoreError."""
        async with self._database.write() as connection:
            await connection.execute(delete(CLAIMS))

    @contextlib.asynccontextmanager
    async def held(self, key: str) -> AsyncIterator[bool]:
        """Hold a claim while inside, and renew it; gives False where another process, or another task here, has it.

        Raises StoreError where it can't be asked for. That it can't be renewed or released later is only logged: it
        then runs out.
        """
        if key in self._here:
            yield False
            return
        self._here.add(key)
        try:
            async with self._database.write() as connection:
                taken = await self.take(connection, key)
            if not taken:
                yield False
                return
            renewing = asyncio.create_task(self._renew(key), name=f"claim {key}")
            try:
                yield True
            finally:
                renewing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await renewing
                try:
                    await self.release(key)
                except StoreError:
                    log.warning("claim_not_released", key=key, exc_info=True)
        finally:
            self._here.discard(key)

    async def _renew(self, key: str) -> None:
        while True:
            await asyncio.sleep(self.lease.total_seconds() / RENEWALS)
            try:
                async with self._database.write() as connection:
                    await self.take(connection, key)
            except StoreError:
                log.warning("claim_not_renewed", key=key, exc_info=True)

    def _now(self) -> ColumnElement[Any]:
        if self._database.sqlite:
            return literal(datetime.now(UTC), Utc())
        return func.clock_timestamp(type_=DateTime(timezone=True))

    def _until(self) -> ColumnElement[Any]:
        if self._database.sqlite:
            return literal(datetime.now(UTC) + self.lease, Utc())
        return self._now() + literal(self.lease, Interval())
