"""Several engines on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tests.store.test_frozen import half_sent
from tests.work.test_engines import QUICK, Floor, Works, approve, over, until


@pytest.fixture
async def floor(postgres_url: str) -> AsyncIterator[Floor]:
    """Give a floor on PostgreSQL."""
    async with AsyncExitStack() as exits:
        yield Floor(postgres_url, exits)


def jobs(url: str) -> list[tuple[str, str]]:
    """Read the queue: each job's proposal with its state."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY id").fetchall()


async def test_each_is_run_by_one(floor: Floor) -> None:
    """Of three replicas one runs each proposal, one at a time for a registry over all of them; no job stays behind."""
    stores = [await floor.store() for _ in range(3)]
    works = [Works(store) for store in stores]
    engines = [await floor.engine(store, work) for store, work in zip(stores, works, strict=True)]
    ids = [f"{registry}-{number}" for number in range(6) for registry in "abc"]
    for one, engine, store in zip(ids, engines * 6, stores * 6, strict=True):
        await approve(store, engine, one)
    await until(lambda: over(stores[0], *ids))
    assert sorted(one for work in works for one in work.calls) == sorted(ids)
    await until(lambda: not jobs(floor.url))


async def test_who_ends_hands_over_at_once(floor: Floor) -> None:
    """What a replica leaves when it is told to end is gone on with by another, without waiting for it to seem dead."""
    first, second = [await floor.store() for _ in range(2)]
    held, free = Works(first), Works(second)
    held.hold("a-1")
    engine = await floor.engine(first, held)
    await approve(first, engine, "a-1")
    await until(lambda: held.busy)
    await floor.engine(second, free)
    await engine.stop()
    await asyncio.wait_for(until(lambda: over(second, "a-1")), 10)
    assert (held.calls, free.calls) == (["a-1"], ["a-1"])


async def test_the_job_of_a_worker_that_seems_dead_is_another_s(floor: Floor) -> None:
    """It is begun anew elsewhere; what the first says of it when it wakes up changes nothing."""
    first, second = [await floor.store() for _ in range(2)]
    slept, woken = Works(first), Works(second)
    slept.hold("a-1")
    woken.hold("a-1")
    engine = await floor.engine(first, slept)
    await approve(first, engine, "a-1", "a-2")
    await until(lambda: slept.busy)
    with psycopg.connect(floor.url, autocommit=True) as admin:
        # As after a long sleep: silent for so long that others have struck it off.
        admin.execute("DELETE FROM procrastinate_workers")
    await floor.engine(second, woken)
    await until(lambda: woken.busy)
    slept.breaks["a-1"] = []
    slept.gates["a-1"].set()
    await until(lambda: over(first, "a-1"))
    await asyncio.sleep(0.5)
    assert jobs(floor.url) == [("a-1", "doing"), ("a-2", "todo")]
    woken.gates["a-1"].set()
    await until(lambda: over(first, "a-2"))


async def test_a_job_that_no_worker_knows_of_is_begun_anew(floor: Floor) -> None:
    """One that was given to a living worker in the instant in which its connection broke does not stay with it."""
    store = await floor.store()
    idle = await floor.engine(store)
    await approve(store, idle, "a-1")
    works = Works(store)
    with psycopg.connect(floor.url, autocommit=True) as admin:
        worker = admin.execute("SELECT * FROM procrastinate_register_worker_v1()").fetchone()
        assert worker is not None
        admin.execute("SELECT procrastinate_fetch_job_v2(NULL, %s)", worker)
        admin.execute("UPDATE procrastinate_workers SET last_heartbeat = now() + interval '1 hour'")
    await floor.engine(store, works, replace(QUICK, stalled=1.0))
    await until(lambda: over(store, "a-1"))
    assert works.calls == ["a-1"]


async def test_what_a_frozen_process_keeps_is_freed(floor: Floor) -> None:
    """Work goes on though another process froze in the middle of a statement, with the rows of the work locked."""
    store = await floor.store()
    await approve(store, await floor.engine(store), "a-1")
    impatient = await floor.store(timedelta(seconds=1))
    works = Works(impatient)
    with half_sent(floor.url, "acr-janitor"):
        await floor.engine(impatient, works)
        await until(lambda: over(store, "a-1"))
