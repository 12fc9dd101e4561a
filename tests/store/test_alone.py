"""One process at a time on an SQLite file, any number on PostgreSQL, and never a lock that outlives its process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.proposal import State
from bot.domain.workspace import Workspace
from bot.errors import StoreError
from bot.store import Store, upgrade
from tests.store.make import put

ROOT = Path(__file__).parents[2]


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


async def test_a_second_process_is_refused(sqlite_url: str) -> None:
    """While one process has the file, another refuses to start and says who has it; nothing of the first breaks."""
    store = await Store.open(sqlite_url)
    with child("hold", sqlite_url) as second:
        said = await asyncio.to_thread(line, second)
        assert await asyncio.to_thread(second.wait) == 0
    file = sqlite_url.removeprefix("sqlite:///")
    assert said.startswith(f"refused: The database {file} is in use by process {os.getpid()} (lock file {file}.lock).")
    assert "stop that one first" in said
    assert "Several need PostgreSQL" in said
    await store.ping()
    await put(store, State.DONE, 1)
    await store.close()


async def test_the_same_process_is_refused_too(sqlite_url: str) -> None:
    """A file that this process has open is not opened a second time, whatever its URL looks like."""
    store = await Store.open(sqlite_url)
    other = sqlite_url.replace("sqlite:///", "sqlite+aiosqlite:///").replace("/var/", "/var/../var/")
    with pytest.raises(StoreError, match="in use by"):
        await Store.open(other)
    await store.close()
    await (await Store.open(other)).close()


async def test_a_killed_process_frees_the_file(sqlite_url: str) -> None:
    """After kill -9 of the process that had it, the next one starts."""
    with child("hold", sqlite_url) as first:
        assert await asyncio.to_thread(line, first) == "open"
        with pytest.raises(StoreError, match="in use by"):
            await Store.open(sqlite_url)
        first.send_signal(signal.SIGKILL)
        await asyncio.to_thread(first.wait)
    store = await Store.open(sqlite_url)
    await store.ping()
    await store.close()


async def test_a_file_is_not_upgraded_under_a_running_process(sqlite_url: str) -> None:
    """`upgrade` of an SQLite file waits for nobody: it refuses while a process has it."""
    store = await Store.open(sqlite_url)
    with pytest.raises(StoreError, match="in use by"):
        await upgrade(sqlite_url)
    await store.close()


async def test_replicas_side_by_side(postgres_url: str) -> None:
    """On PostgreSQL several processes work at once, and what one writes the others see."""
    store = await Store.open(postgres_url)
    with child("hold", postgres_url) as other:
        assert await asyncio.to_thread(line, other) == "open"
        second = await Store.open(postgres_url)
        await put(store, State.OPEN)
        assert [one.id for one in await second.proposals.waiting(Workspace("T1"))] == ["p1"]
        await second.close()
    await store.close()
