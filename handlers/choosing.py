"""The form in which somebody chooses what of a proposal goes: opening it, turning its pages, and what comes of it."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message, parse_button_value, problem
from bot.blocks import choosing as blocks
from bot.blocks.card import CHOOSE
from bot.blocks.choosing import Draft
from bot.domain.form import FormError
from bot.domain.narrow import KEEP, OLDER, Narrowing, read_narrowing
from bot.errors import BadInputError, ConflictError, JanitorError, RegistryError
from bot.janitor.choose import Offer
from bot.janitor.decide import Click
from handlers.deciding import click_of
from handlers.home import replies_to
from handlers.modals import ANSWER_SECONDS, open_modal
from handlers.parts import Parts
from handlers.payload import channel_of, filled_in, message_of, workspace_of
from handlers.replies import answering, context_of
from handlers.trouble import TROUBLE

Body = dict[str, Any]

BEHIND_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InForm:
    """Answers in the place of a form that is open."""

    client: AsyncWebClient
    view: str
    channel: str

    async def private(self, message: Message, *, replace: bool = False) -> None:  # noqa: ARG002 - there is but one place
        """Show a message to this person only."""
        await self.show(blocks.told(message))

    async def show(self, view: Body) -> None:
        """Show another view. Raises SlackApiError and its kin where Slack does not, as where it was closed."""
        await self.client.views_update(view_id=self.view, view=view)


@dataclass(slots=True)
class Outcome:
    """What came of a form that was sent: the view that says so, and whether there is a new revision."""

    channel: str
    view: Body = field(default_factory=dict)
    revised: bool = False

    async def private(self, message: Message, *, replace: bool = False) -> None:  # noqa: ARG002 - there is but one place
        """Show a message to this person only."""
        self.view = blocks.told(message)


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the button on the card, and to the form."""

    @app.action(CHOOSE)
    async def choose(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        async with answering(replies_to(parts, body, respond, client), parts.under_way, **_who(body)):
            click = click_of(body, *parse_button_value(body["actions"][0].get("value", "")), channel_of(body))
            draft = Draft(click.proposal, click.revision, click.checksum, click.channel, message_of(body))
            form = await _open(client, body, click.channel)
            async with answering(form, parts.under_way, **_who(body, click.proposal)):
                offer = await _offer(parts, click, draft)
                await form.show(blocks.choosing(offer.proposal, offer.items, draft, parts.desk.clock()))

    @app.action(re.compile(r"choose\.(find|next|back|off|on)"))
    async def turned(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _turn(parts, body, client)

    @app.view(CHOOSE)
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await _submit(parts, ack, body, client)


async def _open(client: AsyncWebClient, body: Body, channel: str) -> InForm:
    """Open the form before anything is looked up, for Slack lets that wait for three seconds only."""
    view_id = await open_modal(
        client,
        body,
        blocks.looking(),
        late="The form to choose from this could not be opened in time, so nothing was changed.",
        again="Click Choose once more.",
    )
    return InForm(client, view_id, channel)


async def _offer(parts: Parts, click: Click, draft: Draft) -> Offer:
    try:
        return await parts.chooser.offer(click)
    except ConflictError:
        await _card_is_old(parts, click, draft)
        raise


async def _turn(parts: Parts, body: Body, client: AsyncWebClient) -> None:
    """Draw another page, with all that is ticked and filled in so far."""
    view = body["view"]
    form = InForm(client, view["id"], "")
    async with answering(form, parts.under_way, **_who(body)):
        draft = _filled(view)
        click = click_of(body, draft.proposal, draft.revision, draft.checksum, draft.channel)
        offer = await _offer(parts, click, draft)
        found = frozenset(item.position for item in blocks.matching(offer.items, draft.find))
        match body["actions"][0]["action_id"]:
            case blocks.NEXT:
                draft = replace(draft, start=draft.start + blocks.PAGE)
            case blocks.BACK:
                draft = replace(draft, start=max(0, draft.start - blocks.PAGE))
            case blocks.ALL_OFF:
                draft = replace(draft, off=draft.off | found)
            case blocks.ALL_ON:
                draft = replace(draft, off=draft.off - found)
        now = parts.desk.clock()
        await form.show(blocks.choosing(offer.proposal, offer.items, draft, now, values=filled_in(view)))


async def _submit(parts: Parts, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
    """Make the choice. The form itself says what came of it, at once where that takes no longer than Slack waits."""
    view = body["view"]
    with parts.under_way:
        try:
            draft = _filled(view)
            click = click_of(body, draft.proposal, draft.revision, draft.checksum, draft.channel)
            narrowing = await _narrowing(parts, click, filled_in(view))
        except FormError as error:
            await ack(response_action="errors", errors=blocks.field_errors(error))
            return
        except JanitorError as error:
            await ack(response_action="update", view=blocks.told(problem(error)))
            return
        came = Outcome(click.channel)
        choosing = asyncio.create_task(
            _choose(parts, _who(body, click.proposal), (click, draft), came, (narrowing, view))
        )
        done, _ = await asyncio.wait({choosing}, timeout=ANSWER_SECONDS)
        await ack(response_action="update", view=came.view if done else blocks.working())
        if not done:
            # What is sent right behind an answer can overtake it.
            await asyncio.gather(choosing, asyncio.sleep(BEHIND_SECONDS))
            try:
                await client.views_update(view_id=view["id"], view=came.view)
            except TROUBLE as error:
                log.info("form_closed_meanwhile", error=str(error))  # the card says it all
        if came.revised:
            parts.homes.changed(click.proposal, click.user)
            parts.surveys.submit(click.proposal)
            await parts.cards.redraw(click.proposal)
            await parts.cards.tidy(click.proposal, click.channel, draft.message)


async def _choose(
    parts: Parts, who: Mapping[str, str], sent: tuple[Click, Draft], came: "Outcome", filled: tuple[Narrowing, Body]
) -> None:
    """Make the choice and draw what came of it. Never raises."""
    (click, draft), (narrowing, view) = sent, filled
    async with answering(came, parts.under_way, **who):
        try:
            revised = await parts.chooser.choose(click, draft.off, narrowing)
        except (BadInputError, RegistryError) as error:
            # Nothing is wrong with the form itself: it comes back as it was filled in.
            offer = await parts.chooser.offer(click)
            now = parts.desk.clock()
            came.view = blocks.choosing(offer.proposal, offer.items, draft, now, values=filled_in(view), error=error)
        except ConflictError:
            await _card_is_old(parts, click, draft)
            raise
        else:
            came.view, came.revised = blocks.made(revised.proposal, revised.revision), True


async def _narrowing(parts: Parts, click: Click, values: Mapping[str, str]) -> Narrowing:
    """Read the fields against the rule as it is. Raises FormError; a proposal that is gone is told later."""
    proposal = await parts.desk.store.proposals.get(click.proposal)
    if proposal is None:
        return Narrowing()
    return read_narrowing(values.get(OLDER, ""), values.get(KEEP, ""), proposal.rule, parts.desk.clock())


async def _card_is_old(parts: Parts, click: Click, draft: Draft) -> None:
    """Bring the card up to date of which somebody saw a button that no longer counts."""
    await parts.cards.changed(click.proposal)
    parts.homes.changed(click.proposal, click.user)
    await parts.cards.tidy(click.proposal, click.channel, draft.message)


def _who(body: Body, proposal: str = "") -> dict[str, str]:
    return context_of(body["user"]["id"], workspace_of(body), action=CHOOSE, proposal=proposal)


def _filled(view: Body) -> Draft:
    """Give the draft with what is ticked and looked for on the screen. Raises BadInputError for none of ours."""
    draft = blocks.parse_draft(view.get("private_metadata", ""))
    find = filled_in(view).get(blocks.FIND, "") if blocks.FIND in _ids(view) else draft.find
    shown, ticked = _ticks(view)
    start = draft.start if find == draft.find else 0
    return replace(draft, off=(draft.off | shown) - ticked, find=find, start=start)


def _ids(view: Body) -> set[str]:
    return {str(block.get("block_id", "")) for block in view.get("blocks", ())}


def _ticks(view: Body) -> tuple[frozenset[int], frozenset[int]]:
    """Give the positions of what the page shows, and of what is ticked of it."""
    shown: set[int] = set()
    ticked: set[int] = set()
    state = (view.get("state") or {}).get("values") or {}
    for block in view.get("blocks", ()):
        element = block.get("element") or {}
        if element.get("action_id") != blocks.TICKS:
            continue
        shown |= {int(option["value"]) for option in element.get("options", ())}
        entry = state.get(block["block_id"], {}).get(blocks.TICKS, {})
        ticked |= {int(option["value"]) for option in entry.get("selected_options") or ()}
    return frozenset(shown), frozenset(ticked)
