"""Handing a list over as a file, to one person."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import notes
from bot.blocks.sheet import Sheet
from bot.errors import RefusedError
from handlers.caller import Caller
from handlers.trouble import TROUBLE


async def send_sheet(caller: Caller, sheet: Sheet) -> None:
    """Send a file in a direct message and say so. Raises RefusedError where Slack does not take it."""
    await upload(caller, sheet)
    await caller.replies.private(notes.sent(sheet.name))


async def upload(caller: Caller, sheet: Sheet) -> None:
    """Send a file in a direct message. Raises RefusedError where Slack does not take it."""
    try:
        opened = await caller.client.conversations_open(users=caller.user)
        await _upload(caller.client, opened["channel"]["id"], sheet)
    except TROUBLE as error:
        said = str(error.response.get("error")) if isinstance(error, SlackApiError) else "no answer"
        raise RefusedError(
            f"Slack did not take the file ({said}), so you have not got it.",
            expected="Try again in a minute; if it stays so, tell your platform team: the app needs the scopes "
            "files:write and im:write.",
        ) from error


async def _upload(client: AsyncWebClient, channel: str, sheet: Sheet) -> None:
    await client.files_upload_v2(
        channel=channel,
        filename=sheet.name,
        title=sheet.name,
        content=sheet.content,
        initial_comment=sheet.comment,
    )
