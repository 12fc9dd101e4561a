"""Which proposals are found by which question, and in which order."""

from bot.domain.proposal import Deed, Proposal, State
from bot.store import Store
from tests.store.make import HOUR, NOW, event, put


def ids(found: list[Proposal]) -> list[str]:
    """Name them, in their order."""
    return [one.id for one in found]


async def test_in_each_state(store: Store) -> None:
    """A question about open, unfinished or overlapping proposals gets those of the states that count, and no other."""
    for state in State:
        await put(store, state, id=state.value)
    assert ids(await store.proposals.waiting("T1")) == ["open"]
    assert ids(await store.proposals.without_card()) == ["open"]
    assert ids(await store.proposals.due(NOW + 999 * HOUR)) == ["open"]
    assert sorted(ids(await store.proposals.unfinished())) == ["approved", "running"]
    assert sorted(ids(await store.proposals.overlapping("T1", "reg", "team/app"))) == ["approved", "open", "running"]


async def test_waiting_is_one_workspace(store: Store) -> None:
    """A workspace sees its own open proposals, of one registry or of all, oldest first."""
    await put(store, State.OPEN, id="b", created=NOW)
    await put(store, State.OPEN, id="a", created=NOW - HOUR, registry="other")
    await put(store, State.OPEN, id="c", team_id="T2")
    assert ids(await store.proposals.waiting("T1")) == ["a", "b"]
    assert ids(await store.proposals.waiting("T1", "reg")) == ["b"]
    assert ids(await store.proposals.waiting("T3")) == []


async def test_overlapping_is_the_same_target(store: Store) -> None:
    """Another workspace, registry or target does not overlap."""
    await put(store, State.OPEN, id="a")
    await put(store, State.OPEN, id="b", team_id="T2")
    await put(store, State.OPEN, id="c", registry="other")
    await put(store, State.OPEN, id="d", target="team/*")
    assert ids(await store.proposals.overlapping("T1", "reg", "team/app")) == ["a"]


async def test_due_to_the_microsecond(store: Store) -> None:
    """A proposal is due at its time of expiry and not before."""
    made = await put(store, State.OPEN, id="a")
    await put(store, State.OPEN, id="b", expires=NOW + 99 * HOUR)
    assert ids(await store.proposals.due(made.expires)) == ["a"]
    assert ids(await store.proposals.due(made.expires - HOUR / 3_600_000_000)) == []


async def test_a_posted_card_is_not_missing(store: Store) -> None:
    """What has a card is not asked for again."""
    await put(store, State.OPEN, id="a")
    await put(store, State.OPEN, id="b")
    await store.proposals.attach_card("a", "C1", "1.0")
    assert ids(await store.proposals.without_card()) == ["b"]


async def test_the_oldest_decision_goes_first(store: Store) -> None:
    """Unfinished work comes in the order of its approval, not of its asking."""
    for name in ("a", "b", "c"):
        await put(store, State.OPEN, id=name)
    for hours, name in enumerate(["b", "c", "a"]):
        at = NOW + hours * HOUR
        assert await store.proposals.move(name, State.APPROVED, by="U2", at=at, event=event(Deed.APPROVED, name))
    assert ids(await store.proposals.unfinished()) == ["b", "c", "a"]
