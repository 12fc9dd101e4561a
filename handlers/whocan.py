"""``/acr whocan``: who may approve for a repository."""

from bot.blocks import Message
from bot.blocks.whocan import whocan
from bot.domain.whocan import WhoCan
from bot.janitor.whocan import who_can
from handlers.caller import Caller
from handlers.parts import Parts


async def answer_whocan(parts: Parts, request: WhoCan, caller: Caller) -> Message:
    """Say who may approve, and what the one who asks may."""
    return whocan(await who_can(parts.desk, parts.decider.approvers, request, caller.user, caller.workspace))
