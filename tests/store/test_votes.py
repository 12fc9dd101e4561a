import asyncio
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Deed, State
from bot.domain.vote import Vote
from bot.store import Store
from bot.store.votes import Cast, Deeds, Standing
from tests.store.make import HOUR, NOW, event, put

DEEDS = Deeds(
    counted=lambda covers: event(Deed.VOTED, detail={"votes": sorted(covers)}),
    approved=lambda covers: event(Deed.APPROVED, detail={"votes": sorted(covers)}),
)


def at_least(count: int) -> Callable[[Standing], bool]:
    """Make the rule that takes so many."""
    return lambda covers: len(covers) >= count


class Booth:
    """Casts votes as the use case does, on a proposal of which it knows the checksum."""

    def __init__(self, store: Store, checksum: str, required: int = 2) -> None:
        self.store = store
        self.checksum = checksum
        self.required = required
        self.handed: list[str] = []
        self.out: set[str] = set()

    async def cast(self, user: str, *, revision: int = 1, checksum: str = "", at: timedelta = HOUR) -> Cast:
        """Cast one vote, looking others up until nobody unknown has voted."""
        standing: dict[str, tuple[str, ...]] = {user: ("",)}

        async def also(_: AsyncConnection) -> None:
            self.handed.append(user)

        while True:
            vote = Vote("p1", revision, user, NOW + at, "T1", covers=("",))
            cast = await self.store.votes.cast(
                vote, checksum or self.checksum, standing, at_least(self.required), DEEDS, also
            )
            if cast is not Cast.STRANGERS:
                return cast
            for one in await self.store.votes.of("p1", revision):
                standing.setdefault(one.user, () if one.user in self.out else ("",))


async def booth(store: Store, required: int = 2) -> Booth:
    """Put an open proposal up."""
    return Booth(store, (await put(store, State.OPEN, 1)).checksum, required)


async def test_the_vote_that_makes_enough_approves(store: Store) -> None:
    """The first of two is counted, the second approves and hands over; both are on record."""
    at = await booth(store)
    assert await at.cast("U2") is Cast.COUNTED
    found = await store.proposals.get("p1")
    assert found is not None
    assert (found.state, found.drawn) == (State.OPEN, "*")
    assert at.handed == []
    assert await at.cast("U3") is Cast.APPROVED
    found = await store.proposals.get("p1")
    assert found is not None
    assert (found.state, found.decided_by, found.decided) == (State.APPROVED, "U3", NOW + HOUR)
    assert at.handed == ["U3"]
    deeds = [(one.deed, one.detail) for one in (await store.events.list("p1"))[1:]]
    assert deeds == [(Deed.VOTED, {"votes": ["U2"]}), (Deed.APPROVED, {"votes": ["U2", "U3"]})]
    assert [vote.user for vote in await store.votes.of("p1", 1)] == ["U2", "U3"]


async def test_eight_at_once_are_one_approval_by_two(store: Store) -> None:
    """Of eight people at once two are counted and one of them approves; six are told that it is closed."""
    at = await booth(store)
    casts = await asyncio.gather(*(at.cast(f"U{number}") for number in range(8)))
    assert casts.count(Cast.APPROVED) == casts.count(Cast.COUNTED) == 1
    assert casts.count(Cast.CLOSED) == 6
    assert len(at.handed) == 1
    assert len(await store.votes.of("p1", 1)) == 2
    assert [one.deed for one in await store.events.list("p1")][1:] == [Deed.VOTED, Deed.APPROVED]


async def test_one_person_counts_once(store: Store) -> None:
    """Eight clicks of one person at once are one vote, and not enough for two."""
    at = await booth(store)
    casts = await asyncio.gather(*(at.cast("U2") for _ in range(8)))
    assert casts.count(Cast.COUNTED) == 1
    assert casts.count(Cast.TWICE) == 7
    assert [vote.user for vote in await store.votes.of("p1", 1)] == ["U2"]
    assert at.handed == []


async def test_who_lost_the_right_does_not_count(store: Store) -> None:
    """The vote of somebody who may no longer approve stays on record and counts for nothing, until they may again."""
    at = await booth(store)
    await at.cast("U2")
    at.out = {"U2"}
    assert await at.cast("U3") is Cast.COUNTED
    assert {vote.user: vote.covers for vote in await store.votes.of("p1", 1)} == {"U2": (), "U3": ("",)}
    at.out = set()
    assert await at.cast("U3") is Cast.APPROVED


async def test_a_vote_is_for_what_was_shown(store: Store) -> None:
    """Another revision, another list, another workspace or a time too late: nothing is written."""
    at = await booth(store, 1)
    assert await at.cast("U2", revision=2) is Cast.CLOSED
    assert await at.cast("U2", checksum="0" * 32) is Cast.CLOSED
    assert await at.cast("U2", at=72 * HOUR) is Cast.CLOSED

    async def also(_: AsyncConnection) -> None:
        raise AssertionError

    elsewhere = Vote("p1", 1, "U2", NOW, "T2", covers=("",))
    assert await store.votes.cast(elsewhere, at.checksum, {"U2": ("",)}, at_least(1), DEEDS, also) is Cast.CLOSED
    assert await store.votes.of("p1", 1) == []
    assert len(await store.events.list("p1")) == 1
    assert await at.cast("U2") is Cast.APPROVED


async def test_a_vote_on_what_is_settled_is_none(store: Store) -> None:
    """After a rejection nothing is recorded."""
    at = Booth(store, (await put(store, State.REJECTED, 1)).checksum, 1)
    assert await at.cast("U2") is Cast.CLOSED
    assert await store.votes.of("p1", 1) == []
