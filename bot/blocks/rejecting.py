"""The modal in which whoever rejects says why; and how whoever asked hears of it."""

from typing import Any

from bot.blocks import rich
from bot.blocks.card_view import View as CardView
from bot.blocks.carried import carry
from bot.blocks.message import Block, Message, fallback
from bot.blocks.parts import plain, section
from bot.blocks.text import actor, code, link, mention, said
from bot.domain.proposal import Proposal
from bot.domain.rejection import REASON_MOST

CALLBACK = "reject_reason"
REASON = "reason"

View = dict[str, Any]


def rejecting(view: CardView, channel: str, message: str) -> View:
    """Draw the modal for a proposal; ``channel`` and ``message`` (its timestamp) are of the card clicked on."""
    proposal = view.proposal
    asked = f"{view.to()}{view.up_to}"
    where = f"Asked by {mention(proposal.requester)} on {code(proposal.registry, 100)}."
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain("Reject"),
        "submit": plain("Reject"),
        "close": plain("Not now"),
        "private_metadata": carry(proposal, channel, message),
        "blocks": [
            section(f"{asked}\n{where}"),
            {
                "type": "input",
                "block_id": REASON,
                "label": plain("Why not?"),
                "hint": plain("It stands on the card and on record, and whoever asked is told."),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "max_length": REASON_MOST,
                    "focus_on_load": True,
                },
            },
        ],
    }


def waiting(text: str) -> View:
    """Draw what stands in the modal's place while something is looked up."""
    return _closing("Reject", [section(text)])


def rejected(proposal: Proposal) -> View:
    """Draw what stands in the modal's place where rejecting has taken a while."""
    return _closing("Rejected", [section(f"Rejected. Nothing in {code(proposal.target)} is deleted.")])


def not_rejected(why: Message, reason: str = "") -> View:
    """Draw what stands in the modal's place where nothing was rejected. ``reason`` is shown, so that it is not lost."""
    blocks = list(why.blocks)
    if reason.strip():
        blocks += [section("You wrote:"), rich.rich(rich.quote(reason, REASON_MOST))]
    return _closing("Not rejected", blocks)


def tell_requester(proposal: Proposal, what: str, url: str = "") -> Message:
    """Tell whoever asked that it was rejected, by whom and why.

    ``what`` says in mrkdwn what was asked; ``url`` leads to the card, where this does not stand in its thread.
    """
    card = f" {link(url, 'The card')} has the list." if url else ""
    headline = f"{mention(proposal.requester)}, {actor(proposal.decided_by)} has rejected this: {what}."
    text = fallback(f"{headline} Reason: {said(proposal.note, REASON_MOST)}{card}")
    blocks: list[Block] = [section(f"{headline}{card}"), rich.rich(rich.quote(proposal.note, REASON_MOST))]
    return Message(text, blocks)


def _closing(title: str, blocks: list[Block]) -> View:
    return {"type": "modal", "title": plain(title), "close": plain("Close"), "blocks": blocks}
