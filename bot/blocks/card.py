"""A proposal's card in the channel: a question while it is open, then progress, then a record."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.blocks import card_buttons, card_question, card_record
from bot.blocks.card_view import View
from bot.blocks.message import Message, stamped
from bot.blocks.parts import button
from bot.blocks.text import name
from bot.domain.hold import Held
from bot.domain.narrow import can_choose
from bot.domain.proposal import Proposal, Record, State, Tally
from bot.domain.revision import Revision
from bot.domain.rights import Need
from bot.domain.vote import Vote
from bot.errors import BadInputError

APPROVE = "approve"
REJECT = "reject"
WITHDRAW = "withdraw"
CHOOSE = "choose"
STOP = card_buttons.STOP
RETRY = card_buttons.RETRY


def card(
    proposal: Proposal,
    *,
    preview: Sequence[Record],
    tally: Tally,
    records_of_note: Sequence[Record] = (),
    needs: Sequence[Need] = (),
    votes: Sequence[Vote] = (),
    now: datetime,
    faults: Mapping[str, str] | None = None,
    allow_self: bool = False,
    earlier: Proposal | None = None,
    held: Held | None = None,
    older: Proposal | None = None,
    newer_url: str = "",
    revised: Revision | None = None,
) -> Message:
    """Draw a proposal as it stands. The same arguments give the same message, with the same block ids.

    ``preview`` are the first items (10 are shown), or all of a rule that takes tagged ones, since each tag that goes is
    named while the card is open; ``tally`` counts all. ``records_of_note`` are those skipped and
    failed, all or the first of them: they are grouped by reason. ``faults`` maps repositories that the target names and
    that are not cleaned to the reason; ``needs`` and ``faults`` are shown while the card is open, ``votes`` also
    in the record.
    ``earlier`` is the proposal whose failed items this one does again.
    ``older`` is the one whose place this has taken; ``newer_url`` leads to the card of the one that has taken its.
    ``held``: what holds approved work on its registry back now. ``revised``: how its revision has come about.
    ``allow_self``: the settings let an approver approve what they proposed, which never goes for lifting a lock.
    """
    more = earlier, votes, held, revised
    view = View(proposal, preview, tally, records_of_note, needs, now, faults or {}, allow_self, *more)
    view = replace(view, older=older, newer_url=newer_url)
    text, blocks = _DRAWN[proposal.state](view)
    return stamped(text, blocks, f"card.{name(proposal.id, 64)}.{proposal.revision}.{proposal.state}")


def button_value(proposal: Proposal) -> str:
    """Say what a button stands for: this proposal, as it was drawn, with exactly this list."""
    return json.dumps({"id": proposal.id, "rev": proposal.revision, "sum": proposal.checksum}, separators=(",", ":"))


def parse_button_value(text: str) -> tuple[str, int, str]:
    """Read what ``button_value`` wrote: the proposal's id, its revision and the checksum of its list.

    Raises BadInputError for anything else: a click can be made up.
    """
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    match data:
        case {"id": str(proposal), "rev": int(revision), "sum": str(checksum), **rest} if not rest:
            if proposal and checksum and not isinstance(revision, bool):
                return proposal, revision, checksum
    raise BadInputError("This button doesn't say which proposal it is for.", expected="Use the buttons on the card.")


def _question(view: View) -> tuple[str, list[dict[str, Any]]]:
    value = button_value(view.proposal)
    buttons = card_question.buttons(view, value, (APPROVE, REJECT, WITHDRAW))
    if can_choose(view.proposal):
        buttons["elements"].append(button("Choose …", CHOOSE, value))
    return card_question.question(view, buttons)


def _waiting(view: View) -> tuple[str, list[dict[str, Any]]]:
    return card_record.waiting(view, card_buttons.stop(view, button_value(view.proposal)))


def _progress(view: View) -> tuple[str, list[dict[str, Any]]]:
    return card_record.progress(view, card_buttons.stop(view, button_value(view.proposal)))


def _result(view: View) -> tuple[str, list[dict[str, Any]]]:
    if view.proposal.started is None:
        return card_record.declined(view)
    return card_record.result(view, card_buttons.retry(view, button_value(view.proposal)))


_DRAWN = {
    State.OPEN: _question,
    State.APPROVED: _waiting,
    State.RUNNING: _progress,
    State.DONE: _result,
    State.FAILED: _result,
    State.STOPPED: _result,
    State.REJECTED: card_record.declined,
    State.WITHDRAWN: card_record.declined,
    State.EXPIRED: card_record.declined,
}
