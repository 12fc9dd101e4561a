"""The database, opened: what the rest of the program holds."""

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from bot.store.audit import Audit
from bot.store.bodies import Bodies
from bot.store.claims import LEASE, Claims
from bot.store.copies import Copies
from bot.store.counts import Counts
from bot.store.database import SILENCE, Database, libpq, parse_url
from bot.store.events import Events
from bot.store.figures import Figures
from bot.store.freezes import Freezes
from bot.store.history import History
from bot.store.hold import FileHold
from bot.store.homes import Homes
from bot.store.migrate import Schema, check, migrate, schema_of
from bot.store.proposals import Proposals
from bot.store.reminders import Reminders
from bot.store.revise import Revisions
from bot.store.sessions import Sessions
from bot.store.subscriptions import Subscriptions
from bot.store.turns import Turns
from bot.store.votes import Votes


class Store:
    """All that lasts, each part in an attribute of its own. Made by ``open``.

    ``shared`` says that other processes may work on it at the same time; ``connect_args`` are then what libpq needs to
    get to the same database, its password included.
    """

    def __init__(self, database: Database, hold: FileHold | None, lease: timedelta) -> None:
        self._database = database
        self._hold = hold
        self.silence = database.silence
        self.shared = not database.sqlite
        self.connect_args = libpq(database.url) if self.shared else {}
        self.bodies = Bodies(database)
        self.events = Events(database)
        self.audit = Audit(database)
        self.claims = Claims(database, lease)
        self.sessions = Sessions(database)
        self.proposals = Proposals(database, self.claims)
        self.history = History(database)
        self.freezes = Freezes(database)
        self.figures = Figures(database)
        self.counts = Counts(database)
        self.subscriptions = Subscriptions(database)
        self.turns = Turns(database)
        self.votes = Votes(database)
        self.revisions = Revisions(database)
        self.reminders = Reminders(database)
        self.homes = Homes(database)
        self.copies = Copies(database)

    @classmethod
    async def open(cls, url: str, *, lease: timedelta = LEASE, silence: timedelta = SILENCE) -> "Store":
        """Open a database whose schema is what this version needs.

        ``url`` is an SQLAlchemy URL, with or without a driver's name: ``sqlite:///var/acr-janitor.db``,
        ``postgresql://user@host/name``. ``lease``: how long a claim holds that is not renewed. ``silence``: how long
        PostgreSQL waits for a process in the middle of its transaction before it ends it.

        SQLite is for one process, and is made and upgraded here. PostgreSQL is for any number, of two versions while
        one follows the other, so that ``upgrade`` is somebody's decision. Raises StoreError where the database is
        unreachable, in use, behind this version or ahead of what it can follow.
        """
        database, hold = _opened(url, silence)
        try:
            if hold is None:
                await check(database)
                return cls(database, None, lease)
            hold.take()
            await database.prepare()
            await migrate(database)
            store = cls(database, hold, lease)
            # The lock says that whoever had them is gone.
            await store.claims.clear()
        except BaseException:
            await _close(database, hold)
            raise
        return store

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises StoreError."""
        async with self._database.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection, then let others in."""
        await _close(self._database, self._hold)


async def upgrade(url: str) -> Schema:
    """Bring the database at ``url`` to this version's schema, or make it there. Gives how it was before.

    Raises StoreError as ``Store.open`` does: an SQLite file that a process has open is not upgraded under it.
    """
    database, hold = _opened(url)
    try:
        if hold is not None:
            hold.take()
            await database.prepare()
        return await migrate(database)
    finally:
        await _close(database, hold)


async def current(url: str) -> Schema | None:
    """Look how far the schema at ``url`` is, and change nothing; None where SQLite's file does not exist yet.

    Raises StoreError where the database can't be reached or this version can't follow it.
    """
    database = Database(parse_url(url))
    try:
        if database.sqlite and not os.path.exists(str(database.url.database)):  # noqa: ASYNC240, PTH110 - a local file
            return None
        return await schema_of(database)
    finally:
        await database.close()


def _opened(url: str, silence: timedelta = SILENCE) -> tuple[Database, FileHold | None]:
    database = Database(parse_url(url), silence)
    return database, FileHold(Path(str(database.url.database))) if database.sqlite else None


async def _close(database: Database, hold: FileHold | None) -> None:
    try:
        await database.close()
    finally:
        # Only now: the lock must outlive the last write.
        if hold is not None:
            hold.release()
