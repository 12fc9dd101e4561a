"""Reminders are begun once, whoever asks, and end as what became of them."""

import asyncio

from bot.domain.proposal import State
from bot.store import Store
from tests.store.make import HOUR, put


async def test_of_many_one_begins(store: Store) -> None:
    """However many replicas come at once, one is to post the reminder."""
    made = await put(store, State.OPEN, card_ts="1.2")
    assert made.half_way == made.created + 36 * HOUR
    assert [one.id for one in await store.reminders.owed()] == [made.id]
    assert sorted(await asyncio.gather(*(store.reminders.begin(made.id) for _ in range(8)))) == [False] * 7 + [True]
    assert [one.id for one in await store.reminders.owed()] == [made.id], "a crash may have come in between"
    assert not await store.reminders.over(made.id)
    assert sorted(await asyncio.gather(*(store.reminders.end(made.id, "1.3") for _ in range(8)))) == [False] * 7 + [
        True
    ]
    assert await store.reminders.owed() == []
    assert await store.reminders.outcome(made.id) == "1.3"
    assert await store.reminders.over(made.id)


async def test_what_is_decided_or_was_never_shown_is_owed_none(store: Store) -> None:
    """Nobody is reminded of what is settled, nor of a card that is not there."""
    await put(store, State.REJECTED, id="rejected", card_ts="1.2")
    await put(store, State.APPROVED, id="approved", card_ts="1.2")
    await put(store, State.OPEN, id="hidden")
    assert await store.reminders.owed() == []
    assert not await store.reminders.end("hidden", "1.3"), "nothing was begun"
