"""Sending a message so that it arrives: where Slack refuses its blocks, it is sent again in a plainer form.

Slack hands new kinds of blocks out bit by bit, and a workspace that does not know one refuses the whole message.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog
from slack_sdk.errors import SlackApiError

from bot.blocks import Block, Message
from bot.blocks.parts import section

_SECTION_MOST = 3000
_CHART = "data_visualization"
# What chat.postMessage, chat.update and response URLs call blocks that they don't take.
_REFUSALS = ("invalid_blocks", "invalid_attachments", "msg_blocks_too_long")

T = TypeVar("T")

log = structlog.get_logger(__name__)


def refuses_blocks(said: str) -> bool:
    """Whether what Slack said is about the blocks, so that the same message may arrive in another form."""
    return any(code in said for code in _REFUSALS)


def forms(message: Message) -> list[Message]:
    """Give a message as it is, then in ever plainer forms.

    Without its chart, where it has one; its text with its buttons in the oldest kinds of blocks; its text alone.
    """
    without_chart = [block for block in message.blocks if block["type"] != _CHART]
    buttons = [block for block in message.blocks if block["type"] == "actions"]
    plain = Message(message.text, [*_sections(message.text), *buttons])
    plainer = [Message(message.text, without_chart)] if len(without_chart) < len(message.blocks) else []
    return [message, *plainer, plain, Message(message.text, [])]


async def send(message: Message, by: Callable[[Message], Awaitable[T]], *, with_buttons: bool = False) -> T:
    """Send a message, in a plainer form where its blocks are refused, and give what Slack answered.

    ``with_buttons``: without them it would be of no use. Raises SlackApiError where no form is taken.
    """
    *richer, last = forms(message)[:-1] if with_buttons else forms(message)
    for form in richer:
        try:
            return await by(form)
        except SlackApiError as error:
            said = str(error.response.get("error"))
            if not refuses_blocks(said):
                raise
            log.warning("blocks_refused", error=said, details=error.response.get("response_metadata"))
    return await by(last)


def _sections(text: str) -> Iterator[Block]:
    rest = text
    while len(rest) > _SECTION_MOST:
        # Between sentences: a cut elsewhere could fall into a mention or a date.
        cut = rest.rfind(". ", 0, _SECTION_MOST) + 1 or _SECTION_MOST
        yield section(rest[:cut])
        rest = rest[cut:].lstrip()
    if rest:
        yield section(rest)
