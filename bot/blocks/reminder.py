"""The reminder in a card's thread, once half of the time to decide is over."""

from collections.abc import Sequence

from bot.blocks.message import Message
from bot.blocks.parts import section
from bot.blocks.text import date, join, mention
from bot.domain.proposal import Proposal

_PEOPLE_MOST = 20


def reminder(proposal: Proposal, approvers: Sequence[str]) -> Message:
    """Ask those who may approve it, by a mention each, to decide. ``approvers`` are ids of users and user groups."""
    who = f"{join([mention(one) for one in approvers], _PEOPLE_MOST)}: " if approvers else ""
    text = (
        f":hourglass_flowing_sand: {who}this still waits for a decision, and half of its time is over."
        f" Undecided it expires {date(proposal.expires)}, and nothing is deleted."
    )
    return Message(text, [section(text)])
