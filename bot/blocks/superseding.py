"""One proposal in the place of another: the question to whoever proposes, and what both cards say of it."""

import json
from dataclasses import dataclass
from typing import Any

from bot.blocks.card import button_value, parse_button_value
from bot.blocks.message import Message, fallback
from bot.blocks.parts import actions, button, confirm, section
from bot.blocks.text import code, date, link, mention, plural
from bot.domain.proposal import Proposal
from bot.errors import BadInputError

REPLACE = "supersede.replace"
BESIDE = "supersede.beside"
KEEP = "supersede.keep"

_VALUE_MOST = 2000  # Slack's limit for a button's value


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button of the question stands for: the button that was clicked first, and the older proposal's."""

    first: str
    proposal: str
    revision: int
    checksum: str


def question(older: Proposal, count: int, first: str, *, may: bool, url: str = "") -> Message:
    """Ask whether a newer list with so many items replaces an open proposal.

    ``first``: the value of the button that proposes the newer one. ``may``: this person may replace the older one.
    ``url`` leads to its card. Raises BadInputError where the request is too long for a button.
    """
    who = f"{mention(older.requester)} has {link(url, 'an open proposal')} for the same rule"
    headline = (
        f":recycle: {who}, of {date(older.created)}: {plural(older.item_count, 'item')} in "
        f"{code(older.target)}. Yours has *{plural(count, 'item')}*."
    )
    if may:
        told = "Replacing closes the older one, and approvals that it has do not count for yours."
    else:
        told = f"{mention(older.requester)}, or whoever may approve it, could replace it."
    value = json.dumps({"first": first, "old": button_value(older)}, separators=(",", ":"))
    if len(value) > _VALUE_MOST:
        raise BadInputError("That request is too long for a button.", expected="Name the repository itself.")
    dialog = confirm(
        title="Replace the older proposal?",
        text="It is closed, and its approvals are void. The newer list goes to the channel as a card of its own.",
        yes="Replace it",
        no="Not now",
    )
    row = [button("Replace it", REPLACE, value, style="primary", confirm=dialog)] if may else []
    row += [button("Post beside it", BESIDE, value), button("Keep the older one", KEEP, value)]
    return Message(fallback(headline, told), [section(headline), section(told), actions(*row)])


def parse_asked(value: str) -> Asked:
    """Read what a button of the question carries. Raises BadInputError for anything else."""
    try:
        data: Any = json.loads(value)
    except (ValueError, RecursionError):
        data = None
    match data:
        case {"first": str(first), "old": str(older)}:
            return Asked(first, *parse_button_value(older))
    raise BadInputError("This button is from another version of the app.", expected="Propose it once more.")


def kept(url: str = "") -> Message:
    """Say that the older one stays, and nothing was proposed."""
    text = f":white_check_mark: {link(url, 'The older proposal')} stays as it is. Nothing new was proposed."
    return Message(text, [section(text)])
