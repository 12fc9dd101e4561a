"""The schema: made, kept, and refused where it is another's."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect, text

from bot.domain.plan import Action, checksum_of
from bot.domain.proposal import State
from bot.errors import StoreError
from bot.store import Store, rows, upgrade
from bot.store.database import Database, parse_url
from bot.store.migrate import _FOLDER as FOLDER
from bot.store.tables import ITEMS, METADATA, PROPOSALS
from tests.store.make import items, proposal, put

ROOT = Path(__file__).parents[2]


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring an empty database to an older revision, as the program of that time did."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def differences(connection: Connection) -> list[object]:
    """List what the tables that exist and those in the code do not share, types and defaults included."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, METADATA))


async def test_the_migrations_make_the_tables(store: Store) -> None:
    """What the migrations make is what the code describes, down to types, indexes and names of constraints."""
    async with store._database.read() as connection:
        assert await connection.run_sync(differences) == []

    def names(connection: Connection) -> set[str | None]:
        found = inspect(connection)
        # SQLite keeps no name for a key that counts up by itself.
        keys = {found.get_pk_constraint(table)["name"] or f"pk_{table}" for table in METADATA.tables}
        return keys | {key["name"] for table in METADATA.tables for key in found.get_foreign_keys(table)}

    async with store._database.read() as connection:
        assert await connection.run_sync(names) == {
            constraint.name for table in METADATA.tables.values() for constraint in table.constraints
        }


async def test_opening_again_keeps_all(url: str) -> None:
    """A restart finds every proposal, item, deed and body as it was."""
    store = await Store.open(url)
    made = await put(store, State.RUNNING, 5)
    records, deeds = await store.proposals.records("p1"), await store.events.list()
    await store.close()
    store = await Store.open(url)
    assert await store.proposals.get("p1") == made
    assert await store.proposals.unfinished() == [made]
    assert await store.proposals.records("p1") == records
    assert await store.events.list() == deeds
    await store.close()


async def test_a_newer_schema_is_refused(url: str) -> None:
    """A database that a newer version wrote is left alone, and the error says what to do."""
    store = await Store.open(url)
    async with store._database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    with pytest.raises(StoreError, match=r"newer acr-janitor \(its schema is 9999\).*Run that version or a newer one"):
        await Store.open(url)
    with pytest.raises(StoreError, match="newer acr-janitor"):
        await upgrade(url)


async def test_upgrade_makes_the_schema(url: str) -> None:
    """`upgrade` by itself makes what `open` then uses; to run it again, or twice at once, changes nothing."""
    if url.startswith("postgresql"):
        await asyncio.gather(upgrade(url), upgrade(url))
    await upgrade(url)
    await upgrade(url)
    store = await Store.open(url)
    await put(store, State.OPEN, 1)
    await store.close()


async def test_a_database_of_the_first_revision_is_upgraded(url: str) -> None:
    """What was proposed then is a delete that a click approves, and its card's checksum still fits."""
    parsed = parse_url(url)
    if parsed.database and parsed.get_backend_name() == "sqlite":
        await asyncio.to_thread(Path(parsed.database).parent.mkdir, parents=True)
    database = Database(parsed)
    async with database.write() as connection:
        await connection.run_sync(lambda sync: migrate_to(sync, "0001"))
    async with database.write() as connection:
        made = {k: value for k, value in rows.of_proposal(proposal(2)).items() if k not in {"needs_typed", "staying"}}
        await connection.execute(insert(PROPOSALS).inline(), made)
        for item in items(2):
            row = {key: value for key, value in rows.of_item("p1", item).items() if key not in {"action", "tag"}}
            await connection.execute(insert(ITEMS).inline(), row)
    await database.close()

    store = await Store.open(url)
    assert await store.proposals.get("p1") == proposal(2)
    records = await store.proposals.records("p1")
    assert [record.item for record in records] == items(2)
    assert {record.item.action for record in records} == {Action.DELETE}
    assert proposal(2).checksum == checksum_of("reg", (record.item.fingerprint for record in records))
    assert (await store.proposals.tally("p1")).actions == {Action.DELETE: 2}
    async with store._database.read() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


async def test_all_of_a_migration_or_nothing(url: str) -> None:
    """Where a table of that name is there already, nothing is made and the error says what is the matter."""
    parsed = parse_url(url)
    if parsed.database and parsed.get_backend_name() == "sqlite":
        await asyncio.to_thread(Path(parsed.database).parent.mkdir, parents=True)
    database = Database(parsed)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE bodies (x INTEGER)"))
    with pytest.raises(StoreError, match=r"bodies.*already exists.*a database of its own"):
        await Store.open(url)
    async with database.read() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["bodies"]
    await database.close()


def test_the_wheel_brings_its_migrations(tmp_path: Path) -> None:
    """The installed package makes its schema by itself, from whatever folder it is run in."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [wheel] = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "100% site"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True)
    program = """
import asyncio, bot.store
async def main():
    store = await bot.store.Store.open("sqlite:///here.db")
    await store.ping()
    await store.close()
    print(bot.store.__file__)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str(site / "bot" / "store" / "__init__.py")
    assert (tmp_path / "here.db").exists()
