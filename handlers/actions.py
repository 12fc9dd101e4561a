"""The buttons: propose, approve, withdraw, stop, retry. The one to reject: ``handlers.rejecting``."""

import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import PROPOSE, notes, parse_button_value
from bot.errors import BadInputError, RefusedError
from bot.janitor.decide import Click, NotConfirmedError
from bot.janitor.propose import OlderOpenError, ProposedAlreadyError
from handlers import confirming, superseding
from handlers.deciding import Decision, click_of, decide
from handlers.home import replies_to
from handlers.parts import Parts
from handlers.payload import at_home, channel_of, message_of, workspace_of
from handlers.proposing import clicked_on
from handlers.publishing import asker_of, publish
from handlers.replies import Private, answering, context_of

log = structlog.get_logger(__name__)

Body = dict[str, Any]


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the buttons."""

    @app.action("propose")
    async def propose(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        async with answering(replies, parts.under_way, **_who(body)):
            await _propose(parts, body, replies)

    @app.action(re.compile(rf"{PROPOSE}\.\d+"))
    async def propose_from_report(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        async with answering(replies, parts.under_way, **_who(body)):
            await _propose(parts, body, replies, from_report=True)

    @app.action("retry")
    async def retry(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        async with answering(replies_to(parts, body, respond, client), parts.under_way, **_who(body)):
            await _retry(parts, body)

    decisions: dict[str, Decision] = {
        "approve": parts.decider.approve,
        "withdraw": parts.decider.withdraw,
        "stop": parts.stopper.stop,
    }
    for action_id, decision in decisions.items():
        app.action(action_id)(_listener(parts, decision))


def _listener(parts: Parts, decision: Decision) -> Callable[..., Awaitable[None]]:
    async def decided(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        async with answering(replies, parts.under_way, **_who(body)):
            try:
                decided_on = await decide(parts, decision, _click(body), message_of(body))
            except NotConfirmedError as error:
                await confirming.ask(client, body, error)
                return
            if at_home(body):
                await parts.homes.decided(body["user"]["id"], workspace_of(body), decided_on)

    return decided


async def _retry(parts: Parts, body: Body) -> None:
    repeat = await decide(parts, parts.retrier.retry, _click(body), message_of(body))
    try:
        link = await parts.cards.post(repeat)
    except RefusedError as error:
        await parts.retrier.abandon(repeat, error.problem)
        raise
    finally:
        parts.retrier.begin(repeat)
    parts.homes.changed(repeat.id)
    await parts.cards.reply(repeat.retry_of, notes.retried(repeat, by=body["user"]["id"], url=link))


async def _propose(parts: Parts, body: Body, replies: Private, *, from_report: bool = False) -> None:
    """Propose what the button stands for. A report is everybody's and stays as it is; a list is shown once more."""
    clicked = clicked_on(body["actions"][0].get("value", ""))
    try:
        proposed = await parts.proposer.propose(clicked.request, asker_of(body))
    except ProposedAlreadyError as error:
        # Where somebody has deleted its card, nobody could decide on it any more.
        await parts.cards.changed(error.other)
        raise
    except OlderOpenError as error:
        await superseding.ask(parts, body, replies, error)
        return
    await publish(parts, proposed, clicked, replies, over_list=not from_report)


def _click(body: Body) -> Click:
    return click_of(body, *parse_button_value(body["actions"][0].get("value", "")), channel_of(body))


def _who(body: Body) -> dict[str, str]:
    """Say who has clicked on what, for each line of the log that comes of it."""
    action = body["actions"][0]
    who = context_of(body["user"]["id"], workspace_of(body), action=action.get("action_id", ""))
    with contextlib.suppress(BadInputError):  # a button that is about no proposal, or was made up
        who["proposal"] = parse_button_value(action.get("value", ""))[0]
    return who
