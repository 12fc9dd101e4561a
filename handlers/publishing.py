"""Proposing what a button stands for, and what follows once it is stored: the card, and the words to whoever asked."""

from dataclasses import replace
from typing import Any

import structlog

from bot.blocks import notes
from bot.errors import RefusedError
from bot.janitor.propose import Asker, Proposed
from handlers.parts import Parts
from handlers.payload import channel_of, workspace_of
from handlers.proposing import Clicked, show
from handlers.replies import Private

Body = dict[str, Any]

log = structlog.get_logger(__name__)


def asker_of(body: Body) -> Asker:
    """Say who proposes, and where."""
    workspace = workspace_of(body)
    return Asker(
        user=body["user"]["id"],
        channel=channel_of(body),
        team_id=workspace.team_id,
        enterprise_id=workspace.enterprise_id,
    )


async def publish(parts: Parts, proposed: Proposed, clicked: Clicked, replies: Private, *, over_list: bool) -> None:
    """Post the card of what was proposed, and tell whoever did.

    ``over_list``: what was clicked on is the list itself, which is shown once more without its button. Raises
    RefusedError where the card can't be posted; nothing is open then.
    """
    made = proposed.proposal
    log.info("proposed", proposal=made.id, registry=made.registry, items=made.item_count)
    try:
        link = await parts.cards.post(made)
    except RefusedError as error:
        await parts.decider.abandon(made, error.problem)
        parts.homes.changed(made.id, made.requester)
        raise
    parts.homes.changed(made.id, made.requester)
    parts.surveys.submit(made.id)
    parts.looks.keep(proposed.looked)
    if over_list:
        await replies.private(
            show(parts, made.workspace, proposed.looked, replace(clicked.view, offer=False)), replace=True
        )
        differs = clicked.changed_in(proposed.looked)
    else:
        differs = clicked.count != len(proposed.plan.items)
    seen = clicked.count if differs else None
    await replies.private(notes.proposed(made, proposed.plan.items, url=link, seen=seen))
