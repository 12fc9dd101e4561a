"""Short private notes to the one who clicked. What went wrong is told by the error itself: see ``problem``."""

from bot.blocks.message import Message
from bot.blocks.parts import section
from bot.blocks.text import code, date, link, number
from bot.blocks.wording import things
from bot.domain.proposal import Proposal


def proposed(proposal: Proposal, *, url: str = "", fewer: int = 0, more: int = 0) -> Message:
    """Say that the card is up. ``url`` leads to it.

    ``fewer`` and ``more`` count what was in the list that this person saw and is not on the card, and the reverse: a
    proposal is made from what the registry holds at that moment.
    """
    text = (
        f":white_check_mark: {link(url, 'Proposed')}: {things(proposal.item_count, proposal.rule)} in "
        f"{code(proposal.target)}. Open until {date(proposal.expires)}; the answer shows on the card."
    )
    text = f"{text} {_difference(fewer, more)}".rstrip()
    return Message(text, [section(text)])


def _difference(fewer: int, more: int) -> str:
    if fewer and more:
        return f"The list has changed since you saw it: {number(fewer)} fell out and {number(more)} came in."
    if fewer or more:
        count = f"{number(fewer)} fewer" if fewer else f"{number(more)} more"
        return f"That is {count} than in the list you saw: the registry has changed meanwhile."
    return ""
