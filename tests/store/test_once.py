"""The same thing is proposed once, wherever and however often it is asked for at the same time."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.proposal import Proposal, State
from bot.domain.workspace import Workspace
from bot.store import Store
from tests.store.make import event, items, proposal, put


async def propose(store: Store, **changes: Any) -> Proposal | None:
    """Propose as people do, and give what stood in the way."""
    made = proposal(2, **changes)
    return await store.proposals.create(made, items(2), event(about=made.id), once=True)


async def test_of_eight_at_once_one_is_written(url: str) -> None:
    """Over three processes on PostgreSQL, and in one on SQLite; the seven others are told of it."""
    stores = [await Store.open(url) for _ in range(3 if url.startswith("postgresql") else 1)]
    said = await asyncio.gather(*(propose(stores[number % len(stores)], id=f"p{number}") for number in range(8)))
    assert said.count(None) == 1
    (written,) = await stores[0].proposals.waiting(Workspace("T1"))
    assert {one.id for one in said if one is not None} == {written.id}
    for store in stores:
        await store.close()


@pytest.mark.parametrize("state", list(State))
async def test_what_stands_in_the_way(store: Store, state: State) -> None:
    """Another list waits for no other; what is approved or runs is waited for; what is over is in nobody's way."""
    await put(store, state, 2)
    same = await propose(store, id="p2")
    assert (same is not None) is (not state.final)
    differs = await propose(store, id="p3", checksum="another")
    assert (differs is not None) is (state in {State.APPROVED, State.RUNNING})


@pytest.mark.parametrize("other", [{"team_id": "T2"}, {"registry": "other"}, {"target": "team/*"}])
async def test_elsewhere_is_another_matter(store: Store, other: dict[str, str]) -> None:
    """Another workspace, registry or target has its own."""
    await put(store, State.RUNNING, 2)
    assert await propose(store, id="p2", **other) is None
    found = await store.proposals.get("p2")
    assert found == replace(proposal(2), id="p2", **other)  # type: ignore[arg-type]  # names of its fields
