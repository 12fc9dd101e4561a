"""The commands that list: the first page as the answer, and the buttons that turn pages and send all as CSV."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message
from bot.blocks.paging import CSV, Turn, parse_turn
from bot.domain.lists import ListRequest, Pending, Rules
from bot.domain.parse import parse_command
from bot.errors import BadInputError, JanitorError
from handlers.caller import Caller, clicker
from handlers.noting import note_view
from handlers.parts import Parts
from handlers.replies import answering
from handlers.sheets import send_sheet
from handlers.surfaces import Surface, surfaces

Body = dict[str, Any]


class Lists:
    """Every list, by its request."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._surfaces: Mapping[type, Surface[Any]] = surfaces(parts)

    @property
    def answers(self) -> Mapping[type, Callable[[Parts, Any, Caller], Awaitable[Message]]]:
        """Give the function that answers each request."""
        return dict.fromkeys(self._surfaces, self._answer)

    def register(self, app: AsyncApp) -> None:
        """Listen to the buttons."""

        @app.action(re.compile(r"page\.(?:back|next)"))
        async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
            await ack()
            await self._clicked(clicker(body, respond, client), body, self._turn)

        @app.action(CSV)
        async def csv(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
            await ack()
            await self._clicked(clicker(body, respond, client), body, self._send)

    async def _answer(self, _: Parts, request: ListRequest, caller: Caller) -> Message:
        try:
            return await self._surfaces[type(request)].page(request, caller, 0, fresh=True)
        except JanitorError as error:
            _mend_example(error, request)
            raise

    async def _clicked(
        self, caller: Caller, body: Body, do: Callable[[Caller, ListRequest, Turn], Awaitable[None]]
    ) -> None:
        async with answering(caller.replies, self._parts.under_way, **caller.context):
            turn = parse_turn(body["actions"][0].get("value", ""))
            request = parse_command(turn.line.removeprefix("/acr"))
            if not isinstance(request, ListRequest) or type(request) not in self._surfaces:
                raise BadInputError(
                    "This button is from another version of the app.", expected="Run the command again."
                )
            await do(caller, request, turn)

    async def _turn(self, caller: Caller, request: ListRequest, turn: Turn) -> None:
        page = await self._surfaces[type(request)].page(request, caller, turn.start, fresh=False)
        await caller.replies.private(page, replace=True)
        note_view(self._parts, request, caller, f"{request}, more pages")

    async def _send(self, caller: Caller, request: ListRequest, _: Turn) -> None:
        await send_sheet(caller, await self._surfaces[type(request)].sheet(request, caller))
        note_view(self._parts, request, caller, f"{request} as CSV")


def _mend_example(error: JanitorError, request: ListRequest) -> None:
    """Let the example be one of the command that was typed."""
    error.about(request.command)
    if isinstance(request, Pending | Rules) and " --registry " in error.example:  # it takes no repository
        error.example = f"{request.command} --registry {error.example.partition(' --registry ')[2]}"
