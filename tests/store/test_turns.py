"""Turns of schedules: each is taken by one, and taken over from who died."""

import asyncio
from datetime import date, timedelta

import pytest

from bot.domain.turn import Turn
from bot.store import Store
from tests.store.make import NOW

LEASE = timedelta(minutes=5)
SLOT = "2026-11-02"


async def take(store: Store, holder: str, *, after: timedelta = timedelta()) -> int | None:
    """Take the turn of the one slot, some time after the others."""
    return await store.turns.take("team:a", SLOT, holder=holder, now=NOW + after, until=NOW + after + LEASE)


async def test_of_many_takers_one_gets_the_turn(store: Store) -> None:
    """Twelve at once: one takes it, for the first time, and eleven are told that it is held."""
    taken = await asyncio.gather(*(take(store, f"h{number}") for number in range(12)))
    assert sorted(taken, key=str) == [1, *[None] * 11]


async def test_a_turn_that_is_over_is_never_taken_again(store: Store) -> None:
    """However much later: what was posted is posted."""
    assert await take(store, "a") == 1
    assert await store.turns.end("team:a", SLOT, Turn.POSTED, holder="a", channel="C1", ts="1.2")
    assert await take(store, "b", after=LEASE * 100) is None
    [record] = await store.turns.of("team:a")
    assert (record.state, record.tries, record.channel, record.ts) == (Turn.POSTED, 1, "C1", "1.2")


async def test_a_turn_is_taken_over_once_its_lease_is_over(store: Store) -> None:
    """Not a moment before; and who takes it is told that somebody else may have posted already."""
    assert await take(store, "a") == 1
    assert await take(store, "b", after=LEASE - timedelta(microseconds=1)) is None
    assert await take(store, "b", after=LEASE) == 2
    assert not await store.turns.renew("team:a", SLOT, holder="a", until=NOW + LEASE * 9)
    assert not await store.turns.end("team:a", SLOT, Turn.POSTED, holder="a")
    assert await store.turns.end("team:a", SLOT, Turn.POSTED, holder="b")


async def test_a_lease_can_be_renewed(store: Store) -> None:
    """Whoever still works on it keeps it."""
    assert await take(store, "a") == 1
    assert await store.turns.renew("team:a", SLOT, holder="a", until=NOW + LEASE * 3)
    assert await take(store, "b", after=LEASE * 2) is None


async def test_each_slot_of_each_schedule_is_a_turn_of_its_own(store: Store) -> None:
    """Turns of other weeks and other teams are free, and are listed the latest first."""
    for schedule, slot in (("team:a", "2026-11-02"), ("team:a", "2026-11-09"), ("team:b", "2026-11-02")):
        assert await store.turns.take(schedule, slot, holder="h", now=NOW, until=NOW + LEASE) == 1
    assert [record.slot for record in await store.turns.of("team:a")] == ["2026-11-09", "2026-11-02"]
    assert await store.turns.of("team:c") == []


async def test_taken_is_no_end(store: Store) -> None:
    """A turn ends as something that happened."""
    with pytest.raises(ValueError, match="not an end"):
        await store.turns.end("team:a", SLOT, Turn.TAKEN, holder="a")


async def test_a_turn_that_is_noted_is_nobody_s(store: Store) -> None:
    """It is over from the start; one that is there already stays as it is."""
    await store.turns.note("team:a", SLOT, Turn.BEFORE, holder="a", now=NOW)
    assert await take(store, "b", after=LEASE * 2) is None
    await store.turns.note("team:a", SLOT, Turn.POSTED, holder="c", now=NOW)
    assert [record.state for record in await store.turns.of("team:a")] == [Turn.BEFORE]


async def test_turns_from_a_day_on_come_again(store: Store) -> None:
    """For a schedule that has another time now; earlier ones and those of others stay over."""
    for schedule, slot in (("team:a", "2026-11-02"), ("team:a", "2026-11-09"), ("team:b", "2026-11-09")):
        await store.turns.note(schedule, slot, Turn.POSTED, holder="h", now=NOW)
    await store.turns.reopen("team:a", date(2026, 11, 9))
    assert [record.slot for record in await store.turns.of("team:a")] == ["2026-11-02"]
    assert [record.slot for record in await store.turns.of("team:b")] == ["2026-11-09"]


async def test_old_turns_are_forgotten(store: Store) -> None:
    """Those of slots before a day, whosever they are."""
    for schedule, slot in (("team:a", "2026-05-04"), ("team:b", "2026-05-11"), ("team:a", "2026-11-02")):
        await store.turns.note(schedule, slot, Turn.POSTED, holder="h", now=NOW)
    assert await store.turns.forget(date(2026, 5, 11)) == 1
    assert [record.slot for record in await store.turns.of("team:a")] == ["2026-11-02"]
    assert [record.slot for record in await store.turns.of("team:b")] == ["2026-05-11"]
