"""Holding the record of deeds against the tables: both have to tell the same story of a proposal."""

from bot.domain.proposal import Deed, Event, Outcome, Proposal, Record, State
from bot.domain.vote import Vote

SETTLING = {
    Deed.APPROVED: State.APPROVED,
    Deed.REJECTED: State.REJECTED,
    Deed.WITHDRAWN: State.WITHDRAWN,
    Deed.EXPIRED: State.EXPIRED,
}
_WHEN_OPEN = {Deed.VOTED, *SETTLING}


def list_of(event: Event) -> tuple[int, str]:
    """Give the revision and the checksum of what a vote or a decision was about, as its own words say."""
    detail = event.detail or {}
    return int(str(detail["revision"])), str(detail["checksum"])


def check_same_story(about: Proposal, events: list[Event], votes: list[Vote], records: list[Record]) -> None:
    """Go through the deeds as they are on record, and see that they lead to what the tables say."""
    state, runs = State.OPEN, 0
    settled: dict[str, str] = {}
    assert events[0].deed is Deed.PROPOSED
    for event in events[1:]:
        match event.deed:
            case deed if deed in _WHEN_OPEN:
                assert state is State.OPEN, event
                state = SETTLING.get(deed, state)
                if deed in SETTLING:
                    assert (about.decided_by, about.decided) == (event.actor, event.at)
            case Deed.STARTED:
                assert (state, runs) == (State.APPROVED, 0), event
                state, runs = State.RUNNING, 1
            case Deed.RESUMED:
                assert state is State.RUNNING, event
                runs += 1
            case Deed.ITEM:
                assert state is State.RUNNING, event
                detail = event.detail or {}
                assert settled.setdefault(str(detail["digest"]), str(detail["outcome"])) == detail["outcome"]
            case Deed.FINISHED:
                assert state is State.RUNNING, event
                state = State(str((event.detail or {})["state"]))
                assert about.finished == event.at
            case other:
                raise AssertionError(f"{other} is no part of this story")
    assert (state, runs) == (about.state, about.fence)
    items = [event for event in events if event.deed is Deed.ITEM]
    assert len(items) == len(settled), "an outcome is on record twice"
    assert settled == {one.item.digest: str(one.outcome) for one in records if one.outcome is not Outcome.TODO}
    voted = {
        one.actor for one in events if one.deed in {Deed.VOTED, Deed.APPROVED} and list_of(one)[0] == about.revision
    }
    assert voted == {vote.user for vote in votes}
    if about.state is not State.OPEN and (last := [one for one in events if one.deed is Deed.APPROVED]):
        assert (last[0].detail or {})["votes"] == sorted(vote.user for vote in votes if vote.covers)
