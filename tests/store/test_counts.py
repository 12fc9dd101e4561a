"""The counts of the whole database."""

from bot.domain.proposal import State
from bot.store import Store
from tests.store.make import HOUR, NOW, deleted, put


async def test_an_empty_database_has_every_state_at_zero(store: Store) -> None:
    """No proposal, nothing queued, no age."""
    count = await store.counts.now()
    assert count.states == dict.fromkeys(State, 0)
    assert (count.queued_items, count.approved_since, count.running_since) == (0, None, None)


async def test_each_proposal_counts_in_its_state(store: Store) -> None:
    """One of each kind; what is queued is of those that are due, without what has its outcome."""
    for state in State:
        await put(store, state, 3, id=state.value)
    await store.proposals.settle("running", 1, deleted(0))

    count = await store.counts.now()

    assert count.states == dict.fromkeys(State, 1)
    assert count.queued_items == 3 + 2
    assert (count.approved_since, count.running_since) == (NOW + HOUR, NOW + 2 * HOUR)
