"""kill -9 in the middle of a write: what was said to be written is there, and what was not is not there by half."""

import asyncio
import signal
from datetime import timedelta

from bot.domain.proposal import Deed, Event, Outcome, Record, State
from bot.store import Store
from tests.store.make import deleted, put, take
from tests.store.test_alone import child, line


def settled(records: list[Record]) -> set[str]:
    """Give the digests that have an outcome."""
    return {record.item.digest for record in records if record.outcome is not Outcome.TODO}


def on_record(events: list[Event]) -> list[str]:
    """Give the digests that have a deed."""
    return [str((one.detail or {})["digest"]) for one in events if one.deed is Deed.ITEM]


async def prepare(url: str, count: int) -> None:
    """Leave a running proposal behind."""
    # Whoever had begun it is gone by now, and its lease with it.
    store = await Store.open(url, lease=timedelta(milliseconds=1))
    await put(store, State.RUNNING, count)
    await store.close()


async def test_between_outcomes_and_deeds(url: str) -> None:
    """A process that dies with the outcomes of a batch written and their deeds not leaves neither; work goes on."""
    await prepare(url, 60)
    with child("die", url) as process:
        said = [await asyncio.to_thread(line, process) for _ in range(3)]
        assert await asyncio.to_thread(process.wait) == -signal.SIGKILL
    assert said == ["0", "20", ""]
    store = await Store.open(url)
    records = await store.proposals.records("p1")
    assert [record.outcome for record in records] == [Outcome.DELETED] * 40 + [Outcome.TODO] * 20
    assert sorted(on_record(await store.events.list("p1"))) == sorted(settled(records))
    assert await take(store) == 2
    await store.proposals.settle("p1", 2, deleted(*range(60)))
    deeds = on_record(await store.events.list("p1"))
    assert len(deeds) == len(set(deeds)) == 60
    await store.close()


async def test_at_any_moment(url: str) -> None:
    """A process killed while it settles as fast as it can: all that it said is there, each outcome with one deed."""
    await prepare(url, 2000)
    with child("settle", url) as process:
        for _ in range(7):
            said = int(await asyncio.to_thread(line, process))
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
    store = await Store.open(url)
    records = await store.proposals.records("p1")
    done = [record.outcome is Outcome.DELETED for record in records]
    assert all(done[: said + 20])
    assert sum(done) % 20 == 0
    deeds = on_record(await store.events.list("p1"))
    assert len(deeds) == len(set(deeds))
    assert set(deeds) == settled(records)
    await store.close()
