"""Who is told in a direct message that a proposal waits for them."""

import structlog

from bot.domain.proposal import Proposal
from bot.errors import RefusedError
from bot.janitor.approvers import Approvers, Directory

MOST = 50

log = structlog.get_logger(__name__)


async def people_to_tell(
    approvers: Approvers, directory: Directory, proposal: Proposal, *, patient: bool
) -> tuple[list[str], int]:
    """Give the people who may approve, at most MOST of them, and how many there are in all.

    Those whom the settings name come before the members of groups. Left out are whoever proposed it, unless they may
    approve it, bots and deactivated accounts. ``patient``: where Slack does not say who is in a group, RefusedError is
    raised, since it may a moment later; else that group is left out.
    """
    asked = [id_ for need in await approvers.needs(proposal) for id_ in need.approvers]
    found = dict.fromkeys(id_ for id_ in asked if not id_.startswith("S"))
    for group in dict.fromkeys(id_ for id_ in asked if id_.startswith("S")):
        try:
            found |= dict.fromkeys(sorted(await directory.members(group, proposal.workspace)))
        except RefusedError:
            if patient:
                raise
    if not await approvers.allows_self(proposal):
        found.pop(proposal.requester, None)
    told: list[str] = []
    left_out = 0
    for user in found:
        if len(told) == MOST:
            break
        try:
            if await directory.barred(user, proposal.workspace):
                left_out += 1
                continue
        except RefusedError:  # the directory logs it
            left_out += 1
            continue
        told.append(user)
    return told, len(found) - left_out
