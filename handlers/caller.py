"""Who asks, from where, and the way to answer them."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

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
