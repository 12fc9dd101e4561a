"""A run: taken, settled, finished, and nothing of it by who lost the fence."""

import pytest

from bot.domain.proposal import Deed, Outcome, Settled, State
from bot.errors import FenceLostError
from bot.store import Store
from tests.store.make import HOUR, NOW, deleted, event, items, proposal


async def test_a_whole_life(store: Store) -> None:
    """A proposal goes from open to done, and each step is on record."""
    await store.proposals.create(proposal(3), items(3), event())
    await store.proposals.attach_card("p1", "C2", "1.2")
    moved = await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW + HOUR, event=event(Deed.APPROVED))
    assert moved
    fence = await store.proposals.take("p1", NOW + 2 * HOUR, event(Deed.STARTED), event(Deed.RESUMED))
    assert fence == 1
    await store.proposals.settle("p1", fence, [*deleted(1), Settled(0, Outcome.SKIPPED, NOW, "tagged")])
    tally = await store.proposals.tally("p1")
    assert (tally.total, tally.settled, tally[Outcome.DELETED], tally.deleted_bytes) == (3, 2, 1, 1000)
    assert await store.proposals.finish("p1", fence, State.DONE, NOW + 3 * HOUR, "well", event(Deed.FINISHED))
    deeds = [one.deed for one in await store.events.list("p1")]
    assert deeds == [Deed.PROPOSED, Deed.APPROVED, Deed.STARTED, Deed.ITEM, Deed.ITEM, Deed.FINISHED]
    done = await store.proposals.get("p1")
    assert done == proposal(
        3,
        channel="C2",
        card_ts="1.2",
        state=State.DONE,
        decided_by="U2",
        decided=NOW + HOUR,
        started=NOW + 2 * HOUR,
        finished=NOW + 3 * HOUR,
        note="well",
        fence=1,
    )
    with pytest.raises(FenceLostError):
        await store.proposals.settle("p1", fence, deleted(2))
