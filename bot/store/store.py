"""The database, opened: what the rest of the program holds."""

from pathlib import Path

from sqlalchemy import text

from bot.store.bodies import Bodies
from bot.store.database import Database, parse_url
from bot.store.events import Events
from bot.store.figures import Figures
from bot.store.history import History
from bot.store.hold import AdvisoryHold, FileHold, Hold
from bot.store.migrate import migrate
from bot.store.proposals import Proposals
from bot.store.subscriptions import Subscriptions
from bot.store.turns import Turns


class Store:
    """All that lasts, each part in an attribute of its own. Made by ``open``."""

    def __init__(self, database: Database, hold: Hold | None) -> None:
        self._database = database
        self._hold = hold
        self.bodies = Bodies(database)
        self.events = Events(database)
        self.proposals = Proposals(database)
        self.history = History(database)
        self.figures = Figures(database)
        self.subscriptions = Subscriptions(database)
        self.turns = Turns(database)

    @classmethod
    async def open(cls, url: str, *, alone: bool = True) -> "Store":
        """Open the database, make or upgrade its schema, and make sure that no other process uses it.

        ``url`` is an SQLAlchemy URL, with or without a driver's name: ``sqlite:///var/acr-janitor.db``,
        ``postgresql://user@host/name``. SQLite is always for one process; on PostgreSQL ``alone=False`` lets several
        work side by side. Raises StoreError where the database is unreachable, in use, or newer than this version.
        """
        parsed = parse_url(url)
        database = Database(parsed)
        hold: Hold | None = None
        if database.sqlite:
            hold = FileHold(Path(str(parsed.database)))
        elif alone:
            hold = AdvisoryHold(database)
        try:
            if hold is not None:
                await hold.take()
            await database.prepare()
            await migrate(database)
        except BaseException:
            await _close(database, hold)
            raise
        return cls(database, hold)

    async def ping(self) -> None:
        """Ask the database for a sign of life, and make sure that it is still ours alone. Raises StoreError."""
        async with self._database.read() as connection:
            await connection.execute(text("SELECT 1"))
        if self._hold is not None:
            await self._hold.check()

    async def close(self) -> None:
        """Close every connection, then let others in."""
        await _close(self._database, self._hold)


async def upgrade(url: str) -> None:
    """Bring the database at ``url`` to this version's schema, or make it there, and leave it.

    Raises StoreError as ``Store.open`` does: an SQLite file that a process has open is not upgraded under it.
    """
    store = await Store.open(url, alone=False)
    await store.close()


async def _close(database: Database, hold: Hold | None) -> None:
    try:
        # The advisory lock needs its connection; the file lock must outlive the last write.
        if hold is not None and not database.sqlite:
            await hold.release()
        await database.close()
    finally:
        if hold is not None:
            await hold.release()
