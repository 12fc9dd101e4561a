"""The button of a card that is decided: to stop what is under way."""

from bot.blocks import doing
from bot.blocks.card_view import View
from bot.blocks.message import Block
from bot.blocks.parts import actions, button, confirm
from bot.blocks.text import name
from bot.domain.proposal import State

STOP = "stop"


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
