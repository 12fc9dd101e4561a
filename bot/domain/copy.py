"""A copy of a card: the direct message that tells somebody who may approve what waits for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.proposal import Proposal, State
from bot.domain.vote import Vote


@dataclass(frozen=True, slots=True)
class Copy:
    """One person's direct message about a proposal. Ids are Slack's.

    ``channel`` and ``ts`` are empty until it is posted. ``shown`` is the mark of what it says, empty before. ``gone``:
    why it can't be posted or changed any more, in Slack's word; empty where it can.
    """

    proposal: str
    user: str
    channel: str = ""
    ts: str = ""
    shown: str = ""
    gone: str = ""


def mark(proposal: Proposal, votes: Iterable[Vote]) -> str:
    """Give what tells apart what a copy has to say: the decision, and while there is none the list and who has voted.

    How far a run has come is not part of it, since only the card shows that.
    """
    if proposal.state is State.OPEN:
        return " ".join([State.OPEN, str(proposal.revision), *sorted(vote.user for vote in votes if vote.covers)])
    return State.APPROVED if proposal.state is State.RUNNING else proposal.state
