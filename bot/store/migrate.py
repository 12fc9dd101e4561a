"""Bring a database's schema to what this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import StoreError
from bot.store.database import Database
from bot.store.hold import ADVISORY_KEY

_FOLDER = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Bring the schema to this version's, or make it: all of it or nothing, in one transaction.

    On PostgreSQL a lock lets one process do it while others wait. Raises StoreError where a newer version was here.
    """
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
