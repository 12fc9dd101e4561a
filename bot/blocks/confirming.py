"""The modal in which whoever approves types what is about to go."""

from typing import Any

from bot.blocks import doing, rich
from bot.blocks.carried import Carried, carry, parse_carried
from bot.blocks.message import Block, Message
from bot.blocks.parts import plain, section
from bot.blocks.problem import explained, unexpected
from bot.blocks.share import share_words
from bot.blocks.text import code, plural, size
from bot.blocks.whole import WARNING
from bot.blocks.wording import things
from bot.domain.plan import Action
from bot.domain.proposal import Proposal
from bot.errors import JanitorError

CONFIRM = "confirm"
TYPED = "typed"

_MOST = 300  # longer than any name of a repository; more need not be sent

View = dict[str, Any]


def confirming(proposal: Proposal, channel: str, message: str) -> View:
    """Draw the modal for a proposal; ``channel`` and ``message`` (its timestamp) are of the card clicked on.

    Both are empty where that was in the Home tab.
    """
    what = f"{plural(proposal.item_count, 'manifest')}{_size(proposal)}"
    if proposal.rule.whole and proposal.staying is None:
        asked = f"*Delete the whole repository* {code(proposal.target)}"
        warning = WARNING
    else:
        asked = f"*Delete {things(proposal.item_count, proposal.rule)}* in {code(proposal.target)}"
        warning = doing.warnings({Action.DELETE: proposal.item_count}, "tag or digest")
    share = share_words(proposal.share)
    return {
        "type": "modal",
        "callback_id": CONFIRM,
        "title": plain("Approve by name"),
        "submit": plain("Delete for good"),
        "close": plain("Not now"),
        "private_metadata": carry(proposal, channel, message),
        "blocks": [
            section(f"{asked} on {code(proposal.registry, 100)}: {what}."),
            *([section(share)] if share else []),
            section(f":rotating_light: *{warning}*"),
            {
                "type": "input",
                "block_id": TYPED,
                "label": plain("Type the name of the repository to approve"),
                "hint": plain(f"It is {proposal.needs_typed}"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": TYPED,
                    "max_length": _MOST,
                    "focus_on_load": True,
                },
            },
        ],
    }


def _size(proposal: Proposal) -> str:
    """Give the same figure as the card."""
    measured = proposal.measured
    if measured is not None and not measured.unread:
        return f", {size(measured.freed)}"
    return f", up to {size(proposal.upper_bytes)}" if proposal.upper_bytes else ""


def parse_confirming(metadata: str) -> Carried:
    """Read what ``confirming`` made a modal carry. Raises BadInputError for anything else."""
    return parse_carried(metadata, "Approve")


def refused(error: JanitorError) -> View:
    """Draw what stands in the modal's place when the approval came to nothing."""
    paragraph = rich.paragraph(rich.emoji("no_entry_sign"), rich.text(" "), *explained(error))
    return _closing([rich.rich(paragraph)])


def broke(reference: str) -> View:
    """Draw what stands in the modal's place after a fault of ours. ``reference`` finds it in the log."""
    message: Message = unexpected(reference)
    return _closing(message.blocks)


def _closing(blocks: list[Block]) -> View:
    return {"type": "modal", "title": plain("Not approved"), "close": plain("Close"), "blocks": blocks}
