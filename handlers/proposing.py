"""The answers to what can be proposed, with the button to do it."""

import json
from datetime import UTC

from bot.blocks import Message, deletion, listing, whole_repository
from bot.blocks.doing import alone
from bot.blocks.purging import purge_headline, purge_note
from bot.blocks.share import share_words
from bot.blocks.step import step
from bot.blocks.wording import cutoff
from bot.domain.purge import Purge
from bot.domain.removals import Old
from bot.domain.request import Proposable
from bot.domain.whole import DeleteRepository
from bot.errors import BadInputError
from bot.janitor.look import Looked, look
from bot.janitor.propose import cannot_propose
from handlers.caller import Caller
from handlers.parts import Parts

BUTTON_MOST = 2000  # Slack's limit for a button's value


async def answer_proposable(parts: Parts, request: Proposable, caller: Caller) -> Message:
    """Look, and draw what was found. A date without a zone is one in the caller's own."""
    if not isinstance(request, Old):
        return show(parts, await look(parts.desk, request))
    zone = await parts.zones.zone_of(caller.user) if request.needs_zone else None
    fixed = request.fixed(parts.desk.clock(), zone or UTC)
    note = cutoff(fixed.before, zone=zone.key if zone else "", guessed=request.needs_zone) if fixed.before else ""
    return show(parts, await look(parts.desk, fixed), note=note)


def show(parts: Parts, looked: Looked, *, offer: bool = True, note: str = "") -> Message:
    """Draw what was found for the one who asked, with the button to propose it where it can be proposed."""
    refused = cannot_propose(parts.desk) if offer else None
    propose = propose_value(looked) if offer and refused is None else None
    why_not = str(refused) if refused is not None else ""
    now = parts.desk.clock()
    if looked.about is not None:
        return deletion(looked.plan, looked.about, now=now, propose=propose, why_not=why_not)
    if isinstance(looked.request, DeleteRepository):
        return whole_repository(looked.plan, looked.stays, now=now, propose=propose, why_not=why_not)
    share = share_words(looked.plan.share(parts.desk.policy.tagged_share))
    if isinstance(looked.request, Purge):
        headline = purge_headline(looked.plan)
        told = purge_note(looked.request, looked.plan, looked.tags_kept or {})
        told = "\n".join(filter(None, (share, told)))
        return listing(looked.plan, now=now, propose=propose, why_not=why_not, headline=headline, told=told)
    if alone(looked.plan.items, len(looked.plan.items)) is not None:
        return step(looked.plan, propose=propose, why_not=why_not)
    return listing(looked.plan, now=now, propose=propose, why_not=why_not, note=" ".join(filter(None, (note, share))))


def propose_value(looked: Looked) -> str:
    """Say what a "Propose deletion" button stands for: the request, and how the list looked that it stands under."""
    seen = [len(looked.plan.items), looked.plan.checksum]
    value = json.dumps({**looked.request.to_json(), "seen": seen}, separators=(",", ":"))
    if len(value) > BUTTON_MOST:
        raise BadInputError("That request is too long for a button.", expected="Name the repository itself.")
    return value
