"""A run: taken, settled, finished, and nothing of it by who lost the fence."""

import asyncio
import dataclasses

import psycopg
import pytest

from bot.domain.manifest import DOCKER_LIST, OCI_INDEX
from bot.domain.proposal import MOVES, Deed, Event, Outcome, Settled, State, tally
from bot.errors import FenceLostError
from bot.store import Store
from tests.store.make import HOUR, NOW, deleted, event, items, proposal, put, recorded, take


async def test_a_whole_life(store: Store) -> None:
    """A proposal goes from open to done, and each step is on record."""
    await put(store, State.APPROVED, 3)
    assert await take(store) == 1
    await store.proposals.settle("p1", 1, [*deleted(1), Settled(0, Outcome.SKIPPED, NOW, "tagged")])
    await store.proposals.settle("p1", 1, deleted(2))
    assert await store.proposals.finish("p1", 1, State.DONE, NOW + 3 * HOUR, "well", event(Deed.FINISHED))
    deeds = [one.deed for one in await store.events.list("p1")]
    assert deeds == [Deed.PROPOSED, Deed.APPROVED, Deed.STARTED, Deed.ITEM, Deed.ITEM, Deed.ITEM, Deed.FINISHED]
    assert await store.proposals.get("p1") == proposal(
        3,
        state=State.DONE,
        decided_by="U2",
        decided=NOW + HOUR,
        started=NOW + 2 * HOUR,
        finished=NOW + 3 * HOUR,
        note="well",
        fence=1,
    )


async def test_taking_again_resumes(store: Store) -> None:
    """Each time it is taken the fence goes up; the first start's time stays, and the deeds say which was which."""
    await put(store, State.APPROVED)
    events = (event(Deed.STARTED), event(Deed.RESUMED))
    assert [await store.proposals.take("p1", NOW + hours * HOUR, *events) for hours in (2, 3, 4)] == [1, 2, 3]
    found = await store.proposals.get("p1")
    assert found is not None
    assert (found.state, found.started, found.fence) == (State.RUNNING, NOW + 2 * HOUR, 3)
    assert [one.deed for one in await store.events.list("p1")][2:] == [Deed.STARTED, Deed.RESUMED, Deed.RESUMED]


@pytest.mark.parametrize("state", [state for state in State if state not in {State.APPROVED, State.RUNNING}])
async def test_what_is_not_approved_is_not_run(store: Store, state: State) -> None:
    """Nothing but an approved or running proposal can be taken; of the others nothing changes."""
    before = await put(store, state, 1)
    deeds = await store.events.list()
    assert await take(store) is None
    assert await store.proposals.get("p1") == before
    assert await store.events.list() == deeds
    assert await take(store, "nope") is None


@pytest.mark.parametrize("state", list(State))
async def test_only_what_is_under_way_is_stopped(store: Store, state: State) -> None:
    """What waits is over at once, what runs is to end, and of all else nothing changes, nor is there a deed."""
    before = await put(store, state, 1)
    deeds = await store.events.list()
    wish = event(Deed.STOPPED, actor="U3")
    became = await store.proposals.stop("p1", "U3", NOW + 2 * HOUR, wish)
    found = await store.proposals.get("p1")
    if state in {State.APPROVED, State.RUNNING}:
        assert became is (State.STOPPED if state is State.APPROVED else State.RUNNING)
        assert found == dataclasses.replace(
            before, state=became, stop_by="U3", stop_asked=NOW + 2 * HOUR, drawn=before.drawn + "*"
        )
        assert await store.events.list() == [
            *deeds,
            recorded(dataclasses.replace(wish, detail={"while": state.value}), before),
        ]
        assert await store.proposals.stop_is_wanted("p1")
        assert await store.proposals.stop("p1", "U4", NOW + 2 * HOUR, wish) is None
        assert await take(store) == (None if state is State.APPROVED else 2)
    else:
        assert became is None
        assert found == before
        assert await store.events.list() == deeds
        assert not await store.proposals.stop_is_wanted("p1")


async def test_of_eight_stops_one_is_written(store: Store) -> None:
    """Beside a worker that takes the run, eight people at once stop it once, and whoever settles next hears of it."""
    await put(store, State.APPROVED, 2)
    tries = [store.proposals.stop("p1", f"U{n}", NOW, event(Deed.STOPPED, actor=f"U{n}")) for n in range(8)]
    fence, became = await asyncio.gather(take(store), asyncio.gather(*tries))
    assert sum(one is not None for one in became) == 1
    assert [one.deed for one in await store.events.list("p1")].count(Deed.STOPPED) == 1
    if fence is not None:
        assert await store.proposals.settle("p1", fence, deleted(0)) is True


async def test_eight_workers_get_eight_fences(store: Store) -> None:
    """Workers that take it at once get a fence each, and one of them says that it started."""
    await put(store, State.APPROVED)
    fences = await asyncio.gather(*(take(store) for _ in range(8)))
    assert sorted(fence or 0 for fence in fences) == list(range(1, 9))
    assert [one.deed for one in await store.events.list("p1")].count(Deed.STARTED) == 1


async def test_an_outcome_is_a_deed(store: Store) -> None:
    """Each outcome is stored with its time and detail, and a deed says which digest of which repository it was."""
    made = await put(store, State.RUNNING, 2, channel="C7", team_id="T7", enterprise_id="E7", revision=3)
    settled = [Settled(1, Outcome.FAILED, NOW + 3 * HOUR, "500: no"), Settled(0, Outcome.GONE, NOW + 4 * HOUR)]
    await store.proposals.settle("p1", 1, settled, actor="U5")
    first, second = items(2)
    records = await store.proposals.records("p1")
    assert [(one.item, one.outcome, one.detail, one.at) for one in records] == [
        (first, Outcome.GONE, "", NOW + 4 * HOUR),
        (second, Outcome.FAILED, "500: no", NOW + 3 * HOUR),
    ]
    deeds = {one.at: one for one in await store.events.list("p1") if one.deed is Deed.ITEM}
    assert deeds[NOW + 3 * HOUR] == Event(
        at=NOW + 3 * HOUR,
        deed=Deed.ITEM,
        actor="U5",
        proposal="p1",
        team_id="T7",
        enterprise_id="E7",
        channel="C7",
        checksum=made.checksum,
        revision=3,
        detail={
            "repository": "team/app",
            "digest": second.digest,
            "tags": ["a", "b"],
            "outcome": "failed",
            "detail": "500: no",
        },
    )
    assert len(deeds) == 2


async def test_an_outcome_is_final(store: Store) -> None:
    """A second outcome for an item changes nothing and leaves no deed, in one call as in two."""
    await put(store, State.RUNNING, 2)
    await store.proposals.settle("p1", 1, deleted(0))
    await store.proposals.settle(
        "p1", 1, [Settled(0, Outcome.FAILED, NOW, "late"), *deleted(1), Settled(1, Outcome.GONE, NOW)]
    )
    await store.proposals.settle("p1", 1, deleted(0, 1))
    assert [one.outcome for one in await store.proposals.records("p1")] == [Outcome.DELETED] * 2
    assert [one.deed for one in await store.events.list("p1")].count(Deed.ITEM) == 2


async def test_who_lost_the_fence_writes_nothing(store: Store) -> None:
    """After another worker has taken the run, the first can neither settle nor finish; the second can."""
    await put(store, State.RUNNING, 3)
    assert await take(store) == 2
    deeds = await store.events.list()
    with pytest.raises(FenceLostError, match="p1"):
        await store.proposals.settle("p1", 1, deleted(0, 1))
    assert not await store.proposals.finish("p1", 1, State.DONE, NOW, "", event(Deed.FINISHED))
    assert (await store.proposals.tally("p1")).settled == 0
    assert await store.events.list() == deeds
    await store.proposals.settle("p1", 2, deleted(0))
    assert await store.proposals.finish("p1", 2, State.STOPPED, NOW, "", event(Deed.FINISHED))


@pytest.mark.parametrize("state", [state for state in State if state is not State.RUNNING])
async def test_only_a_run_settles(store: Store, state: State) -> None:
    """Outcomes are written while a proposal runs, not before and not after."""
    made = await put(store, state, 1)
    with pytest.raises(FenceLostError):
        await store.proposals.settle("p1", made.fence, deleted(0))
    assert not await store.proposals.finish("p1", made.fence, State.DONE, NOW, "", event(Deed.FINISHED))
    assert await store.proposals.get("p1") == made
    assert (await store.proposals.tally("p1")).settled == 0


async def test_settling_while_another_takes(store: Store) -> None:
    """Whatever the order in which a settle and a take arrive, an outcome is there with its deed or not at all."""
    count = 24
    await put(store, State.RUNNING, count)
    outcomes = await asyncio.gather(
        *(store.proposals.settle("p1", 1, deleted(number)) for number in range(count // 2)),
        take(store),
        *(store.proposals.settle("p1", 1, deleted(number)) for number in range(count // 2, count)),
        return_exceptions=True,
    )
    lost = sum(isinstance(one, FenceLostError) for one in outcomes)
    assert all(one is False or one == 2 or isinstance(one, FenceLostError) for one in outcomes)
    done = await store.proposals.tally("p1")
    assert done.settled == count - lost
    assert [one.deed for one in await store.events.list("p1")].count(Deed.ITEM) == done.settled


async def test_who_takes_waits_for_who_settles(postgres_url: str) -> None:
    """A run that is taken while its outcomes are being written is taken after them: nobody starts from less."""
    store = await Store.open(postgres_url)
    await put(store, State.RUNNING, 1)
    with psycopg.connect(postgres_url, autocommit=True) as admin, psycopg.connect(postgres_url) as foreign:

        async def waiting(count: int) -> None:
            query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
            while admin.execute(query).fetchone() != (count,):  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.01)

        # Keeps the settling worker in the middle of its transaction for as long as the test wants.
        foreign.execute("SELECT 1 FROM proposal_items FOR UPDATE")
        settling = asyncio.create_task(store.proposals.settle("p1", 1, deleted(0)))
        await asyncio.wait_for(waiting(1), 30)
        taking = asyncio.create_task(take(store))
        await asyncio.wait_for(waiting(2), 30)
        foreign.rollback()
        await settling
        assert await taking == 2
    assert [one.deed for one in await store.events.list("p1")][-2:] == [Deed.ITEM, Deed.RESUMED]
    await store.close()


async def test_nonsense_is_refused(store: Store) -> None:
    """An outcome that is none, an item that does not exist, an end that is none: an error, and nothing is written."""
    await put(store, State.RUNNING, 2)
    with pytest.raises(ValueError, match="item 1"):
        await store.proposals.settle("p1", 1, [*deleted(0), Settled(1, Outcome.TODO, NOW)])
    with pytest.raises(ValueError, match=r"no items \[2, 9\]"):
        await store.proposals.settle("p1", 1, deleted(0, 2, 9))
    for state in set(State) - MOVES[State.RUNNING]:
        with pytest.raises(ValueError, match="does not end"):
            await store.proposals.finish("p1", 1, state, NOW, "", event())
    assert (await store.proposals.tally("p1")).settled == 0
    await store.proposals.settle("p1", 1, [])


async def test_an_unstorable_detail_is_stored(store: Store) -> None:
    """What a broken registry answered, NUL bytes and half characters included, does not keep it off the record."""
    await put(store, State.RUNNING, 1)
    await store.proposals.settle("p1", 1, [Settled(0, Outcome.FAILED, NOW, "bad \x00 \udc80 \U0001f4a5 answer")])
    [record] = await store.proposals.records("p1", Outcome.FAILED)
    assert record.detail == "bad � � \U0001f4a5 answer"
    assert (await store.events.list("p1"))[-1].deed is Deed.ITEM


async def test_the_tally_is_that_of_the_records(store: Store) -> None:
    """Counting in the database gives what the domain counts: indexes add no bytes, only what was deleted counts."""
    mixed = [
        dataclasses.replace(item, size=10**item.position, media_type=kind)
        for item, kind in zip(
            items(8), [items(1)[0].media_type, OCI_INDEX, DOCKER_LIST, "application/odd"] * 2, strict=True
        )
    ]
    await store.proposals.create(proposal(8), mixed, event())
    await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED))
    await take(store)
    await store.proposals.settle(
        "p1", 1, [*deleted(0, 1, 2, 3), Settled(4, Outcome.GONE, NOW), Settled(5, Outcome.SKIPPED, NOW)]
    )
    counted = await store.proposals.tally("p1")
    assert counted == tally(await store.proposals.records("p1"))
    assert counted.deleted_bytes == 1001
    assert (await store.proposals.tally("nope")).total == 0
    assert [one.item.position for one in await store.proposals.records("p1", Outcome.TODO)] == [6, 7]


async def test_twenty_thousand_items(store: Store) -> None:
    """A proposal of 20,000 items is written, settled in hundreds and read back in the order of deletion."""
    count = 20_000
    await put(store, State.RUNNING, count)
    for start in range(0, count // 2, 100):
        await store.proposals.settle("p1", 1, deleted(*range(start, start + 100)))
    await store.proposals.settle("p1", 1, deleted(*range(count // 2, count)))
    done = await store.proposals.tally("p1")
    assert (done[Outcome.DELETED], done.deleted_bytes) == (count, 1000 * count)
    assert [one.item for one in await store.proposals.records("p1")] == items(count)
    assert sum(one.deed is Deed.ITEM for one in await store.events.list("p1")) == count
