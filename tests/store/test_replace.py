"""One proposal in the place of another: both or neither, and once."""

import asyncio
from dataclasses import replace

from bot.domain.proposal import Deed, Proposal, State
from bot.store import Store
from tests.store.make import NOW, event, items, proposal, put


def newer(number: int, older: Proposal) -> Proposal:
    """Make a proposal of another list to take the place of one."""
    changed = replace(proposal(3), id=f"n{number}", checksum=f"c{number}", replaces=older.id, created=NOW)
    return replace(changed, requester="U2")


async def supersede(store: Store, older: Proposal, made: Proposal) -> Proposal | None:
    """Try it, with the deeds of both."""
    events = [replace(event(about=older.id), deed=Deed.WITHDRAWN), event(about=made.id)]
    return await store.proposals.replace(older, made, items(3), events, "replaced")


async def test_of_eight_at_once_one_takes_its_place(url: str) -> None:
    """Over three processes on PostgreSQL, and in one on SQLite: one newer proposal, and the older one has one end."""
    stores = [await Store.open(url) for _ in range(3 if url.startswith("postgresql") else 1)]
    older = await put(stores[0], State.OPEN, 2)
    said = await asyncio.gather(
        *(supersede(stores[number % len(stores)], older, newer(number, older)) for number in range(8))
    )
    assert said.count(None) == 1
    found = await stores[0].proposals.get(older.id)
    assert found is not None
    assert (found.state, found.decided_by, found.note) == (State.WITHDRAWN, "U2", "replaced")
    written = await stores[0].proposals.get(found.replaced_by)
    assert written is not None
    assert (written.state, written.replaces) == (State.OPEN, older.id)
    assert len(await stores[0].proposals.records(written.id)) == 3
    deeds = [one.deed for one in await stores[0].events.list(older.id)]
    assert deeds.count(Deed.WITHDRAWN) == 1
    for store in stores:
        await store.close()


async def test_what_is_not_open_as_it_was_is_not_replaced(store: Store) -> None:
    """Another list, another revision, or a decision meanwhile: nothing is written."""
    older = await put(store, State.OPEN, 2)
    for stale in (replace(older, checksum="other"), replace(older, revision=2)):
        assert await supersede(store, stale, newer(1, older)) == stale
    assert await store.proposals.get("n1") is None
    moved = replace(event(about=older.id), deed=Deed.REJECTED)
    assert await store.proposals.move(older.id, State.REJECTED, by="U3", at=NOW, event=moved)
    assert await supersede(store, older, newer(1, older)) == older
    assert await store.proposals.get("n1") is None
    assert (await store.proposals.get(older.id)) is not None


async def test_what_has_expired_is_not_replaced(url: str) -> None:
    """Its time was over before the newer one was made: it is left to expire, and nothing is written."""
    store = await Store.open(url)
    older = await put(store, State.OPEN, 2)
    late = replace(newer(1, older), created=older.expires)
    assert await supersede(store, older, late) == older
    found = await store.proposals.get(older.id)
    assert found is not None
    assert found.state is State.OPEN
    assert await store.proposals.get(late.id) is None
    await store.close()
