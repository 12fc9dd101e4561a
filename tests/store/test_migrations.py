"""The schema: made, kept, and refused where it is another's."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import Column, Connection, Insert, MetaData, Table, inspect, text

from bot.domain.plan import Action, checksum_of
from bot.domain.proposal import Deed, State
from bot.domain.workspace import Workspace
from bot.errors import StoreError
from bot.store import Store, current, migrate, rows, upgrade
from bot.store.database import Database, parse_url
from bot.store.events import append, row_of
from bot.store.migrate import _FOLDER as FOLDER
from bot.store.tables import EVENTS, ITEMS, METADATA, PROPOSALS
from tests.store.make import HOUR, NOW, event, items, proposal, put, take

ROOT = Path(__file__).parents[2]
EARLIER = sorted(path.name[1:5] for path in (FOLDER / "versions").glob("r*.py"))[:-1]


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring an empty database to an older revision, as the program of that time did."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell our tables from procrastinate's, which are compared with what it ships."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


def differences(connection: Connection) -> list[object]:
    """List what the tables that exist and those in the code do not share, types and defaults included."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True, "include_name": is_ours}
    )
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


async def raise_to(store: Store, revision: str, floor: str | None = None) -> None:
    """Mark a database as that of a newer version, and close it."""
    async with store._database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})
        if floor is not None:
            await connection.execute(text("UPDATE schema_floor SET oldest = :at"), {"at": floor})
    await store.close()


async def test_a_newer_schema_that_only_adds_is_worked_with(url: str) -> None:
    """While others are upgraded, and after a step back, this version goes on with what it knows of the schema."""
    await raise_to(await Store.open(url), "9998")
    store = await Store.open(url)
    await put(store, State.DONE, 2)
    await store.close()
    schema = await current(url)
    assert schema is not None
    assert (schema.at, schema.behind) == ("9998", False)
    assert not (await upgrade(url)).behind


async def test_a_schema_that_this_version_would_misread_is_refused(url: str) -> None:
    """Where a newer version says that it is too new for this one, it is left alone, and the error says what to do."""
    await raise_to(await Store.open(url), "9999", floor="9999")
    wanted = r"newer acr-janitor \(its schema is 9999\).*Run that version or a newer one"
    for attempt in (Store.open(url), upgrade(url), current(url)):
        with pytest.raises(StoreError, match=wanted):
            await attempt


async def test_postgresql_is_not_upgraded_by_opening_it(postgres_empty: str) -> None:
    """A replica of a new version refuses to start on an old schema and names the command; it changes nothing."""
    with pytest.raises(
        StoreError, match=r"has no tables yet, and this version needs.*For example: acr-janitor db upgrade"
    ):
        await Store.open(postgres_empty)
    database = await made_by(postgres_empty, "0002")
    with pytest.raises(StoreError, match=r"is at revision 0002, and this version needs.*acr-janitor db upgrade"):
        await Store.open(postgres_empty)
    schema = await current(postgres_empty)
    assert schema is not None
    assert (schema.at, schema.behind) == ("0002", True)
    await database.close()


async def test_upgrade_makes_the_schema(empty_url: str) -> None:
    """`upgrade` by itself makes what `open` then uses; to run it again, or twice at once, changes nothing."""
    if empty_url.startswith("postgresql"):
        both = await asyncio.gather(upgrade(empty_url), upgrade(empty_url))
        assert sorted(schema.behind for schema in both) == [False, True]
    await upgrade(empty_url)
    assert not (await upgrade(empty_url)).behind
    store = await Store.open(empty_url)
    await put(store, State.OPEN, 1)
    await store.close()


async def made_by(url: str, revision: str) -> Database:
    """Make an empty database as an earlier version did, and give it opened."""
    parsed = parse_url(url)
    if parsed.database and parsed.get_backend_name() == "sqlite":
        await asyncio.to_thread(Path(parsed.database).parent.mkdir, parents=True)
    database = Database(parsed)
    async with database.write() as connection:
        await connection.run_sync(lambda sync: migrate_to(sync, revision))
    return database


async def fill(database: Database, count: int, revision: str, **changes: Any) -> None:
    """Write a proposal with its items and deeds as an earlier version did: only into columns that it knew."""
    made = proposal(count, **changes)
    chained = revision >= "0008"
    deeds = [event(deed, made.id) for deed in (Deed.PROPOSED, Deed.APPROVED)]

    def write(connection: Connection) -> None:
        known = inspect(connection)
        for table, values in (
            (PROPOSALS, [rows.of_proposal(made)]),
            (ITEMS, [rows.of_item(made.id, item) for item in items(count)]),
            (EVENTS, [] if chained else map(row_of, deeds)),
        ):
            columns = {column["name"] for column in known.get_columns(table.name)}
            for row in values:
                connection.execute(insert_into(table.name, {k: v for k, v in row.items() if k in columns}))

    async with database.write() as connection:
        await connection.run_sync(write)
        if chained:
            await append(connection, deeds)


def insert_into(name: str, row: dict[str, Any]) -> Insert:
    """Insert without the defaults that the code of today has, with the types that it gives a column."""
    columns = [Column(key, METADATA.tables[name].c[key].type) for key in row]
    return Table(name, MetaData(), *columns).insert().values(row)


@pytest.mark.parametrize("revision", EARLIER)
async def test_a_database_of_each_earlier_revision_is_upgraded(empty_url: str, revision: str) -> None:
    """What was there is there, and goes on: what was proposed before there were other actions is a delete.

    The deeds of before are in the chain, and what is done now is linked to them.
    """
    database = await made_by(empty_url, revision)
    await fill(database, 2, revision, state=State.APPROVED, decided_by="U2", decided=NOW)
    await database.close()
    assert (await upgrade(empty_url)).at == revision

    store = await Store.open(empty_url)
    records = await store.proposals.records("p1")
    assert [record.item for record in records] == items(2)
    assert {record.item.action for record in records} == {Action.DELETE}
    assert proposal(2).checksum == checksum_of("reg", (record.item.fingerprint for record in records))
    assert (await store.proposals.tally("p1")).actions == {Action.DELETE: 2}
    assert [one.deed for one in await store.events.list("p1")] == [Deed.PROPOSED, Deed.APPROVED]
    assert [one.id for one in await store.proposals.unfinished()] == ["p1"]
    assert await take(store) == 1
    verdict = await store.audit.verify()
    assert (verdict.findings, verdict.end.position) == ((), 3)
    with pytest.raises(StoreError, match="append-only"):
        async with store._database.write() as connection:
            await connection.execute(text("UPDATE events SET actor = 'nobody'"))
    async with store._database.read() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


@pytest.mark.parametrize("revision", EARLIER)
async def test_an_older_replica_goes_on_while_the_schema_is_upgraded(postgres_empty: str, revision: str) -> None:
    """The upgrade waits for no transaction on the rows of a run, and what the older version writes then still fits."""
    database = await made_by(postgres_empty, revision)
    await fill(database, 2, revision, state=State.RUNNING, decided_by="U2", decided=NOW, started=NOW, fence=1)
    async with database.write() as connection:
        await connection.execute(text("UPDATE bodies SET digest = digest"))
        # To add a column waits for a moment in which nobody is at the table.
        if revision >= "0002":
            await connection.execute(text("UPDATE proposal_items SET outcome = 'deleted' WHERE position = 0"))
        if revision >= "0016":
            await connection.execute(text("SELECT 1 FROM proposals FOR UPDATE"))
        await upgrade(postgres_empty)
    await fill(database, 3, revision, id="p2", created=NOW + HOUR)
    await database.close()
    store = await Store.open(postgres_empty)
    assert [record.item for record in await store.proposals.records("p2")] == items(3)
    assert [one.id for one in await store.proposals.waiting(Workspace("T1"))] == ["p2"]
    # What it put on record is in no chain until somebody says that it was expected.
    assert (await store.audit.verify()).loose == (revision < "0008")
    assert await store.audit.adopt(NOW) == (2 if revision < "0008" else 0)
    assert (await store.audit.verify()).findings == ()
    await store.close()


async def test_the_upgrade_gives_up_where_it_would_hold_others_up(
    postgres_empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that somebody keeps locked is not waited for: the error says so, and nothing was changed."""
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", "100ms")
    database = await made_by(postgres_empty, "0001")
    async with database.write() as connection:
        await connection.execute(text("LOCK proposal_items IN ACCESS SHARE MODE"))
        with pytest.raises(StoreError, match=r"lock timeout.*Nothing was changed"):
            await upgrade(postgres_empty)
    await database.close()
    assert (await upgrade(postgres_empty)).at == "0001"


_COLUMNS = """
SELECT attrelid::regclass::text, attname, atttypid::regtype::text, attnotnull FROM pg_attribute
WHERE attrelid::regclass::text LIKE 'procrastinate%' AND attnum > 0
"""
_SHAPE = (
    _COLUMNS,
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'procrastinate%'",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE '%procrastinate%'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'procrastinate%'",
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'procrastinate%'",
    "SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid",
)


def test_the_queue_is_that_of_the_installed_procrastinate(postgres_url: str, postgres_empty: str) -> None:
    """The migrations make the very tables and functions that its installed version ships; if not, one is missing."""
    with psycopg.connect(postgres_empty, autocommit=True) as shipped, psycopg.connect(postgres_url) as made:
        shipped.execute(SchemaManager.get_schema().encode())
        for query in _SHAPE:
            assert sorted(made.execute(query.encode())) == sorted(shipped.execute(query.encode())), query


async def test_all_of_a_migration_or_nothing(empty_url: str) -> None:
    """Where a table of that name is there already, nothing is made and the error says what is the matter."""
    parsed = parse_url(empty_url)
    if parsed.database and parsed.get_backend_name() == "sqlite":
        await asyncio.to_thread(Path(parsed.database).parent.mkdir, parents=True)
    database = Database(parsed)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE bodies (x INTEGER)"))
    with pytest.raises(StoreError, match=r"bodies.*already exists.*a database of its own"):
        await upgrade(empty_url)
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
