"""Revisions in the database: one list takes the place of a longer one, and of all at once one gets it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.choose import Cause, Chosen, Off
from bot.domain.freed import Freed
from bot.domain.plan import checksum_of
from bot.domain.proposal import Deed, Event, Proposal, State
from bot.domain.revision import PART, Revision, deeds
from bot.domain.rule import Rule
from bot.domain.workspace import Workspace
from bot.store import Store
from tests.store.make import HOUR, NOW, items, put
from tests.store.test_votes import booth


def shorter(was: Proposal, count: int) -> Proposal:
    """Give the next revision of a proposal, of so many items."""
    return replace(
        was,
        revision=was.revision + 1,
        checksum=checksum_of("reg", (item.fingerprint for item in items(count))),
        rule=Rule(keep_newest=3),
        item_count=count,
        upper_bytes=1000 * count,
        measured=None,
    )


async def revise(store: Store, was: Proposal, count: int, *, by: str = "U9", at: timedelta = HOUR) -> bool:
    """Take all but the first so many items off."""
    new = shorter(was, count)
    gone = tuple(Off(item, Cause.HAND, "taken off") for item in items(was.item_count)[count:])
    chosen = Chosen(tuple(items(count)), gone)

    def events(void: Sequence[str]) -> list[Event]:
        made = Revision(new.revision, by, NOW + at, chosen.counts, tuple(void))
        return deeds(made, was, new, chosen, workspace=Workspace("T1"), channel="C1")

    return await store.revisions.make(was, new, chosen.items, events, at=NOW + at)


async def test_a_shorter_list_takes_the_place_of_the_longer_one(store: Store) -> None:
    """With its rule and its figures; what was measured of the old list is forgotten, and the time stays."""
    was = await put(store, State.OPEN, 5)
    await store.proposals.measured("p1", Freed(1, 2))
    assert await revise(store, was, 3)
    now = await store.proposals.get("p1")
    assert now == replace(shorter(was, 3), drawn="revised 2")
    assert now.lacks_list
    assert [record.item for record in await store.proposals.records("p1")] == items(3)
    assert (await store.audit.verify()).findings == ()


async def test_the_record_names_each_item_in_as_many_rows_as_it_takes(store: Store) -> None:
    """All rows bear the revision that was changed; the first has the summary that the card shows."""
    was = await put(store, State.OPEN, 2 * PART + 12)
    assert await revise(store, was, 10)
    rows = [one for one in await store.events.list("p1") if one.deed is Deed.REVISED]
    assert len(rows) == 3
    assert {(one.revision, one.checksum, one.enterprise_id) for one in rows} == {(1, was.checksum, "")}
    named = [each["digest"] for one in rows for each in (one.detail or {})["taken_off"]]  # type: ignore[attr-defined]
    assert named == [item.digest for item in items(2 * PART + 12)[10:]]
    now = await store.proposals.get("p1")
    assert now is not None
    assert await store.revisions.latest(now) == Revision(2, "U9", NOW + HOUR, {Cause.HAND: 2 * PART + 2})
    assert await store.revisions.latest(was) is None


async def test_votes_are_for_one_revision(store: Store) -> None:
    """Those so far are told to whoever revises, and count no more; a vote for the old list is refused."""
    at = await booth(store)
    await at.cast("U2")
    was = await store.proposals.get("p1")
    assert was is not None
    assert await revise(store, was, 1)
    now = await store.proposals.get("p1")
    assert now is not None
    made = await store.revisions.latest(now)
    assert made is not None
    assert made.void == ("U2",)
    assert await store.votes.of("p1", 2) == []
    assert (await at.cast("U3")).name == "CLOSED"
    assert (await at.cast("U3", revision=2, checksum=now.checksum)).name == "COUNTED"
    assert [vote.user for vote in await store.votes.of("p1", 1)] == ["U2"]


async def test_of_any_number_at_once_one_gets_it(store: Store) -> None:
    """Choices, and the approval that would be enough, on one revision: the first to write wins, the others nothing."""
    at = await booth(store, required=1)
    was = await store.proposals.get("p1")
    assert was is not None
    results = await asyncio.gather(*(revise(store, was, 1, by=f"U{n}") for n in range(4)), at.cast("U2"))
    won = [one for one in results[:4] if one]
    approved = getattr(results[4], "name", "") == "APPROVED"
    assert len(won) + approved == 1
    rows = [one.deed for one in await store.events.list("p1") if one.deed in {Deed.REVISED, Deed.APPROVED}]
    assert len(rows) == 1
    now = await store.proposals.get("p1")
    assert now is not None
    assert now.revision == (1 if approved else 2)
    assert len(await store.proposals.records("p1")) == now.item_count


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
async def test_what_is_not_open_is_not_revised(store: Store, state: State) -> None:
    """Whatever became of it, its list stays as it was."""
    was = await put(store, state, 3)
    assert not await revise(store, was, 1)
    assert await store.proposals.get("p1") == was
    assert len(await store.proposals.records("p1")) == 3


@pytest.mark.parametrize("changes", [{"revision": 2}, {"checksum": "0" * 32}, {"team_id": "T2"}, {"id": "p2"}])
async def test_what_was_not_meant_is_not_revised(store: Store, changes: dict[str, object]) -> None:
    """Another revision, another list, another workspace or another proposal."""
    was = await put(store, State.OPEN, 3)
    assert not await revise(store, replace(was, **changes), 1)  # type: ignore[arg-type]
    assert await store.proposals.get("p1") == was


async def test_what_has_expired_is_not_revised(store: Store) -> None:
    """The last moment counts as too late."""
    was = await put(store, State.OPEN, 3)
    assert not await revise(store, was, 1, at=72 * HOUR)
    assert await revise(store, was, 1, at=71 * HOUR)


async def test_what_was_measured_of_an_old_list_is_not_taken_for_the_new_one(store: Store) -> None:
    """A measurement that was under way meanwhile is dropped."""
    was = await put(store, State.OPEN, 3)
    assert await revise(store, was, 1)
    await store.proposals.measured("p1", Freed(9, 9), revision=1)
    now = await store.proposals.get("p1")
    assert now is not None
    assert now.measured is None
    assert [one.id for one in await store.proposals.unsurveyed(NOW)] == ["p1"]
    await store.proposals.measured("p1", Freed(1, 2), revision=2)
    now = await store.proposals.get("p1")
    assert now is not None
    assert now.measured == Freed(1, 2)


@pytest.mark.parametrize("was", ["open", "open*", "revised 1"])
async def test_a_card_that_was_being_drawn_still_lacks_the_new_list(store: Store, was: str) -> None:
    """That a drawing of the old list ends later does not make it forgotten."""
    proposal = await put(store, State.OPEN, 3)
    await store.proposals.drawn("p1", State.OPEN, proposal.drawn)
    assert await revise(store, proposal, 2)
    await store.proposals.drawn("p1", State.OPEN, was)
    now = await store.proposals.get("p1")
    assert now is not None
    assert now.drawn == "revised 2"
    assert now.lacks_list
    await store.proposals.drawn("p1", State.OPEN, now.drawn)
    now = await store.proposals.get("p1")
    assert now is not None
    assert now.drawn == "open"
    assert not now.lacks_list
