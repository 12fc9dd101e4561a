from collections.abc import Iterator
from datetime import datetime

import pytest

from bot.domain.manifest import OCI_INDEX, OCI_MANIFEST
from bot.domain.plan import Item
from bot.domain.proposal import MOVES, Outcome, Record, State, tally
from bot.domain.reason import Why
from tests.domain.build import NOW

FINAL = {State.DONE, State.FAILED, State.STOPPED, State.REJECTED, State.EXPIRED, State.WITHDRAWN}


def paths(state: State = State.OPEN, before: tuple[State, ...] = ()) -> Iterator[tuple[State, ...]]:
    """Walk every way that a proposal can take; one that comes round again would never end."""
    path = (*before, state)
    assert state not in before
    if not MOVES[state]:
        yield path
    for following in MOVES[state]:
        yield from paths(following, path)


def test_each_way_ends_in_one_final_state() -> None:
    """Whatever happens, a proposal is settled once: each path meets exactly one final state, at its end."""
    for path in paths():
        assert [state for state in path if state.final] == [path[-1]]
    assert {path[-1] for path in paths()} == FINAL


def test_each_state_can_be_reached_and_left_as_the_design_says() -> None:
    """Silence never becomes yes: only what was approved runs, and only what is open can be decided."""
    assert MOVES.keys() == set(State) == {state for path in paths() for state in path}
    assert [state for state in State if State.APPROVED in MOVES[state]] == [State.OPEN]
    assert [state for state in State if State.RUNNING in MOVES[state]] == [State.APPROVED]
    assert State.APPROVED not in MOVES[State.EXPIRED]


@pytest.mark.parametrize("state", State)
def test_a_final_state_is_one_that_nothing_leaves(state: State) -> None:
    """Six of the nine states are final."""
    assert state.final == (state in FINAL)


def test_the_stored_words_stay_what_they_are() -> None:
    """Databases hold them."""
    states = "open approved running done failed stopped rejected expired withdrawn"
    assert " ".join(State) == states
    assert " ".join(Outcome) == "todo deleted removed unlocked gone skipped failed"


def item(position: int, media_type: str = OCI_MANIFEST) -> Item:
    """Make an item of 1,000 bytes."""
    when: datetime = NOW
    return Item(position, 0, "app", f"sha256:{position}", media_type, "", 1000, when, when, Why.UNTAGGED, "untagged")


def test_a_tally_counts_outcomes_and_the_bytes_deleted() -> None:
    """What is gone, skipped or failed frees nothing, and an index adds nothing to its children."""
    outcomes = [Outcome.DELETED, *(outcome for outcome in Outcome)]
    records = [Record(item(position), outcome) for position, outcome in enumerate(outcomes)]
    found = tally([*records, Record(item(9, OCI_INDEX), Outcome.DELETED)])
    assert {outcome: found[outcome] for outcome in Outcome} == {**dict.fromkeys(Outcome, 1), Outcome.DELETED: 3}
    assert (found.total, found.settled, found.deleted_bytes) == (9, 8, 2000)


def test_the_tally_of_nothing_is_nothing() -> None:
    """An empty proposal has no outcomes."""
    found = tally([])
    assert (found.total, found.settled, found[Outcome.DELETED]) == (0, 0, 0)
