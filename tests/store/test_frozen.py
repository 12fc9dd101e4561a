"""A process that is frozen within its transaction keeps nothing from others, wherever in it that is."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from psycopg import pq
from psycopg.pq.abc import PGconn
from sqlalchemy import event as listen

from bot.domain.manifest import Body
from bot.domain.proposal import Outcome, Settled, State
from bot.store import Store
from tests.store.make import NOW, deleted, digest, put, take
from tests.store.test_alone import child, line
from tests.store.test_crash import on_record, prepare, settled

PATIENCE = 60


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, bool]]]:
    """Give what is sent to the database, and whether it was by ``executemany``."""
    sent: list[tuple[str, bool]] = []

    def note(_connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, many: bool) -> None:
        sent.append((statement, many))

    engine = store._database.engine.sync_engine
    listen.listen(engine, "before_cursor_execute", note)
    yield sent
    listen.remove(engine, "before_cursor_execute", note)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Open a database, and close it whatever happens."""
    store = await Store.open(url)
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def half_sent(url: str, name: str) -> Iterator[PGconn]:
    """Give a session that holds every proposal and has sent a statement, but not the end that the server waits for."""
    session = pq.PGconn.connect(url.encode())
    try:
        for command in (f"SET application_name = '{name}'", "BEGIN", "UPDATE proposals SET note = 'mine'"):
            assert session.exec_(command.encode()).status == pq.ExecStatus.COMMAND_OK
        session.enter_pipeline_mode()
        session.send_query_params(b"SELECT 1", None)
        session.send_flush_request()
        session.flush()
        yield session
    finally:
        session.finish()


@pytest.mark.parametrize("moment", [3, 4])
async def test_in_the_middle_of_settling(postgres_url: str, moment: int) -> None:
    """Its run is taken by another while it stands still; what it had not committed is undone, and it writes nothing."""
    # While the deeds are written, and while the end of their chain is. Of pipelines both were in the middle.
    await prepare(postgres_url, 60)
    with child(f"freeze-{moment}", postgres_url) as process:
        assert await asyncio.to_thread(line, process) == "freezing"
        async with opened(postgres_url) as store, asyncio.timeout(PATIENCE):
            assert await take(store) == 2
            assert not settled(await store.proposals.records("p1"))
            await store.proposals.settle("p1", 2, deleted(*range(60)))
            os.kill(process.pid, signal.SIGCONT)
            assert await asyncio.to_thread(process.wait) != 0
            deeds = on_record(await store.events.list("p1"))
            assert len(deeds) == len(set(deeds)) == 60
            assert not (await store.audit.verify()).findings


async def test_in_the_middle_of_a_statement(postgres_url: str) -> None:
    """A session that PostgreSQL takes for busy, since half of a statement has come in, is ended by any replica."""
    await prepare(postgres_url, 1)
    with half_sent(postgres_url, "acr-janitor"):
        async with opened(postgres_url) as store, asyncio.timeout(PATIENCE):
            taking = asyncio.create_task(take(store))
            ended = 0
            while not ended:
                await asyncio.sleep(0.05)  # the server takes a moment to read it
                ended = await store.sessions.end_frozen(timedelta(milliseconds=100))
            assert (ended, await taking) == (1, 2)
            found = await store.proposals.get("p1")
            assert found is not None
            assert found.note == ""


async def test_who_is_at_work_is_left_alone(postgres_url: str) -> None:
    """A session that waits for a lock is not ended, nor is one of another program, whatever it does."""
    await prepare(postgres_url, 1)
    with half_sent(postgres_url, "psql") as other:
        async with opened(postgres_url) as store, asyncio.timeout(PATIENCE):
            taking = asyncio.create_task(take(store))
            await asyncio.sleep(0.2)
            assert await store.sessions.end_frozen(timedelta(milliseconds=1)) == 0
            other.finish()
            assert await taking == 2


async def test_a_run_sends_no_pipelines(postgres_url: str) -> None:
    """Of all that proposals, outcomes and deeds are written with, nothing is by ``executemany``."""
    async with opened(postgres_url) as store:
        with statements(store) as sent:
            await put(store, State.RUNNING, 40)
            await store.proposals.settle("p1", 1, deleted(*range(20)))
            mixed = [Settled(place, Outcome.SKIPPED, NOW, f"because of {place}") for place in range(20, 40)]
            await store.proposals.settle("p1", 1, mixed)
            await store.bodies.put(Body(digest(number)) for number in range(3))
        assert any("INSERT INTO events" in statement for statement, _ in sent)
        assert not [statement for statement, many in sent if many]
