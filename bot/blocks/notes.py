"""Short private notes to the one who clicked. What went wrong is told by the error itself: see ``problem``."""

from collections.abc import Sequence

from bot.blocks.doing import actions_of, all_things, alone, verb_of
from bot.blocks.message import Message
from bot.blocks.parts import section
from bot.blocks.text import code, date, link, mention, number, plural
from bot.domain.plan import Item
from bot.domain.proposal import Proposal, State


def proposed(proposal: Proposal, items: Sequence[Item] = (), *, url: str = "", seen: int | None = None) -> Message:
    """Say that the card with these items is up. ``url`` leads to it.

    A proposal is made from what the registry holds at that moment. ``seen`` is how many items the list had that this
    person saw, given where the card's differs from it.
    """
    one = alone(items, len(items))
    all_of_it = f"{all_things(actions_of(proposal, items), proposal.rule)} in {code(proposal.target)}"
    what = f"{verb_of(one)} {code(one.about)}" if one else all_of_it
    until = date(proposal.expires)
    text = f":white_check_mark: {link(url, 'Proposed')}: {what}. Open until {until}; the answer shows on the card."
    text = f"{text} {_difference(seen, proposal.item_count)}".rstrip()
    return Message(text, [section(text)])


def decided(proposal: Proposal, url: str = "") -> Message:
    """Tell whoever clicked in the Home tab what came of it; ``url`` leads to the card."""
    about = f"the {link(url, 'proposal')} about {code(proposal.target)}"
    text = {
        State.OPEN: f":white_check_mark: Your approval of {about} counts; it takes more than yours.",
        State.REJECTED: f":no_entry_sign: You have rejected {about}. Nothing is deleted.",
        State.WITHDRAWN: f":leftwards_arrow_with_hook: You have withdrawn {about}. Nothing is deleted.",
    }.get(proposal.state, f":white_check_mark: You have approved {about}. Its card shows how it goes.")
    return Message(text, [section(text)])


def retried(repeat: Proposal, *, by: str, url: str = "") -> Message:
    """Say in a card's thread that what could not be done is tried again; ``url`` leads to the card that shows it."""
    which = plural(repeat.item_count, "item")
    there = link(url, "a card of its own")
    text = f":recycle: {mention(by)} has what could not be done tried again ({which}), on {there}."
    return Message(text, [section(text)])


def looking_through(repositories: int) -> Message:
    """Say that an answer will take a moment."""
    text = f":mag: Looking through {plural(repositories, 'repository', 'repositories')} …"
    return Message(text, [section(text)])


def making_report(count: int) -> Message:
    """Say that a report, or several of them, will take a moment."""
    text = f":mag: Making {'the report' if count == 1 else plural(count, 'report')} …"
    return Message(text, [section(text)])


def report_posted(count: int) -> Message:
    """Say that the channel has its report."""
    text = f":white_check_mark: Posted {'the report' if count == 1 else plural(count, 'report')} of this channel."
    return Message(text, [section(text)])


def copy(url: str) -> Message:
    """Stand in the place of a card that was posted twice; ``url`` leads to the one that counts."""
    text = (
        f":white_circle: This card was posted twice. {link(url, 'The other one')} shows what becomes of the proposal."
    )
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
