"""Bring a database's schema to what this version needs, or say how far it is from that."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text

from bot.errors import StoreError
from bot.store.database import Database
from bot.store.tables import SCHEMA_FLOOR

# "acr-jan" in ASCII and one more: one number per database, and no other program is likely to use it.
_ADVISORY_KEY = 0x6163722D6A616E + 1
# An older replica may be at work: better to give up than to make it wait behind us for a table.
_LOCK_TIMEOUT = "10s"
_FOLDER = Path(__file__).parent / "migrations"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Schema:
    """How far a database's schema is: ``at`` is its revision, empty where it has none, ``head`` this version's."""

    at: str
    head: str
    behind: bool


async def schema_of(database: Database) -> Schema:
    """Look how far the schema is. Raises StoreError where this version can't work with it and never will."""
    async with database.read() as connection:
        return await connection.run_sync(read_schema, database.name)


async def check(database: Database) -> None:
    """Raise StoreError, which says what to do, where the schema is not yet what this version needs."""
    schema = await schema_of(database)
    if schema.behind:
        state = f"is at revision {schema.at}" if schema.at else "has no tables yet"
        raise StoreError(
            f"The database {database.name} {state}, and this version needs revision {schema.head}.",
            expected="Bring it there first; replicas of the version before may go on working meanwhile.",
            example="acr-janitor db upgrade",
        )


async def migrate(database: Database) -> Schema:
    """Bring the schema to this version's, or make it: all of it or nothing, in one transaction.

    Gives how it was before. On PostgreSQL a lock lets one process do it while others wait. Raises StoreError where a
    version was here that this one can't follow.
    """
    async with database.write() as connection:
        if not database.sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
            await connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        return await connection.run_sync(_migrate, database.name)


def _config(connection: Connection) -> Config:
    config = Config()
    # ConfigParser would read a per cent sign in the path as a reference.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def read_schema(connection: Connection, name: str) -> Schema:
    """Look by a connection to the database of that name. Raises StoreError as ``schema_of`` does."""
    script = ScriptDirectory.from_config(_config(connection))
    known = {revision.revision for revision in script.walk_revisions()}
    has = set(MigrationContext.configure(connection).get_current_heads())
    head = str(script.get_current_head())
    if has - known:
        floor = _floor(connection)
        if floor not in known:
            raise StoreError(
                f"The database {name} was written by a newer acr-janitor (its schema is {', '.join(sorted(has))}).",
                expected="Run that version or a newer one, or restore a backup from before the upgrade.",
            )
        # What later revisions add is nothing to this version: so it may go on while others are upgraded.
        log.warning("schema_is_newer", has=sorted(has), needs=head)
    return Schema(at=", ".join(sorted(has)), head=head, behind=not has - known and head not in has)


def _floor(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, SCHEMA_FLOOR.name):
        return None
    return connection.execute(select(SCHEMA_FLOOR.c.oldest)).scalar()


def _migrate(connection: Connection, name: str) -> Schema:
    schema = read_schema(connection, name)
    if schema.behind:
        command.upgrade(_config(connection), "head")
    return schema
