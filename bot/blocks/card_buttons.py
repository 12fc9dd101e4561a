"""The buttons of a card that is decided: to stop what is under way, and to try again what has failed."""

from bot.blocks import doing
from bot.blocks.card_view import View
from bot.blocks.message import Block
from bot.blocks.parts import actions, button, confirm, context
from bot.blocks.text import actor, name, plural
from bot.domain.proposal import Outcome, State

STOP = "stop"
RETRY = "retry"


def stop(view: View, value: str) -> list[Block]:
    """Draw the button that stops what is approved or runs, with its dialog; nothing once somebody has stopped it."""
    proposal = view.proposal
    if proposal.stop_by:
        return []
    running = proposal.state is State.RUNNING
    what = f"{doing.capital(doing.all_things(view.actions, proposal.rule))} in {name(proposal.target, 70)}"
    fate = "What is done stays done, and what is left is left alone." if running else "Nothing of it is done yet."
    dialog = confirm(
        title="Stop this?",
        text=f"{what}. {fate} It can't be resumed; what is left can be proposed anew.",
        yes="Stop it",
        no="Let it go on" if running else "Let it wait",
        style="danger",
    )
    return [actions(button("Stop", STOP, value, confirm=dialog))]


def retry(view: View, value: str) -> list[Block]:
    """Draw the button that tries again what has failed, with its dialog; once somebody has, say who."""
    proposal, failed = view.proposal, view.tally[Outcome.FAILED]
    if not failed or proposal.started is None:
        return []
    if proposal.retried_by:
        return [context(f"{actor(proposal.retried_by)} has what failed tried again, on a card of its own.")]
    what = plural(failed, "failed item", "failed items")
    dialog = confirm(
        title=f"Try {what} again?",
        text=f"Of {name(proposal.target, 70)} on {name(proposal.registry, 40)}. What they held back is"
        " tried as well. Each is judged again first, as always. An approver's click is a new decision.",
        yes="Try again",
        no="Not now",
        style="danger" if view.deletes else "",
    )
    rule = "Retry is for approvers, and in the hour after the end for the one who asked."
    return [actions(button(f"Retry {failed:,} failed", RETRY, value, confirm=dialog)), context(rule)]
