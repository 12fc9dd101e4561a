"""One contract for both engines: what was approved is run, once at a time for each registry, until it is over."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Deed, State
from bot.errors import FenceLostError, HeldBackError, StoreError
from bot.store import Store
from bot.store.database import SILENCE
from bot.work import EmbeddedEngine, Engine, Times, engine_for
from bot.work.replicated import ReplicatedEngine
from tests.store.make import NOW, event, put, take

QUICK = Times(
    lease=timedelta(seconds=10),
    heartbeat=0.5,
    stalled=15,
    look=0.2,
    poll=0.1,
    first_wait=0.05,
    longest_wait=0.2,
    held=0.1,
    last_wait=5,
)
PATIENCE = 60


@dataclass
class Works:
    """A job that can be held up, and remembers what it was called for. It carries proposals through to their end."""

    store: Store
    calls: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    most: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    breaks: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    gates: dict[str, asyncio.Event] = field(default_factory=dict)

    def hold(self, *ids: str) -> None:
        """Let these wait for their gate to be opened, or for the signal to stop."""
        self.gates |= {one: asyncio.Event() for one in ids}

    async def __call__(self, proposal_id: str, stop: asyncio.Event) -> None:
        proposal = await self.store.proposals.get(proposal_id)
        assert proposal is not None
        self.calls.append(proposal_id)
        self.busy.add(proposal_id)
        self.most[proposal.registry] = max(
            self.most[proposal.registry], len([one for one in self.busy if one.startswith(proposal.registry)])
        )
        try:
            if self.breaks[proposal_id]:
                raise self.breaks[proposal_id].pop(0)
            if gate := self.gates.get(proposal_id):
                waits = [asyncio.create_task(one.wait()) for one in (gate, stop)]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for one in waits:
                    one.cancel()
                if not gate.is_set():
                    return
            fence = await take(self.store, proposal_id)
            if fence is not None:
                end = event(Deed.FINISHED, proposal_id)
                await self.store.proposals.finish(proposal_id, fence, State.DONE, NOW, "", end)
        finally:
            self.busy.discard(proposal_id)


@dataclass
class Floor:
    """A database with its engines; each has a job of its own."""

    url: str
    exits: AsyncExitStack

    async def store(self, silence: timedelta = SILENCE) -> Store:
        store = await Store.open(self.url, lease=QUICK.lease, silence=silence)
        self.exits.push_async_callback(store.close)
        return store

    async def engine(self, store: Store, works: Works | None = None, times: Times = QUICK) -> Engine:
        engine = engine_for(store, registries=3, times=times)
        assert isinstance(engine, ReplicatedEngine if store.shared else EmbeddedEngine)
        self.exits.push_async_callback(engine.stop)
        if works is not None:
            await engine.start(works)
        return engine


@pytest.fixture
async def floor(url: str) -> AsyncIterator[Floor]:
    """Give a floor on each of the databases."""
    async with AsyncExitStack() as exits:
        yield Floor(url, exits)


async def approve(store: Store, engine: Engine, *ids: str) -> None:
    """Propose and approve, the registry being what the id says before its stroke."""
    for one in ids:
        registry = one.partition("-")[0]
        made = await put(store, State.OPEN, 1, id=one, registry=registry, target=one)

        async def also(connection: AsyncConnection, made: object = made) -> None:
            await engine.enqueue(connection, made)  # type: ignore[arg-type]  # a proposal, bound early

        assert await store.proposals.move(
            one, State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED, one), also=also
        )
        engine.wake(made)


async def until(condition: object) -> None:
    """Wait until something is so."""
    assert callable(condition)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.02)


async def over(store: Store, *ids: str) -> bool:
    """Whether all of these are carried out."""
    found = [await store.proposals.get(one) for one in ids]
    return all(one is not None and one.state is State.DONE for one in found)


async def test_what_is_approved_is_run(floor: Floor) -> None:
    """An approval is followed by a run, and the run by nothing more."""
    store = await floor.store()
    works = Works(store)
    engine = await floor.engine(store, works)
    await approve(store, engine, "a-1")
    await until(lambda: over(store, "a-1"))
    await asyncio.sleep(0.5)
    assert works.calls == ["a-1"]


async def test_an_approval_that_is_undone_runs_nothing(floor: Floor) -> None:
    """Where the transaction that approves fails, nothing was handed over, and the next is run."""
    store = await floor.store()
    works = Works(store)
    engine = await floor.engine(store, works)
    made = await put(store, State.OPEN, 1, id="a-1", registry="a")

    async def also(connection: AsyncConnection) -> None:
        await engine.enqueue(connection, made)
        await connection.execute(text("SELECT nonsense FROM nowhere"))

    with pytest.raises(StoreError):
        await store.proposals.move("a-1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED, "a-1"), also=also)
    await approve(store, engine, "a-2")
    await until(lambda: over(store, "a-2"))
    found = await store.proposals.get("a-1")
    assert found is not None
    assert found.state is State.OPEN
    assert works.calls == ["a-2"]


async def test_one_at_a_time_for_a_registry_and_registries_side_by_side(floor: Floor) -> None:
    """While one runs the next of its registry waits, in the order of approval; another registry does not."""
    store = await floor.store()
    works = Works(store)
    works.hold("a-1", "b-1")
    engine = await floor.engine(store, works)
    await approve(store, engine, "a-1", "a-2", "a-3", "b-1", "b-2")
    await until(lambda: works.busy == {"a-1", "b-1"})
    await asyncio.sleep(0.3)
    assert sorted(works.calls) == ["a-1", "b-1"]
    works.gates["b-1"].set()
    await until(lambda: over(store, "b-1", "b-2"))
    assert "a-2" not in works.calls
    works.gates["a-1"].set()
    await until(lambda: over(store, "a-1", "a-2", "a-3"))
    assert [one for one in works.calls if one.startswith("a")] == ["a-1", "a-2", "a-3"]
    assert works.most == {"a": 1, "b": 1}


async def test_what_was_left_is_picked_up_at_the_start(floor: Floor) -> None:
    """What was approved or begun, and what has no job at all, is run by the next to start."""
    store = await floor.store()
    await approve(store, await floor.engine(store), "a-1", "b-1")
    await put(store, State.APPROVED, 1, id="c-1", registry="c")
    await put(store, State.RUNNING, 1, id="d-1", registry="d")
    await store.proposals.release("d-1")
    works = Works(store)
    await floor.engine(store, works)
    await until(lambda: over(store, "a-1", "b-1", "c-1", "d-1"))
    assert sorted(works.calls) == ["a-1", "b-1", "c-1", "d-1"]


async def test_halt_and_stop(floor: Floor) -> None:
    """A running job is asked to stop and waited for, none is begun any more, and the next engine goes on."""
    store = await floor.store()
    works = Works(store)
    works.hold("a-1")
    engine = await floor.engine(store, works)
    await approve(store, engine, "a-1", "a-2")
    await until(lambda: works.busy == {"a-1"})
    engine.halt()
    await approve(store, engine, "b-1")
    await engine.stop()
    assert works.busy == set()
    assert works.calls == ["a-1"]
    works.gates.clear()
    await floor.engine(store, works)
    await until(lambda: over(store, "a-1", "a-2", "b-1"))
    assert works.calls[1:].index("a-1") < works.calls[1:].index("a-2")


async def test_a_job_that_does_not_stop_is_cut_off(floor: Floor) -> None:
    """A job that a silent registry holds up does not hold up the end for ever, and is run again."""
    store = await floor.store()
    works = Works(store)
    engine = engine_for(store, registries=1, times=Times(lease=QUICK.lease, poll=0.1, last_wait=0.2))
    begun = asyncio.Event()

    async def deaf(_: str, __: asyncio.Event) -> None:
        begun.set()
        await asyncio.Event().wait()

    await engine.start(deaf)
    await approve(store, engine, "a-1")
    await asyncio.wait_for(begun.wait(), PATIENCE)
    await asyncio.wait_for(engine.stop(), PATIENCE)
    await floor.engine(store, works)
    await until(lambda: over(store, "a-1"))


@pytest.mark.parametrize("broken", [StoreError("away"), RuntimeError("a fault"), FenceLostError("a-1")])
async def test_a_job_that_raises_is_run_again(floor: Floor, broken: Exception) -> None:
    """Whatever it raises, it is tried again until it is over; other registries are not held up by it."""
    store = await floor.store()
    works = Works(store)
    works.breaks["a-1"] = [broken] * 3
    engine = await floor.engine(store, works)
    await approve(store, engine, "a-1", "b-1")
    await until(lambda: over(store, "a-1", "b-1"))
    assert works.calls.count("a-1") == 4
    assert works.calls.count("b-1") == 1


async def test_a_job_that_is_held_back_is_run_again(floor: Floor) -> None:
    """It keeps its turn, so that what was approved after it waits as well; other registries are not held up by it."""
    store = await floor.store()
    works = Works(store)
    works.breaks["a-1"] = [HeldBackError("a-1")] * 3
    engine = await floor.engine(store, works)
    await approve(store, engine, "a-1", "a-2", "b-1")
    await until(lambda: over(store, "a-1", "a-2", "b-1"))
    assert [one for one in works.calls if one != "b-1"] == ["a-1"] * 4 + ["a-2"]
    assert works.calls.count("b-1") == 1


async def test_work_that_is_held_back_holds_up_no_end(floor: Floor) -> None:
    """An engine whose work has to wait can be stopped, and the next one goes on with it."""
    store = await floor.store()
    works = Works(store)
    works.breaks["a-1"] = [HeldBackError("a-1")] * 10_000
    engine = await floor.engine(store, works)
    await approve(store, engine, "a-1")
    await until(lambda: len(works.calls) > 1)
    await asyncio.wait_for(engine.stop(), PATIENCE)
    calls = len(works.calls)
    await asyncio.sleep(0.3)
    assert len(works.calls) == calls
    works.breaks.clear()
    await floor.engine(store, works)
    await until(lambda: over(store, "a-1"))
