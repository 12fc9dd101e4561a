"""Bring a database's schema to what this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import StoreError
from bot.store.database import Database, parse_url
from bot.store.hold import ADVISORY_KEY, FileHold

_FOLDER = Path(__file__).parent / "migrations"


async def upgrade(url: str) -> None:
    """Bring the database at ``url`` to this version's schema; make it where there is none.

    All of it or nothing: the migrations run in one transaction. Raises StoreError where the database can't be used,
    is in use (SQLite), or was written by a newer version.
    """
    database = Database(parse_url(url))
    try:
        if not database.sqlite:
            await migrate(database)
            return
        hold = FileHold(Path(str(database.url.database)))
        await hold.take()
        try:
            await migrate(database)
        finally:
            await hold.release()
    finally:
        await database.close()


async def migrate(database: Database) -> None:
    """Run what is missing. On PostgreSQL a lock lets one process do it while others wait."""
    async with database.write() as connection:
        if not database.sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_KEY + 1})
        await connection.run_sync(_migrate, database.name)


def _migrate(connection: Connection, name: str) -> None:
    config = Config()
    # ConfigParser would read a per cent sign in the path as a reference.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    has = set(MigrationContext.configure(connection).get_current_heads())
    if has - known:
        raise StoreError(
            f"The database {name} was written by a newer acr-janitor (its schema is {', '.join(sorted(has))}).",
            expected="Run that version or a newer one, or restore a backup from before the upgrade.",
        )
    if has != set(script.get_heads()):
        command.upgrade(config, "head")
