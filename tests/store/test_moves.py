"""Deciding: one conditional UPDATE, with its deed beside it."""

import asyncio
import dataclasses

import psycopg
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import MOVES, Deed, Proposal, State
from bot.errors import ConflictError, StoreError
from bot.store import Store
from bot.store.events import row_of
from bot.store.tables import EVENTS
from tests.store.make import HOUR, NOW, event, items, proposal, put, recorded


def ids(found: list[Proposal]) -> list[str]:
    """Name them, in their order."""
    return [one.id for one in found]


DECISIONS = sorted(MOVES[State.OPEN])


@pytest.mark.parametrize("to", DECISIONS)
async def test_an_open_proposal_is_settled(store: Store, to: State) -> None:
    """Each decision writes the state, who, when, the note and the deed, and leaves all else as it was."""
    before = await put(store, State.OPEN, 2)
    deed = event(Deed(to), actor="U2")
    assert await store.proposals.move("p1", to, by="U2", at=NOW + HOUR, note="so be it", event=deed)
    assert await store.proposals.get("p1") == dataclasses.replace(
        before, state=to, decided_by="U2", decided=NOW + HOUR, note="so be it"
    )
    assert (await store.events.list("p1"))[-1] == recorded(deed, before)


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
async def test_a_settled_proposal_stays(store: Store, state: State) -> None:
    """From any state but open no decision changes anything, nor leaves a deed."""
    before = await put(store, state, 1)
    deeds = await store.events.list()
    for to in DECISIONS:
        assert not await store.proposals.move("p1", to, by="U3", at=NOW + HOUR, event=event(Deed(to)))
    assert await store.proposals.get("p1") == before
    assert await store.events.list() == deeds


@pytest.mark.parametrize("state", list(State))
async def test_only_a_run_that_is_over_is_repeated(store: Store, state: State) -> None:
    """Of eight at once one gets its proposal, with the deeds, and only where a run has ended."""
    before = await put(store, state, 2)
    deeds = await store.events.list()
    found: list[AsyncConnection] = []

    async def also(connection: AsyncConnection) -> None:
        found.append(connection)

    async def repeat(number: int) -> bool:
        made = proposal(1, id=f"r{number}", retry_of="p1", state=State.APPROVED, decided_by="U9", decided=NOW)
        deed = event(Deed.RETRIED, about=made.id)
        return await store.proposals.repeat(made, items(1), f"U{number}", NOW + 4 * HOUR, [deed], also)

    won = await asyncio.gather(*(repeat(number) for number in range(8)))
    ended = state in MOVES[State.RUNNING]
    assert won.count(True) == len(found) == int(ended)
    if not ended:
        assert await store.proposals.get("p1") == before
        assert await store.events.list() == deeds
        assert ids(await store.proposals.without_card(NOW)) == (["p1"] if state is State.OPEN else [])
        return
    winner = won.index(True)
    assert await store.proposals.get("p1") == dataclasses.replace(
        before, retried_by=f"U{winner}", retried=NOW + 4 * HOUR, drawn="*"
    )
    assert [one.proposal for one in (await store.events.list())[len(deeds) :]] == [f"r{winner}"]
    assert ids(await store.proposals.unfinished()) == [f"r{winner}"]
    assert ids(await store.proposals.without_card(NOW)) == [f"r{winner}"]
    assert len(await store.proposals.records(f"r{winner}")) == 1


async def test_what_was_stopped_before_it_began_is_not_repeated(store: Store) -> None:
    """Nothing of it can have failed."""
    await put(store, State.APPROVED, 1)
    assert await store.proposals.stop("p1", "U2", NOW, event(Deed.STOPPED)) is State.STOPPED

    async def also(_: AsyncConnection) -> None:
        raise AssertionError

    made = proposal(1, id="r1", retry_of="p1", state=State.APPROVED)
    assert not await store.proposals.repeat(made, items(1), "U2", NOW, [], also)
    assert await store.proposals.get("r1") is None


@pytest.mark.parametrize("to", sorted(set(State) - MOVES[State.OPEN]))
async def test_a_run_is_no_decision(store: Store, to: State) -> None:
    """What belongs to a run can't be reached by a decision, from whatever state."""
    await put(store, State.RUNNING)
    with pytest.raises(ValueError, match="not a decision"):
        await store.proposals.move("p1", to, by="U2", at=NOW, event=event())


async def test_of_eight_at_once_one_wins(store: Store) -> None:
    """Eight clicks at once, of different kinds: one is told that it won, and one deed is on record."""
    await put(store, State.OPEN, 1)
    tries = [(DECISIONS[number % len(DECISIONS)], f"U{number}") for number in range(8)]
    won = await asyncio.gather(
        *(store.proposals.move("p1", to, by=by, at=NOW, event=event(Deed(to), actor=by)) for to, by in tries)
    )
    assert won.count(True) == 1
    winner, by = tries[won.index(True)]
    found = await store.proposals.get("p1")
    assert found is not None
    assert (found.state, found.decided_by) == (winner, by)
    assert [(one.deed, one.actor) for one in await store.events.list("p1")][1:] == [(Deed(winner), by)]


async def test_of_eight_one_wins_on_a_strict_server(postgres_url: str) -> None:
    """A server whose default is to fail what collides changes nothing: seven are told no, and none gets an error."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'".encode())
    store = await Store.open(postgres_url)
    await put(store, State.OPEN)
    won = await asyncio.gather(
        *(
            store.proposals.move("p1", State.REJECTED, by=f"U{number}", at=NOW, event=event(Deed.REJECTED))
            for number in range(8)
        )
    )
    assert won.count(True) == 1
    await store.close()


@pytest.mark.parametrize(("late", "approved"), [(-1, True), (0, False), (1, False)])
async def test_an_expired_proposal_is_not_approved(store: Store, late: int, approved: bool) -> None:
    """Approval needs the time of expiry to lie ahead, to the microsecond, even where nobody has marked it expired."""
    made = await put(store, State.OPEN)
    at = made.expires + late * (HOUR / 3_600_000_000)
    assert await store.proposals.move("p1", State.APPROVED, by="U2", at=at, event=event(Deed.APPROVED)) is approved


async def test_an_expired_proposal_can_be_closed(store: Store) -> None:
    """All but approval still works after the time of expiry."""
    made = await put(store, State.OPEN)
    assert await store.proposals.move("p1", State.EXPIRED, by="app", at=made.expires, event=event(Deed.EXPIRED))


async def test_only_what_was_shown_is_approved(store: Store) -> None:
    """Another checksum or revision than the proposal's changes nothing; the right ones do."""
    made = await put(store, State.OPEN, 2)

    async def approve(checksum: str | None, revision: int | None) -> bool:
        return await store.proposals.move(
            "p1",
            State.APPROVED,
            by="U2",
            at=NOW,
            event=event(Deed.APPROVED),
            checksum=checksum,
            revision=revision,
        )

    assert not await approve("0" * 32, 1)
    assert not await approve("", 1)
    assert not await approve(made.checksum, 2)
    assert not await approve(made.checksum, 0)
    assert len(await store.events.list("p1")) == 1
    assert await approve(made.checksum, 1)


async def test_no_such_proposal(store: Store) -> None:
    """A move of what does not exist is told apart from success and leaves no deed."""
    assert not await store.proposals.move("nope", State.REJECTED, by="U2", at=NOW, event=event(about="nope"))
    assert await store.events.list() == []
    assert await store.proposals.get("nope") is None
    assert await store.proposals.get("p\x00\ud800' OR 1=1 --") is None


async def test_also_is_part_of_the_move(store: Store) -> None:
    """What `also` writes is there with the move."""
    await put(store, State.OPEN)

    async def also(connection: AsyncConnection) -> None:
        await connection.execute(insert(EVENTS), [row_of(event(Deed.STARTED))])

    assert await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED), also=also)
    assert [one.deed for one in await store.events.list("p1")] == [Deed.PROPOSED, Deed.APPROVED, Deed.STARTED]


async def test_a_failing_also_undoes_the_move(store: Store) -> None:
    """Where the work can't be handed over, the proposal is still open and no deed is left."""
    before = await put(store, State.OPEN)

    async def also(connection: AsyncConnection) -> None:
        await connection.execute(insert(EVENTS), [row_of(event(Deed.STARTED))])
        raise ConflictError("the engine says no")

    with pytest.raises(ConflictError, match="the engine says no"):
        await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED), also=also)
    assert await store.proposals.get("p1") == before
    assert len(await store.events.list("p1")) == 1


async def test_also_is_not_asked_by_the_loser(store: Store) -> None:
    """Work is handed over by the click that won and by no other."""
    await put(store, State.REJECTED)
    asked: list[AsyncConnection] = []

    async def also(connection: AsyncConnection) -> None:
        asked.append(connection)

    assert not await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(), also=also)
    assert asked == []


async def test_an_id_is_used_once(store: Store) -> None:
    """A second proposal of the same id is refused whole: no items, no deed."""
    await store.proposals.create(proposal(1), items(1), event())
    with pytest.raises(StoreError):
        await store.proposals.create(proposal(2), items(2), event())
    assert len(await store.proposals.records("p1")) == 1
    assert len(await store.events.list()) == 1


async def test_items_and_proposal_are_written_together(store: Store) -> None:
    """An item that can't be written leaves no proposal behind."""
    twice = [*items(2), items(1)[0]]
    with pytest.raises(StoreError):
        await store.proposals.create(proposal(3), twice, event())
    assert await store.proposals.get("p1") is None
    assert await store.events.list() == []


async def test_a_card_is_attached(store: Store) -> None:
    """The card's place is remembered, also after the decision; a card of nothing is an error."""
    for state in (State.OPEN, State.RUNNING):
        made = await put(store, state, id=state.value)
        await store.proposals.attach_card(made.id, "C9", "1700000000.000100")
        assert await store.proposals.get(made.id) == dataclasses.replace(
            made, channel="C9", card_ts="1700000000.000100"
        )
    with pytest.raises(StoreError, match="no proposal nope"):
        await store.proposals.attach_card("nope", "C9", "1")


async def test_a_cancelled_write_leaves_nothing(store: Store) -> None:
    """A task that is cancelled in the middle of a transaction takes it back, and the next write goes through."""
    await put(store, State.OPEN)
    inside = asyncio.Event()

    async def also(_connection: AsyncConnection) -> None:
        inside.set()
        await asyncio.Event().wait()

    moving = asyncio.create_task(
        store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED), also=also)
    )
    await inside.wait()
    moving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await moving
    assert await store.proposals.move("p1", State.REJECTED, by="U3", at=NOW, event=event(Deed.REJECTED))
    assert [one.deed for one in await store.events.list()] == [Deed.PROPOSED, Deed.REJECTED]
