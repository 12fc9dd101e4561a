"""Who asks, from where, and the way to answer them."""

from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.workspace import Workspace
from bot.janitor.propose import Asker
from handlers.payload import channel_of, workspace_of
from handlers.replies import Replies, context_of


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who typed a command or clicked in an answer to one. Ids are Slack's."""

    user: str
    channel: str
    workspace: Workspace
    replies: Replies
    client: AsyncWebClient

    @property
    def context(self) -> dict[str, str]:
        """Who they are to the log and to the record of refusals."""
        return context_of(self.user, self.workspace)

    @property
    def asker(self) -> Asker:
        """Who they are to the use cases."""
        return Asker(self.user, self.channel, self.workspace.team_id, self.workspace.enterprise_id)


def clicker(body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> Caller:
    """Give who clicked on a button."""
    user, channel = body["user"]["id"], channel_of(body)
    return Caller(user, channel, workspace_of(body), Replies(respond, client, user=user, channel=channel), client)
