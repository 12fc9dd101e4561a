"""The form in which whoever approves types what is about to go: opening it, and what comes of it."""

import asyncio
import secrets
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import confirming as blocks
from bot.domain.proposal import Proposal
from bot.errors import JanitorError
from bot.janitor.decide import Click, NotConfirmedError
from handlers.deciding import click_of, decide
from handlers.modals import ANSWER_SECONDS, behind_form, open_modal
from handlers.parts import Parts
from handlers.payload import channel_of, filled_in, message_of
from handlers.replies import answering, context_of

Body = dict[str, Any]

log = structlog.get_logger(__name__)


async def ask(client: AsyncWebClient, body: Body, error: NotConfirmedError) -> None:
    """Open the form for whoever has clicked on Approve. Raises RefusedError where it took too long to get there."""
    view = blocks.confirming(error.proposal, channel_of(body), message_of(body))
    await open_modal(
        client,
        body,
        view,
        late="The form to approve this could not be opened in time, so nothing was approved.",
        again="Click Approve once more.",
    )


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the form."""

    @app.view(blocks.CONFIRM)
    async def confirmed(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        user = body["user"]["id"]
        try:
            click, message = _click(body)
        except JanitorError as error:
            await ack(response_action="update", view=blocks.refused(error))
            return
        with structlog.contextvars.bound_contextvars(**context_of(user, click.workspace, action="confirm")):
            deciding = asyncio.create_task(decide(parts, parts.decider.approve, click, message))
        with parts.under_way:
            done, _ = await asyncio.wait({deciding}, timeout=ANSWER_SECONDS)
            await ack(**(_answer(deciding) if done else {}))
        from_home = not click.channel
        if not done:
            # The form is closed by now; who sent it is told where they clicked.
            replies = behind_form(parts, click, respond, client)
            context = context_of(user, click.workspace, proposal=click.proposal, action="confirm")
            async with answering(replies, parts.under_way, **context):
                await deciding
        if from_home and deciding.exception() is None:
            with parts.under_way:
                await parts.homes.decided(user, click.workspace, deciding.result())


def _click(body: Body) -> tuple[Click, str]:
    """Read which proposal the form is for, what was typed, and the timestamp of the card that it was opened from."""
    view = body["view"]
    carried = blocks.parse_confirming(view.get("private_metadata", ""))
    typed = filled_in(view).get(blocks.TYPED, "")
    click = click_of(body, carried.proposal, carried.revision, carried.checksum, carried.channel)
    click = replace(click, typed=typed)
    return click, carried.message


def _answer(deciding: "asyncio.Task[Proposal]") -> dict[str, Any]:
    """Say in the form what came of it: nothing closes it."""
    error = deciding.exception()
    match error:
        case None:
            return {}
        case NotConfirmedError():
            return {"response_action": "errors", "errors": {blocks.TYPED: f"{error.problem} {error.expected}"}}
        case JanitorError():
            log.info("answered_with_problem", kind=type(error).__name__, problem=error.problem)
            return {"response_action": "update", "view": blocks.refused(error)}
    reference = secrets.token_hex(4)
    log.error("unexpected_error", reference=reference, exc_info=error)
    return {"response_action": "update", "view": blocks.broke(reference)}
