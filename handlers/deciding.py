"""What every decision on a card has in common, whichever way it comes in: by a button or by a form."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.domain.proposal import Proposal
from bot.errors import ConflictError, RefusedError
from bot.janitor.decide import Click, MoreNeededError, ReplacedError
from bot.janitor.refusals import Refused
from handlers.parts import Parts
from handlers.payload import workspace_of

log = structlog.get_logger(__name__)

Body = dict[str, Any]
Decision = Callable[[Click], Awaitable[Proposal]]


def click_of(body: Body, proposal: str, revision: int, checksum: str, channel: str) -> Click:
    """Say who clicked or submitted, and which proposal in which form that is about."""
    workspace = workspace_of(body)
    return Click(
        user=body["user"]["id"],
        team_id=workspace.team_id,
        enterprise_id=workspace.enterprise_id,
        channel=channel,
        proposal=proposal,
        revision=revision,
        checksum=checksum,
    )


async def decide(parts: Parts, decision: Decision, click: Click, message: str) -> Proposal:
    """Decide, bring the card up to date, and give what the decision gives.

    ``message``: the timestamp of the message that was clicked on. Raises what the decision raises.
    """
    try:
        decided = await decision(click)
    except MoreNeededError:
        raise  # it asks for more, and refuses nothing
    except (RefusedError, ConflictError) as error:
        await parts.refusals.note(error, _refused(click, decision))
        if isinstance(error, ConflictError):
            # The card may be out of date: whoever clicked saw a button that no longer counts.
            await lead_on(parts, error)
            await parts.cards.changed(click.proposal)
            parts.homes.changed(click.proposal, click.user)
            await parts.cards.tidy(click.proposal, click.channel, message)
        raise
    log.info("decided", proposal=decided.id, registry=decided.registry, state=decided.state.value, user=click.user)
    parts.homes.changed(click.proposal, click.user)
    await parts.cards.redraw(click.proposal)
    await parts.cards.tidy(click.proposal, click.channel, message)
    return decided


async def lead_on(parts: Parts, error: ConflictError) -> None:
    """Where a newer proposal has taken the place of the one clicked on, let the answer link its card."""
    if isinstance(error, ReplacedError) and (url := await parts.cards.link_to(error.newer)):
        error.see = ("Open the newer card", url)


def _refused(click: Click, decision: Decision) -> Refused:
    return Refused(
        user=click.user,
        team_id=click.team_id,
        channel=click.channel,
        action=getattr(decision, "__name__", ""),
        proposal=click.proposal,
        checksum=click.checksum,
        revision=click.revision,
        enterprise_id=click.enterprise_id,
    )
