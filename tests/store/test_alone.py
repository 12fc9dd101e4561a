"""One process at a time on a database, and never a lock that outlives its process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.proposal import State
from bot.errors import StoreError
from bot.store import Store, hold, upgrade
from bot.store.hold import ADVISORY_KEY
from tests.store.make import put

ROOT = Path(__file__).parents[2]


@contextmanager
def refused() -> Iterator[None]:
    """Expect that the database is in use, without waiting as long for it as a real start does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hold, "_PATIENCE", 0.2)
        with pytest.raises(StoreError, match="in use by"):
            yield


@contextmanager
def child(*args: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that works on a database; end it at the end if it still runs."""
    command = [sys.executable, "-m", "tests.store.child", *args]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    """Wait for the next line that it says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_a_second_process_is_refused(url: str) -> None:
    """While one process has the database, another refuses to start and says who has it; nothing of the first breaks."""
    store = await Store.open(url)
    with child("hold", url) as second:
        said = await asyncio.to_thread(line, second)
        assert await asyncio.to_thread(second.wait) == 0
    assert said.startswith("refused: The database ")
    assert "stop that one first" in said
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite:///")
        assert file in said
        assert f"{file}.lock" in said
        assert f"process {os.getpid()} " in said
    else:
        assert "in use by another acr-janitor (server process " in said
    await store.ping()
    await put(store, State.DONE, 1)
    await store.close()


async def test_the_same_process_is_refused_too(url: str) -> None:
    """A database that this process has open is not opened a second time, whatever its URL looks like."""
    store = await Store.open(url)
    other = url.replace("sqlite:///", "sqlite+aiosqlite:///").replace("/var/", "/var/../var/")
    with refused():
        await Store.open(other)
    await store.close()
    await (await Store.open(other)).close()


async def test_a_killed_process_frees_the_database(url: str) -> None:
    """After kill -9 of the process that had it, the next one starts."""
    with child("hold", url) as first:
        assert await asyncio.to_thread(line, first) == "open"
        with refused():
            await Store.open(url)
        first.send_signal(signal.SIGKILL)
        await asyncio.to_thread(first.wait)
    store = await Store.open(url)
    await store.ping()
    await store.close()


async def test_a_file_is_not_upgraded_under_a_running_process(sqlite_url: str) -> None:
    """`upgrade` of an SQLite file waits for nobody: it refuses while a process has it."""
    store = await Store.open(sqlite_url)
    with refused():
        await upgrade(sqlite_url)
    await store.close()


async def test_replicas_side_by_side(postgres_url: str) -> None:
    """On PostgreSQL several may work at once where they say so; one that wants it alone is not kept out by them."""
    first = await Store.open(postgres_url, alone=False)
    second = await Store.open(postgres_url, alone=False)
    await put(first, State.OPEN)
    assert [one.id for one in await second.proposals.waiting("T1")] == ["p1"]
    await second.close()
    await first.close()


async def test_a_lost_lock_is_taken_again(postgres_url: str) -> None:
    """When the connection that holds the lock is cut, the next ping takes a new one, and others stay out."""
    store = await Store.open(postgres_url)
    await _cut_holder(store)
    await asyncio.gather(*(store.ping() for _ in range(4)))
    with refused():
        await Store.open(postgres_url)
    await store.close()


async def test_a_lock_that_another_took_is_told(postgres_url: str) -> None:
    """When another process got the lock meanwhile, every ping says so, until that one has gone."""
    store = await Store.open(postgres_url)
    await _cut_holder(store)
    with child("hold", postgres_url) as other:
        assert await asyncio.to_thread(line, other) == "open"
        for _ in range(2):
            with refused():
                await store.ping()
    await store.ping()
    await store.close()


async def _cut_holder(store: Store) -> None:
    async with store._database.write() as connection:
        cut = await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND (classid::bigint << 32 | objid::bigint) = :key"
            ),
            {"key": ADVISORY_KEY},
        )
        assert cut.scalars().all() == [True]
