"""The buttons below what could go: to turn its pages, and to have all of it as CSV."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.listing_csv import listing_csv
from bot.blocks.paging import PLAN_CSV
from handlers.caller import Caller, clicker
from handlers.noting import note_view
from handlers.parts import Parts
from handlers.proposing import Clicked, clicked_on, difference, show
from handlers.replies import answering
from handlers.sheets import send_sheet

Body = dict[str, Any]


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the buttons."""

    @app.action(re.compile(r"plan\.(?:back|next)"))
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        caller = clicker(body, respond, client)
        async with answering(caller.replies, parts.under_way, **caller.context):
            await _turn(parts, caller, _clicked(body))

    @app.action(PLAN_CSV)
    async def csv(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        caller = clicker(body, respond, client)
        async with answering(caller.replies, parts.under_way, **caller.context):
            await _send(parts, caller, _clicked(body))


def _clicked(body: Body) -> Clicked:
    return clicked_on(body["actions"][0].get("value", ""))


async def _turn(parts: Parts, caller: Caller, clicked: Clicked) -> None:
    looked = await parts.looks.recent(clicked.request)
    page = show(parts, caller.workspace, looked, clicked.view, changed=difference(clicked, looked))
    await caller.replies.private(page, replace=True)
    note_view(parts, clicked.request, caller, f"{clicked.request}, more pages")


async def _send(parts: Parts, caller: Caller, clicked: Clicked) -> None:
    looked = await parts.looks.recent(clicked.request)
    # Tens of thousands of lines: in a thread they can't hold up the answers that Slack wants within three seconds.
    sheet = await asyncio.to_thread(listing_csv, looked.plan, looked.stays, changed=difference(clicked, looked))
    await send_sheet(caller, sheet)
    note_view(parts, clicked.request, caller, f"{clicked.request} as CSV")
