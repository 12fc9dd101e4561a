"""What every decision on a card has in common, whichever way it comes in: by a button or by a form."""

from collections.abc import Awaitable, Callable

from bot.domain.proposal import Proposal
from bot.errors import ConflictError
from bot.janitor.decide import Click
from handlers.parts import Parts

Decision = Callable[[Click], Awaitable[Proposal]]


async def decide(parts: Parts, decision: Decision, click: Click, message: str) -> Proposal:
    """Decide, bring the card up to date, and give what the decision gives.

    ``message``: the timestamp of the message that was clicked on. Raises what the decision raises.
    """
    try:
        decided = await decision(click)
    except ConflictError:
        # The card may be out of date: whoever clicked saw a button that no longer counts.
        await parts.cards.changed(click.proposal)
        await parts.cards.tidy(click.proposal, click.channel, message)
        raise
    await parts.cards.redraw(click.proposal)
    await parts.cards.tidy(click.proposal, click.channel, message)
    return decided
