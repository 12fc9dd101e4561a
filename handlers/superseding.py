"""The question whether a newer proposal replaces an older one, and what is answered to it."""

import contextlib
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import superseding as blocks
from bot.errors import BadInputError, ConflictError, RefusedError
from bot.janitor.propose import OlderOpenError, ProposedAlreadyError
from handlers.deciding import click_of, lead_on
from handlers.home import replies_to
from handlers.links import links_to
from handlers.parts import Parts
from handlers.payload import workspace_of
from handlers.proposing import clicked_on
from handlers.publishing import asker_of, publish
from handlers.replies import Private, answering, context_of

Body = dict[str, Any]

log = structlog.get_logger(__name__)


async def ask(parts: Parts, body: Body, replies: Private, error: OlderOpenError) -> None:
    """Ask whoever proposes, by the button that ``body`` is a click on."""
    first = _value(body)
    try:
        may = await parts.superseder.may(body["user"]["id"], error.older)
    except RefusedError:
        may = False  # looked up again with the next click
    url = (await links_to(parts.clients, [error.older])).get(error.older.id, "")
    await replies.private(blocks.question(error.older, error.count, first, may=may, url=url))


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the buttons of the question."""

    @app.action(blocks.REPLACE)
    async def replaced(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        async with answering(replies, parts.under_way, **_who(body, blocks.REPLACE)):
            await _replace(parts, body, replies)

    @app.action(blocks.BESIDE)
    async def beside(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        async with answering(replies, parts.under_way, **_who(body, blocks.BESIDE)):
            clicked = clicked_on(blocks.parse_asked(_value(body)).first)
            try:
                proposed = await parts.proposer.propose(clicked.request, asker_of(body), beside=True)
            except ProposedAlreadyError as error:
                await parts.cards.changed(error.other)
                raise
            await publish(parts, proposed, clicked, replies, over_list=True)

    @app.action(blocks.KEEP)
    async def kept(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        async with answering(replies, parts.under_way, **_who(body, blocks.KEEP)):
            older = await parts.desk.store.proposals.get(blocks.parse_asked(_value(body)).proposal)
            workspace = workspace_of(body)
            known = older is not None and workspace.owns(older.team_id, older.enterprise_id)
            links = await links_to(parts.clients, [older]) if older is not None and known else {}
            await replies.private(blocks.kept(next(iter(links.values()), "")), replace=True)


async def _replace(parts: Parts, body: Body, replies: Private) -> None:
    asked = blocks.parse_asked(_value(body))
    clicked = clicked_on(asked.first)
    asker = asker_of(body)
    click = click_of(body, asked.proposal, asked.revision, asked.checksum, asker.channel)
    try:
        proposed = await parts.superseder.replace(clicked.request, asker, click)
    except ProposedAlreadyError as error:
        await parts.cards.changed(error.other)
        raise
    except ConflictError as error:
        await lead_on(parts, error)
        await parts.cards.changed(asked.proposal)
        raise
    try:
        await publish(parts, proposed, clicked, replies, over_list=True)
    except RefusedError as error:
        closed = "The older proposal was closed for it, so that none is open now."
        raise RefusedError(
            error.problem, expected=f"{error.expected} {closed}", example=error.example, mentions=error.mentions
        ) from error
    finally:
        # Behind the newer card, so that the older one can lead to it.
        parts.homes.changed(asked.proposal)
        await parts.cards.redraw(asked.proposal)


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value", ""))


def _who(body: Body, action: str) -> dict[str, str]:
    who = context_of(body["user"]["id"], workspace_of(body), action=action)
    with contextlib.suppress(BadInputError):  # made up, or of another version of the app
        who["proposal"] = blocks.parse_asked(_value(body)).proposal
    return who
