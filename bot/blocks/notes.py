"""Short private notes to the one who clicked. What went wrong is told by the error itself: see ``problem``."""

from bot.blocks.message import Message
from bot.blocks.parts import section
from bot.blocks.text import code, date, link, number, plural
from bot.blocks.wording import things
from bot.domain.proposal import Proposal


def proposed(proposal: Proposal, *, url: str = "", seen: int | None = None) -> Message:
    """Say that the card is up. ``url`` leads to it.

    A proposal is made from what the registry holds at that moment. ``seen`` is how many items the list had that this
    person saw, given where the card's differs from it.
    """
    text = (
        f":white_check_mark: {link(url, 'Proposed')}: {things(proposal.item_count, proposal.rule)} in "
        f"{code(proposal.target)}. Open until {date(proposal.expires)}; the answer shows on the card."
    )
    text = f"{text} {_difference(seen, proposal.item_count)}".rstrip()
    return Message(text, [section(text)])


def looking_through(repositories: int) -> Message:
    """Say that an answer will take a moment."""
    text = f":mag: Looking through {plural(repositories, 'repository', 'repositories')} …"
    return Message(text, [section(text)])


def sent(filename: str) -> Message:
    """Say where a file went that only this person is to see."""
    text = f":page_facing_up: I sent you {code(filename)} in a direct message."
    return Message(text, [section(text)])


def _difference(seen: int | None, now: int) -> str:
    if seen is None:
        return ""
    if seen == now:
        return "The list is not quite the one you saw: the registry has changed meanwhile."
    count = f"{number(seen - now)} fewer" if now < seen else f"{number(now - seen)} more"
    return f"That is {count} than in the list you saw: the registry has changed meanwhile."
