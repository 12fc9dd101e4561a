"""A database that fails says so in words that help, without secrets, and goes on when it is back."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Deed, State
from bot.errors import StoreError
from bot.store import Store, database
from tests.store.make import NOW, event, put, take

SECRET = "hunter2-example"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "The database URL can't be read."),
        ("not a url", "The database URL can't be read."),
        ("mysql://root@localhost/x", "can't keep its state in mysql"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "SQLite needs a file"),
    ],
)
async def test_a_url_that_is_none(url: str, words: str) -> None:
    """A URL that can't work is refused with the reason and a line that works."""
    with pytest.raises(StoreError) as caught:
        await Store.open(url)
    assert words in str(caught.value)
    assert "For example: DATABASE_URL=sqlite:///var/acr-janitor.db" in str(caught.value)


async def test_not_a_database(tmp_path: Path) -> None:
    """A file that is something else is left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("milk, bread\n" * 1000)
    with pytest.raises(StoreError, match=r"notes\.txt failed: file is not a database.*made, or one that does not"):
        await Store.open(f"sqlite:///{file}")
    assert file.read_text() == "milk, bread\n" * 1000


async def test_no_folder(tmp_path: Path) -> None:
    """Where the folder can't be made, the error names the place."""
    (tmp_path / "var").write_text("a file, not a folder")
    with pytest.raises(StoreError, match=r"lock file .*/var/janitor\.db\.lock can't be used"):
        await Store.open(f"sqlite:///{tmp_path}/var/janitor.db")


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A path that is a folder is refused with what to look at."""
    with pytest.raises(StoreError, match="unable to open database file"):
        await Store.open(f"sqlite:///{tmp_path}")


async def test_nobody_listens() -> None:
    """A PostgreSQL that is not there is told by its place, without the password."""
    with pytest.raises(StoreError) as caught:
        await Store.open(f"postgresql://janitor:{SECRET}@127.0.0.1:1/acr")
    assert "The database acr on 127.0.0.1:1 failed" in str(caught.value)
    assert "Check the host and the port" in str(caught.value)
    assert SECRET not in str(caught.value)


async def test_no_such_database(postgres: str) -> None:
    """A database that was never created is told apart from a server that is not there."""
    with pytest.raises(StoreError, match=r'"nope" does not exist.*must have been created'):
        await Store.open(postgres.replace("/postgres?", "/nope?"))


async def test_an_odd_option(postgres_url: str) -> None:
    """An option that libpq does not know is found in the URL."""
    with pytest.raises(StoreError, match="after the question mark"):
        await Store.open(f"{postgres_url}&ssl=yes")


@pytest.mark.parametrize("driver", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
async def test_any_drivers_name(postgres_url: str, driver: str) -> None:
    """A URL with another driver's name, or PostgreSQL's old name, works by ours."""
    store = await Store.open(postgres_url.replace("postgresql", driver, 1))
    await store.ping()
    await store.close()


async def test_every_connection_is_cut(postgres_url: str) -> None:
    """After a restart of the server all goes on; what was under way fails as StoreError and is not half done."""
    store = await Store.open(postgres_url)
    before = await put(store, State.OPEN)
    inside = asyncio.Event()
    cut = asyncio.Event()

    async def also(connection: AsyncConnection) -> None:
        inside.set()
        await cut.wait()
        await connection.execute(text("SELECT 1"))

    moving = asyncio.create_task(
        store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED), also=also)
    )
    await inside.wait()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    cut.set()
    with pytest.raises(StoreError, match="failed: "):
        await moving
    assert await store.proposals.get("p1") == before
    assert await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED))
    await store.ping()
    await store.close()


async def test_a_busy_file(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a foreign program holds the file for too long the error says so; when it lets go all works."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)
    store = await Store.open(sqlite_url)
    foreign = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"database is locked\. Another program holds it"):
        await store.events.append(event())
    assert await store.events.list() == []
    foreign.execute("ROLLBACK")
    foreign.close()
    await store.events.append(event())
    await store.close()


async def test_a_write_is_not_overtaken(sqlite_url: str) -> None:
    """What looks first and writes then has the right to write from the start: nobody can come between."""
    store = await Store.open(sqlite_url)
    await put(store, State.OPEN)
    foreign = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    async with store._database.write() as connection:
        assert await connection.scalar(text("SELECT state FROM proposals")) == "open"
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            foreign.execute("UPDATE proposals SET note = 'foreign'")
        await connection.execute(text("UPDATE proposals SET note = 'ours'"))
    foreign.close()
    await store.close()


async def test_writers_take_turns(sqlite_url: str) -> None:
    """On SQLite writers go in the order in which they came, so that none waits for ever."""
    store = await Store.open(sqlite_url)
    async with store._database.write():
        queue = [asyncio.create_task(store.events.append(event(about=str(number)))) for number in range(12)]
        # They have asked, in their order; what they wait for is held for longer than SQLite's own first waits.
        await asyncio.sleep(0.1)
    await asyncio.gather(*queue)
    assert [one.proposal for one in await store.events.list()] == [str(number) for number in range(12)]
    await store.close()


async def test_many_writers_and_readers(store: Store) -> None:
    """A hundred writes and reads at once all go through."""
    for number in range(25):
        await put(store, State.APPROVED, 2, id=str(number))
    await asyncio.gather(
        *(take(store, str(number)) for number in range(25)),
        *(store.proposals.tally(str(number)) for number in range(25)),
        *(store.events.append(event(Deed.REFUSED, str(number))) for number in range(25)),
        *(store.proposals.unfinished() for _ in range(25)),
    )
    assert len(await store.events.list()) == 25 * 4


async def test_sqlite_is_set_to_last(sqlite_url: str) -> None:
    """What is committed on SQLite is on the disk, and references are checked."""
    store = await Store.open(sqlite_url)
    async with store._database.read() as connection:
        found = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    await store.close()


async def test_a_process_that_stops_in_a_transaction_frees_its_rows(postgres_url: str) -> None:
    """What a frozen process had locked is free after a while; when it wakes up, its transaction is over and undone."""
    frozen = await Store.open(postgres_url, silence=timedelta(milliseconds=500))
    store = await Store.open(postgres_url)
    await put(store, State.OPEN)

    async def freeze(_: AsyncConnection) -> None:
        assert await store.proposals.move("p1", State.REJECTED, by="U3", at=NOW, event=event(Deed.REJECTED))

    with pytest.raises(StoreError):
        await frozen.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED), also=freeze)
    found = await store.proposals.get("p1")
    assert found is not None
    assert found.state is State.REJECTED
    await frozen.close()
    await store.close()
