"""Short private notes: what became of a click or a command, said to one person."""

from collections.abc import Sequence

from bot.blocks.message import Message
from bot.blocks.parts import section
from bot.blocks.text import actor, code, date, link, mention, number
from bot.blocks.wording import approver_words, things
from bot.domain.proposal import Proposal, State

_SETTLED = {
    State.OPEN: "still open",
    State.APPROVED: "already approved",
    State.RUNNING: "already approved, and being carried out",
    State.DONE: "already approved and carried out",
    State.FAILED: "already approved, and broke off",
    State.STOPPED: "already approved, and was stopped",
    State.REJECTED: "already rejected",
    State.WITHDRAWN: "already withdrawn",
}


def looking(target: str) -> Message:
    """Say that an answer is on its way."""
    return _note(f":mag: Looking at {code(target)} …")


def proposed(proposal: Proposal, *, url: str = "", fewer: int = 0, more: int = 0) -> Message:
    """Say that the card is up. ``url`` leads to it.

    ``fewer`` and ``more`` count what was in the list that this person saw and is not on the card, and the reverse: a
    proposal is made from what the registry holds at that moment.
    """
    text = (
        f":white_check_mark: {link(url, 'Proposed')}: {things(proposal.item_count, proposal.rule)} in "
        f"{code(proposal.target)}. Open until {date(proposal.expires)}; the answer shows on the card."
    )
    return _note(f"{text} {_difference(fewer, more)}".rstrip())


def nothing_left(target: str) -> Message:
    """Say that between the list and the click everything on it went or came to be kept."""
    return _note(
        f"Nothing to propose: by now, nothing in {code(target)} can go. What was on your list is gone, or is kept."
    )


def settled(proposal: Proposal) -> Message:
    """Answer a click that came late."""
    if proposal.state is State.EXPIRED:
        return expired(proposal)
    by = f" by {actor(proposal.decided_by)}" if proposal.decided_by else ""
    when = f" {date(proposal.decided)}" if proposal.decided else ""
    return _note(f"This proposal is {_SETTLED[proposal.state]}{by}{when}. Your click changed nothing.")


def own_proposal(approvers: Sequence[str], requester: str) -> Message:
    """Refuse the one who asked and clicked Approve."""
    return _note(
        ":no_entry_sign: You asked for this, so somebody else approves it: "
        f"{approver_words(approvers, but=requester)}. "
        "The proposal is still open."
    )


def not_an_approver(approvers: Sequence[str], *, but: str = "") -> Message:
    """Refuse somebody who may not decide, and say who may. ``but`` is the requester, where they may not themselves."""
    return _note(
        f":no_entry_sign: You can't decide on this one. Who can: {approver_words(approvers, but=but)}. "
        "The proposal is still open."
    )


def not_the_requester(proposal: Proposal) -> Message:
    """Refuse somebody else's click on Withdraw."""
    return _note(
        f":no_entry_sign: Only {mention(proposal.requester)}, who asked, can withdraw this. An approver can reject it. "
        "The proposal is still open."
    )


def expired(proposal: Proposal) -> Message:
    """Answer a click after the time was up."""
    return _note(
        f"This proposal expired {date(proposal.expires)}, and nothing was deleted. "
        "Ask again for a new list if it should still go."
    )


def changed() -> Message:
    """Answer a click on an old drawing of a card whose list has changed since."""
    return _note(
        "This card has changed since you opened it, so your click was not counted. Look at the card again, and decide "
        "on what it says now."
    )


def unknown() -> Message:
    """Answer a click on a card whose proposal is not in the database."""
    return _note("This proposal is not known here any more, so nothing was done. Ask again for a new list.")


def approvers_unknown() -> Message:
    """Refuse because the members of a user group could not be looked up: who can't be checked can't approve."""
    return _note(
        ":no_entry_sign: Slack did not tell who is in the approvers' group just now, so your click could not be "
        "checked and was not counted. The proposal is still open: please try again in a minute."
    )


def no_approvers() -> Message:
    """Say why nothing can be proposed where the settings name no approvers."""
    return _note(
        ":no_entry_sign: Nothing can be proposed yet, since nobody is set who may approve. The one who runs this app "
        "sets `ACR_APPROVERS` to user and user-group ids, for example `ACR_APPROVERS=U0123ABCD,S0456EFGH`."
    )


def no_channel(channel: str, app: str = "@acr-janitor") -> Message:
    """Say that the card can't be posted where this person is."""
    where = mention(channel) if channel.startswith("C") else "this conversation"
    return _note(
        f":warning: I can't post into {where}, so nothing was proposed. "
        f"Invite me with {code(f'/invite {app}', 90)} and click again, or ask in a channel that I am in."
    )


def _difference(fewer: int, more: int) -> str:
    if fewer and more:
        return f"The list has changed since you saw it: {number(fewer)} fell out and {number(more)} came in."
    if fewer or more:
        count = f"{number(fewer)} fewer" if fewer else f"{number(more)} more"
        return f"That is {count} than in the list you saw: the registry has changed meanwhile."
    return ""


def _note(text: str) -> Message:
    return Message(text, [section(text)])
