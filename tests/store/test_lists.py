"""Which proposals are found by which question, and in which order."""

from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.proposal import Deed, Outcome, Proposal, State
from bot.domain.workspace import Workspace
from bot.store import Store
from tests.store.make import HOUR, NOW, event, put


def ids(found: list[Proposal]) -> list[str]:
    """Name them, in their order."""
    return [one.id for one in found]


async def test_in_each_state(store: Store) -> None:
    """A question about open, or unfinished proposals gets those of the states that count, and no other."""
    for state in State:
        await put(store, state, id=state.value)
    assert ids(await store.proposals.waiting(Workspace("T1"))) == ["open"]
    assert ids(await store.proposals.without_card(NOW)) == ["open"]
    assert ids(await store.proposals.due(NOW + 999 * HOUR)) == ["open"]
    assert sorted(ids(await store.proposals.unfinished())) == ["approved", "running"]


async def test_waiting_is_one_workspace(store: Store) -> None:
    """A workspace sees its own open proposals, of one registry or of all, oldest first."""
    await put(store, State.OPEN, id="b", created=NOW)
    await put(store, State.OPEN, id="a", created=NOW - HOUR, registry="other")
    await put(store, State.OPEN, id="c", team_id="T2")
    assert ids(await store.proposals.waiting(Workspace("T1"))) == ["a", "b"]
    assert ids(await store.proposals.waiting(Workspace("T1"), "reg")) == ["b"]
    assert ids(await store.proposals.waiting(Workspace("T3"))) == []


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
    assert ids(await store.proposals.without_card(NOW)) == ["b"]


async def test_the_oldest_decision_goes_first(store: Store) -> None:
    """Unfinished work comes in the order of its approval, not of its asking."""
    for name in ("a", "b", "c"):
        await put(store, State.OPEN, id=name)
    for hours, name in enumerate(["b", "c", "a"]):
        at = NOW + hours * HOUR
        assert await store.proposals.move(name, State.APPROVED, by="U2", at=at, event=event(Deed.APPROVED, name))
    assert ids(await store.proposals.unfinished()) == ["b", "c", "a"]


async def test_a_card_is_out_of_date(store: Store) -> None:
    """A posted card that shows another state, or from before there was news, is to be drawn; a missing one is not."""
    for name in ("shown", "moved", "measured", "checked", "unposted"):
        await put(store, State.OPEN, id=name)
        if name != "unposted":
            await store.proposals.attach_card(name, "C1", "1.0")
            await store.proposals.drawn(name, State.OPEN, "")
    assert ids(await store.proposals.undrawn()) == []
    assert await store.proposals.move("moved", State.REJECTED, by="U2", at=NOW, event=event(Deed.REJECTED, "moved"))
    await store.proposals.measured("measured", Freed(1, 2))
    await store.proposals.checked("checked", Completeness(3))
    assert ids(await store.proposals.undrawn()) == ["checked", "measured", "moved"]
    await store.proposals.drawn("measured", State.OPEN, "open*")
    await store.proposals.drawn("moved", State.REJECTED, "open")
    assert ids(await store.proposals.undrawn()) == ["checked"]


async def test_what_is_still_to_be_looked_at(store: Store) -> None:
    """An open proposal is measured once, an ended run looked at once and not too late; nothing else is."""
    for state in State:
        await put(store, state, id=state.value)
    finished = NOW + 3 * HOUR
    assert sorted(ids(await store.proposals.unsurveyed(NOW))) == ["done", "failed", "open", "stopped"]
    assert ids(await store.proposals.unsurveyed(finished)) == ["open"]
    await store.proposals.measured("open", Freed(1, 2, 3))
    await store.proposals.measured("failed", Freed(4, 5))
    await store.proposals.checked("done", Completeness(7, {"a:1": ("x",)}, ("x",), "no"))
    assert sorted(ids(await store.proposals.unsurveyed(NOW))) == ["failed", "stopped"]
    found = {name: await store.proposals.get(name) for name in ("open", "done")}
    assert [(one.measured, one.checked) for one in found.values() if one] == [
        (Freed(1, 2, 3), None),
        (None, Completeness(7, {"a:1": ("x",)}, ("x",), "no")),
    ]


async def test_the_first_records(store: Store) -> None:
    """A preview reads as many items as it shows, the first in the order of deletion."""
    await put(store, State.OPEN, 5)
    assert [one.item.position for one in await store.proposals.records("p1", most=2)] == [0, 1]
    assert len(await store.proposals.records("p1", Outcome.TODO, 9)) == 5


async def test_news_that_comes_while_a_card_is_drawn_stays_news(store: Store) -> None:
    """What was written after the proposal was read for a drawing is still to be drawn."""
    await put(store, State.OPEN, id="a")
    await store.proposals.attach_card("a", "C1", "1.0")
    read = await store.proposals.get("a")
    assert read is not None
    await store.proposals.measured("a", Freed(1, 2))
    await store.proposals.drawn("a", State.OPEN, read.drawn)
    assert ids(await store.proposals.undrawn()) == ["a"]


async def test_what_somebody_has_proposed(store: Store) -> None:
    """What is not over comes first, the latest first of each, and no more than were asked for."""
    for number, (about, state) in enumerate(
        {"a": State.OPEN, "b": State.DONE, "c": State.OPEN, "d": State.DONE}.items()
    ):
        await put(store, state, id=about, created=NOW + number * HOUR)
    await put(store, State.OPEN, id="theirs", requester="U9")
    await put(store, State.OPEN, id="elsewhere", team_id="T9")
    assert [one.id for one in await store.proposals.of(Workspace("T1"), "U1", 9)] == ["c", "a", "d", "b"]
    assert [one.id for one in await store.proposals.of(Workspace("T1"), "U1", 3)] == ["c", "a", "d"]


async def test_the_last_word_on_a_run_stays(store: Store) -> None:
    """What somebody measures or finds who froze over it, and comes back after others have looked, is dropped."""
    await put(store, State.DONE, id="done")
    await store.proposals.measured("done", Freed(1, 2))
    await store.proposals.checked("done", Completeness(7))
    said = await store.proposals.get("done")
    await store.proposals.measured("done", Freed(3, 4, 5))
    await store.proposals.checked("done", Completeness(8))
    assert await store.proposals.get("done") == said
