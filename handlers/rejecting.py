"""Rejecting: the button opens a form that asks why, and what is submitted there rejects.

Who may reject is looked up before the form opens and once more when it is submitted. Slack lets a form be opened for
three seconds after the click only: where the look-up takes longer, the form opens empty and is filled afterwards.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import REJECT, Message, parse_button_value, problem
from bot.blocks import rejecting as blocks
from bot.blocks.card_view import View
from bot.blocks.carried import parse_carried
from bot.domain.proposal import Proposal
from bot.domain.rejection import read_reason
from bot.errors import BadInputError, JanitorError, RefusedError
from bot.janitor.decide import Click, ReasonNeededError
from bot.janitor.history import look_into
from handlers.deciding import click_of, decide
from handlers.home import replies_to
from handlers.links import links_to
from handlers.modals import ANSWER_SECONDS, behind_form, open_modal
from handlers.parts import Parts
from handlers.payload import channel_of, filled_in, message_of, workspace_of
from handlers.replies import Private, answering, context_of
from handlers.trouble import TROUBLE

Body = dict[str, Any]

# Slack lets a form be opened within three seconds of the click.
OPEN_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InForm:
    """Answers in the place of a form; where that was closed, ``otherwise``. ``reason`` is what was written in it."""

    client: AsyncWebClient
    view_id: str
    otherwise: Private
    reason: str = ""

    @property
    def channel(self) -> str:
        """The channel that the form was opened in, empty for none."""
        return self.otherwise.channel

    async def private(self, message: Message, *, replace: bool = False) -> None:  # noqa: ARG002 - there is but one place
        """Show a message to this person only."""
        try:
            await self.show(blocks.not_rejected(message, self.reason))
        except TROUBLE:
            await self.otherwise.private(message)

    async def show(self, view: Body) -> None:
        """Show another view. Raises SlackApiError and its kin where Slack does not."""
        await self.client.views_update(view_id=self.view_id, view=view)


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the button, and to the form."""

    @app.action(REJECT)
    async def clicked(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        replies = replies_to(parts, body, respond, client)
        context = context_of(body["user"]["id"], workspace_of(body), action=REJECT)
        async with answering(replies, parts.under_way, **context):
            click = click_of(body, *parse_button_value(body["actions"][0].get("value", "")), channel_of(body))
            async with answering(replies, parts.under_way, **context, proposal=click.proposal):
                await _ask(parts, body, client, replies, click)

    @app.view(blocks.CALLBACK)
    async def submitted(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        with parts.under_way:
            await _submit(parts, ack, body, respond, client)


async def _ask(parts: Parts, body: Body, client: AsyncWebClient, replies: Private, click: Click) -> None:
    """Open the form for whoever may reject. Raises why it was not opened."""
    asking = asyncio.create_task(_needs_reason(parts, click, message_of(body)))
    done, _ = await asyncio.wait({asking}, timeout=OPEN_SECONDS)
    if done:
        await _open(client, body, await _form(parts, asking.result(), body))
        return
    try:
        view_id = await _open(client, body, blocks.waiting(":mag: Looking up who may reject this …"))
    except RefusedError:
        await asking  # what stands against it says more
        raise
    form = InForm(client, view_id, replies)
    async with answering(form, parts.under_way):
        await form.show(await _form(parts, await asking, body))


async def _needs_reason(parts: Parts, click: Click, message: str) -> Proposal:
    """Give the proposal, where nothing but a reason is missing to reject it. Raises what stands against it."""
    try:
        return await decide(parts, parts.decider.reject, click, message)
    except ReasonNeededError as error:
        return error.proposal


async def _form(parts: Parts, proposal: Proposal, body: Body) -> Body:
    view = await _view(parts, proposal)
    return blocks.rejecting(view, channel_of(body), message_of(body))


async def _view(parts: Parts, proposal: Proposal) -> View:
    (about,) = await look_into(parts.desk, [proposal])
    return View(proposal, about.records, about.tally, (), (), parts.desk.clock(), {}, allow_self=False)


async def _open(client: AsyncWebClient, body: Body, view: Body) -> str:
    """Open a form and give its id. Raises RefusedError where Slack lets that be no more."""
    return await open_modal(
        client,
        body,
        view,
        late="The form that asks for the reason could not be opened in time, so nothing was rejected.",
        again="Click Reject once more.",
    )


async def _submit(parts: Parts, ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
    user, view = body["user"]["id"], body["view"]
    written = filled_in(view).get(blocks.REASON, "")
    try:
        carried = parse_carried(view.get("private_metadata", ""), "Reject")
    except BadInputError as fault:
        await ack(response_action="update", view=blocks.not_rejected(problem(fault), written))
        return
    try:
        reason = read_reason(written)
    except BadInputError as fault:
        await ack(response_action="errors", errors={blocks.REASON: f"{fault.problem} {fault.expected}"})
        return
    click = click_of(body, carried.proposal, carried.revision, carried.checksum, carried.channel)
    click = replace(click, reason=reason)
    context = context_of(user, click.workspace, action=REJECT, proposal=click.proposal)
    with structlog.contextvars.bound_contextvars(**context):
        deciding = asyncio.create_task(decide(parts, parts.decider.reject, click, carried.message))
    done, _ = await asyncio.wait({deciding}, timeout=ANSWER_SECONDS)
    error = deciding.exception() if done else None
    if done and error is None:
        await ack()
    elif isinstance(error, JanitorError):
        log.info("answered_with_problem", kind=type(error).__name__, problem=error.problem)
        await ack(response_action="update", view=blocks.not_rejected(problem(error), written))
        return
    else:
        await ack(response_action="update", view=blocks.waiting(":hourglass_flowing_sand: Rejecting …"))
    form = InForm(client, view["id"], behind_form(parts, click, respond, client), written)
    async with answering(form, parts.under_way, **context):
        proposal = await deciding
        if not done:
            await _show_rejected(form, proposal)
        await _tell(parts, client, proposal)
        if not click.channel:
            await parts.homes.decided(user, click.workspace, proposal)


async def _show_rejected(form: InForm, proposal: Proposal) -> None:
    try:
        await form.show(blocks.rejected(proposal))
    except TROUBLE as error:
        log.info("form_closed_meanwhile", error=str(error))  # the card says it


async def _tell(parts: Parts, client: AsyncWebClient, proposal: Proposal) -> None:
    """Tell whoever asked: in the card's thread, and directly where that can't be written to. Never raises."""
    if proposal.requester == proposal.decided_by:
        return
    try:
        view = await _view(parts, proposal)
        what = f"{view.to()}{view.up_to}"
        if proposal.card_ts:
            try:
                await client.chat_postMessage(
                    channel=proposal.channel,
                    thread_ts=proposal.card_ts,
                    **blocks.tell_requester(proposal, what).payload(),
                )
            except TROUBLE as error:
                log.info("reason_not_in_thread", proposal=proposal.id, error=str(error))
            else:
                return
        opened = await client.conversations_open(users=proposal.requester)
        url = (await links_to(parts.clients, [proposal])).get(proposal.id, "")
        message = blocks.tell_requester(proposal, what, url)
        await client.chat_postMessage(channel=opened["channel"]["id"], **message.payload())
    except (*TROUBLE, JanitorError):
        log.exception("reason_not_told", proposal=proposal.id)  # it is on the card, and in their Home tab
