"""Opening the Home tab, and the answers to clicks in it."""

from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message
from bot.domain.workspace import Workspace
from handlers.homes import Homes
from handlers.parts import Parts
from handlers.payload import at_home, channel_of, workspace_of, workspace_of_event
from handlers.replies import Private, Replies

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HomeReplies:
    """Answers on top of somebody's Home tab, where there is neither a channel nor a response URL."""

    homes: Homes
    user: str
    workspace: Workspace

    @property
    def channel(self) -> str:
        """None: Home is in no channel."""
        return ""

    async def private(self, message: Message, *, replace: bool = False) -> None:  # noqa: ARG002 - there is but one place
        """Show a message to this person only."""
        await self.homes.tell(self.user, self.workspace, message)


def replies_to(parts: Parts, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> Private:
    """Give the way to answer a click, in a message or in the Home tab."""
    user = body["user"]["id"]
    if at_home(body):
        return HomeReplies(parts.homes, user, workspace_of(body))
    return Replies(respond, client, user=user, channel=channel_of(body))


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to those who open it."""

    @app.event("app_home_opened")
    async def opened(event: Body, body: Body) -> None:
        if event.get("tab", "home") == "home":  # the other one has the messages
            with parts.under_way:
                await parts.homes.opened(str(event["user"]), workspace_of_event(body))
