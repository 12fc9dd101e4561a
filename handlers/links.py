"""Links to cards, from Slack."""

from collections.abc import Iterable

import structlog

from bot.domain.proposal import Proposal
from handlers.clients import Clients
from handlers.trouble import TROUBLE

log = structlog.get_logger(__name__)


async def links_to(clients: Clients, proposals: Iterable[Proposal]) -> dict[str, str]:
    """Ask Slack for links to cards, by proposals' ids; one that it gives no link for is left out."""
    found = {}
    for proposal in proposals:
        if proposal.card_ts:
            try:
                client = await clients.of(proposal.workspace)
                answer = await client.chat_getPermalink(channel=proposal.channel, message_ts=proposal.card_ts)
            except TROUBLE as error:
                log.warning("no_permalink", proposal=proposal.id, error=str(error))
            else:
                found[proposal.id] = str(answer["permalink"])
    return found
