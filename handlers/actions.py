"""The buttons: propose, approve, reject, withdraw, stop, retry."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import notes, parse_button_value
from bot.domain.proposal import Proposal
from bot.errors import ConflictError, RefusedError
from bot.janitor.decide import Click
from bot.janitor.propose import Asker, ProposedAlreadyError
from handlers.parts import Parts
from handlers.payload import channel_of, message_of, team_of
from handlers.proposing import clicked_on, show
from handlers.replies import Replies, answering

Body = dict[str, Any]
Decision = Callable[[Click], Awaitable[Proposal]]


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the buttons."""

    @app.action("propose")
    async def propose(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = _replies(body, respond, client)
        async with answering(replies, parts.under_way, **_who(body)):
            await _propose(parts, body, replies)

    @app.action("retry")
    async def retry(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        async with answering(_replies(body, respond, client), parts.under_way, **_who(body)):
            await _retry(parts, body)

    decisions: dict[str, Decision] = {
        "approve": parts.decider.approve,
        "reject": parts.decider.reject,
        "withdraw": parts.decider.withdraw,
        "stop": parts.stopper.stop,
    }
    for action_id, decision in decisions.items():
        app.action(action_id)(_listener(parts, decision))


def _listener(parts: Parts, decision: Decision) -> Callable[..., Awaitable[None]]:
    async def decide(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = _replies(body, respond, client)
        async with answering(replies, parts.under_way, **_who(body)):
            await _decide(parts, body, decision)

    return decide


async def _decide(parts: Parts, body: Body, decision: Decision) -> Proposal:
    click = _click(body)
    try:
        decided = await decision(click)
    except ConflictError:
        # The card may be out of date: whoever clicked saw a button that no longer counts.
        await parts.cards.changed(click.proposal)
        await parts.cards.tidy(click.proposal, click.channel, message_of(body))
        raise
    await parts.cards.redraw(click.proposal)
    await parts.cards.tidy(click.proposal, click.channel, message_of(body))
    return decided


async def _retry(parts: Parts, body: Body) -> None:
    repeat = await _decide(parts, body, parts.retrier.retry)
    try:
        link = await parts.cards.post(repeat)
    except RefusedError as error:
        await parts.retrier.abandon(repeat, error.problem)
        raise
    finally:
        parts.retrier.begin(repeat)
    await parts.cards.reply(repeat.retry_of, notes.retried(repeat, by=body["user"]["id"], url=link))


async def _propose(parts: Parts, body: Body, replies: Replies) -> None:
    clicked = clicked_on(body["actions"][0].get("value", ""))
    asker = Asker(
        user=body["user"]["id"],
        channel=channel_of(body),
        team_id=team_of(body),
        enterprise_id=(body.get("enterprise") or {}).get("id", ""),
    )
    try:
        proposed = await parts.proposer.propose(clicked.request, asker)
    except ProposedAlreadyError as error:
        # Where somebody has deleted its card, nobody could decide on it any more.
        await parts.cards.changed(error.other)
        raise
    try:
        link = await parts.cards.post(proposed.proposal)
    except RefusedError as error:
        await parts.decider.abandon(proposed.proposal, error.problem)
        raise
    parts.surveys.submit(proposed.proposal.id)
    parts.looks.keep(proposed.looked)
    await replies.private(show(parts, proposed.looked, replace(clicked.view, offer=False)), replace=True)
    seen = clicked.count if clicked.changed_in(proposed.looked) else None
    await replies.private(notes.proposed(proposed.proposal, proposed.plan.items, url=link, seen=seen))


def _click(body: Body) -> Click:
    proposal, revision, checksum = parse_button_value(body["actions"][0].get("value", ""))
    return Click(
        user=body["user"]["id"],
        team_id=team_of(body),
        channel=channel_of(body),
        proposal=proposal,
        revision=revision,
        checksum=checksum,
    )


def _replies(body: Body, respond: AsyncRespond, client: AsyncWebClient) -> Replies:
    return Replies(respond, client, user=body["user"]["id"], channel=channel_of(body))


def _who(body: Body) -> dict[str, str]:
    return {"user": body["user"]["id"], "team": team_of(body), "action": body["actions"][0].get("action_id", "")}
