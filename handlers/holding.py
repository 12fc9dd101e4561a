"""``/acr freeze`` and ``/acr unfreeze``: at once, for those who may approve."""

from bot.blocks import Message
from bot.blocks.hold import froze, thawed
from bot.domain.hold import Freeze, Unfreeze
from bot.janitor.freeze import Changed
from handlers.caller import Caller
from handlers.parts import Parts


async def answer_freeze(parts: Parts, request: Freeze, caller: Caller) -> Message:
    """Hold a registry, say so on every card about it, and say what that does."""
    changed = await parts.freezer.freeze(request, caller.asker)
    await _redraw(parts, changed)
    return froze(changed.frozen, len(changed.about))


async def answer_unfreeze(parts: Parts, request: Unfreeze, caller: Caller) -> Message:
    """Let a registry go on."""
    changed = await parts.freezer.unfreeze(request, caller.asker)
    await _redraw(parts, changed)
    return thawed(changed.frozen, len(changed.about))


async def _redraw(parts: Parts, changed: Changed) -> None:
    for proposal in await parts.desk.store.proposals.undrawn():
        if proposal.registry == changed.frozen.registry:
            await parts.cards.changed(proposal.id)
