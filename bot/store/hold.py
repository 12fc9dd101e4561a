"""One process at a time: a lock that ends with the process, however that ends."""

import asyncio
import fcntl
import os
import time
from pathlib import Path
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.store.database import Database

# "acr-jan" in ASCII: one number per database, and no other program is likely to use it.
ADVISORY_KEY = 0x6163722D6A616E
_PATIENCE = 3.0
_PAUSE = 0.1


class Hold(Protocol):
    """The right to be the only process on a database."""

    async def take(self) -> None:
        """Take it, or raise StoreError which says who has it."""

    async def check(self) -> None:
        """Make sure that it is still ours; raise StoreError where it is not."""

    async def release(self) -> None:
        """Give it up."""


class FileHold:
    """``flock`` on a file beside an SQLite database. The kernel frees it when the process ends, by ``kill -9`` too.

    The file stays when the lock goes: to remove it would let two processes lock two files of one name.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._database = database
        self._file: int | None = None

    async def take(self) -> None:
        """Make the folder, then take the lock."""
        try:
            self._file = self._open()
        except OSError as error:
            raise StoreError(
                f"The lock file {self.path} can't be used: {error.strerror}.",
                expected="SQLite needs a folder on a local disk which acr-janitor may write to.",
                example="DATABASE_URL=sqlite:///var/acr-janitor.db",
            ) from error

    async def check(self) -> None:
        """Nothing can take a lock on a file from a living process."""

    async def release(self) -> None:
        """Close the file, which frees the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(file, 32).decode("ascii", "replace").strip()
            os.close(file)
            raise StoreError(
                f"The database {self._database} is in use by process {holder or '(unknown)'} (lock file {self.path}).",
                expected="Only one acr-janitor may run on an SQLite database: stop that one first.",
            ) from error
        except OSError:
            os.close(file)
            raise
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        return file


class AdvisoryHold:
    """A session advisory lock on PostgreSQL, on a connection of its own. It ends with that connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        # One connection serves one question at a time, and health checks may come at once.
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Try for a moment: PostgreSQL may need one to see that the process before us was killed."""
        async with self._turn:
            await self._take()

    async def check(self) -> None:
        """Use the connection; where it is lost the lock is too, so take it again."""
        async with self._turn:
            if self._connection is not None:
                try:
                    await self._connection.scalar(text("SELECT 1"))
                except SQLAlchemyError:
                    await self._drop()
                else:
                    return
            await self._take()

    async def release(self) -> None:
        """End the session: a connection that went back to the pool would keep the lock."""
        async with self._turn:
            await self._drop()

    async def _take(self) -> None:
        with self._database.explaining():
            connection = await self._database.engine.connect()
            try:
                # No transaction stays open while the lock is held.
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await self._wait(connection)
            except BaseException:
                # Not back to the pool: cut short, it may have got the lock.
                await connection.invalidate()
                await connection.close()
                raise
            self._connection = connection

    async def _wait(self, connection: AsyncConnection) -> None:
        ends = time.monotonic() + _PATIENCE
        while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_KEY}):
            if time.monotonic() > ends:
                holder = await _holder(connection)
                raise StoreError(
                    f"The database {self._database.name} is in use by another acr-janitor ({holder}).",
                    expected="Only one may run on a database: stop that one first.",
                )
            await asyncio.sleep(_PAUSE)

    async def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with self._database.explaining():
                await connection.invalidate()
                await connection.close()


async def _holder(connection: AsyncConnection) -> str:
    row = (
        await connection.execute(
            text(
                "SELECT a.pid, coalesce(host(a.client_addr), 'a local socket') AS address FROM pg_locks l"
                " JOIN pg_stat_activity a ON a.pid = l.pid"
                " WHERE l.locktype = 'advisory' AND l.granted AND l.database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND (l.classid::bigint << 32 | l.objid::bigint) = :key"
            ),
            {"key": ADVISORY_KEY},
        )
    ).first()
    return f"server process {row.pid}, connected from {row.address}" if row else "it has just gone: try again"
