"""Who asks, from where, and the way to answer them."""

from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from handlers.payload import channel_of, team_of
from handlers.replies import Replies


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who typed a command or clicked in an answer to one. Ids are Slack's."""

    user: str
    channel: str
    team: str
    replies: Replies
    client: AsyncWebClient
    enterprise: str = ""


def clicker(body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> Caller:
    """Give who clicked on a button."""
    user, channel = body["user"]["id"], channel_of(body)
    return Caller(user, channel, team_of(body), Replies(respond, client, user=user, channel=channel), client)
