"""Claims: one process at a time, for a while."""

import asyncio
from datetime import timedelta

from bot.store import Store
from tests.store.test_alone import child, line

# Long enough that a slow machine renews it in time.
SHORT = timedelta(seconds=3)


async def test_one_task_at_a_time(store: Store) -> None:
    """Of eight tasks of one process that want the same, one gets it; another key is another matter."""
    leave = asyncio.Event()

    async def want(key: str) -> bool:
        async with store.claims.held(key) as got:
            if got:
                await leave.wait()
            return got

    tasks = [asyncio.create_task(want("card:p1")) for _ in range(8)]
    _, waiting = await asyncio.wait(tasks, timeout=0.2)
    assert len(waiting) == 1
    async with store.claims.held("card:p2") as got:
        assert got
    leave.set()
    assert sorted(await asyncio.gather(*tasks)) == [False] * 7 + [True]
    async with store.claims.held("card:p1") as got:
        assert got


async def test_one_process_at_a_time(postgres_url: str) -> None:
    """Another process does not get it for as long as it is held, however long that is, and gets it right after."""
    store, other = [await Store.open(postgres_url, lease=SHORT) for _ in range(2)]
    loop = asyncio.get_running_loop()
    async with store.claims.held("card:p1") as got:
        assert got
        until = loop.time() + 1.5 * SHORT.total_seconds()
        while loop.time() < until:
            async with other.claims.held("card:p1") as late:
                assert not late
            await asyncio.sleep(0.05)
    async with other.claims.held("card:p1") as got:
        assert got
    await store.close()
    await other.close()


async def test_of_many_processes_one_gets_it(postgres_url: str) -> None:
    """Even where all ask in the same instant."""
    stores = [await Store.open(postgres_url) for _ in range(6)]
    leave = asyncio.Event()

    async def want(store: Store) -> bool:
        async with store.claims.held("card:p1") as got:
            if got:
                await leave.wait()
            return got

    tasks = [asyncio.create_task(want(store)) for store in stores]
    while sum(task.done() for task in tasks) < 5:  # noqa: ASYNC110 - the tasks tell nobody
        await asyncio.sleep(0.01)
    leave.set()
    assert sorted(await asyncio.gather(*tasks)) == [False] * 5 + [True]
    for store in stores:
        await store.close()


async def test_the_claim_of_a_killed_process_runs_out(postgres_url: str) -> None:
    """After kill -9 of its holder it is kept for the rest of its time, and then it is anybody's."""
    store = await Store.open(postgres_url)
    with child("claim", postgres_url) as holder:
        assert await asyncio.to_thread(line, holder) == "claimed"
        async with store.claims.held("card:p1") as got:
            assert not got
        holder.kill()
        await asyncio.to_thread(holder.wait)
        while not got:
            async with store.claims.held("card:p1") as got:
                await asyncio.sleep(0.05)
    await store.close()


async def test_a_new_process_on_sqlite_waits_for_no_claim(sqlite_url: str) -> None:
    """The lock on the file says that whoever held it has gone."""
    with child("claim", sqlite_url) as holder:
        assert await asyncio.to_thread(line, holder) == "claimed"
        holder.kill()
        await asyncio.to_thread(holder.wait)
    store = await Store.open(sqlite_url)
    async with store.claims.held("card:p1") as got:
        assert got
    await store.close()
