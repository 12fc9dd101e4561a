"""``/acr lock``: at once, for those who may approve."""

from bot.blocks import Message
from bot.blocks.step import locked
from bot.domain.reason import short
from bot.domain.tag_requests import Lock
from handlers.caller import Caller
from handlers.parts import Parts


async def answer_lock(parts: Parts, request: Lock, caller: Caller) -> Message:
    """Lock what was named and say what that does."""
    done = await parts.locker.lock(request, caller.asker)
    named = done.named
    level = "tag" if named.tag else "manifest" if named.manifest else "repository"
    name = f"{named.reference.repository}@{short(named.digest)}" if level == "manifest" else str(named.reference)
    return locked(name, level, was=named.locks, others=named.others, already=done.already)
