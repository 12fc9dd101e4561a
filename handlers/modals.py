"""What every modal about a proposal has in common: opening it in time, and where else it is answered."""

from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RefusedError
from bot.janitor.decide import Click
from handlers.home import HomeReplies
from handlers.parts import Parts
from handlers.replies import Private, Replies

Body = dict[str, Any]

# Slack shows a form as broken after three seconds without an answer; looking who is in a group may take longer.
ANSWER_SECONDS = 2.0
_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id"})


async def open_modal(client: AsyncWebClient, body: Body, view: Body, *, late: str, again: str) -> str:
    """Open a modal for whoever has clicked, and give its id.

    Slack allows it for three seconds after the click: RefusedError with ``late`` and ``again`` where that is over.
    """
    try:
        opened = await client.views_open(trigger_id=body["trigger_id"], view=view)
    except SlackApiError as refused:
        if refused.response.get("error") not in _TOO_LATE:
            raise
        raise RefusedError(late, expected=again) from refused
    return str(opened["view"]["id"])


def behind_form(parts: Parts, click: Click, respond: AsyncRespond, client: AsyncWebClient) -> Private:
    """Give the way to answer where the form was opened from: in a channel, or in the Home tab."""
    if not click.channel:
        return HomeReplies(parts.homes, click.user, click.workspace)
    return Replies(respond, client, user=click.user, channel=click.channel)
