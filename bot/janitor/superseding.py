"""A newer proposal in the place of an older one: only where whoever proposes says so, and may."""

import structlog

from bot.domain.proposal import Deed, Event, Proposal, State
from bot.domain.request import Proposable
from bot.errors import ConflictError, RefusedError
from bot.janitor.decide import Click, Decider, settled
from bot.janitor.desk import Desk
from bot.janitor.propose import Asker, Proposed, ProposedAlreadyError, Proposer

log = structlog.get_logger(__name__)


class Superseder:
    """The use case."""

    def __init__(self, desk: Desk, proposer: Proposer, decider: Decider) -> None:
        self._desk = desk
        self._proposer = proposer
        self._decider = decider

    async def may(self, user: str, older: Proposal) -> bool:
        """Whether somebody may replace a proposal: who proposed it, or who may approve a part of it.

        Raises RefusedError where Slack does not say.
        """
        if user == older.requester:
            return True
        return bool(await self._decider.approvers.covers(user, await self._decider.approvers.needs(older)))

    async def replace(self, request: Proposable, asker: Asker, click: Click) -> Proposed:
        """Propose what is found now, and close the older proposal that ``click`` names, both or neither.

        Raises RefusedError for who may not, ConflictError where the older one is no longer open as it was, and what
        ``Proposer.propose`` raises.
        """
        older = await self._decider.open(click)
        if not await self.may(asker.user, older):
            who = f"<@{older.requester}>"
            raise RefusedError(
                f"Only {who}, who proposed the older one, or somebody who may approve it can replace it.",
                expected="Nothing was changed. You can propose yours beside it.",
                mentions=[who],
            )
        proposed, event = await self._proposer.make(request, asker, replaces=older.id)
        newer = proposed.proposal
        note = f"Replaced by a newer list with {newer.item_count:,} items."
        withdrawn = Event(
            newer.created,
            Deed.WITHDRAWN,
            asker.user,
            older.id,
            asker.team_id,
            asker.channel,
            {"reason": note, "replaced_by": newer.id, "revision": older.revision, "checksum": older.checksum},
            asker.enterprise_id,
        )
        store = self._desk.store.proposals
        if other := await store.replace(older, newer, proposed.plan.items, [withdrawn, event], note):
            if other.id != older.id:
                raise ProposedAlreadyError(other)
            current = await store.get(older.id) or older
            if current.state is State.OPEN:
                raise ConflictError(
                    "The older proposal has changed meanwhile.", expected="Nothing was proposed. Propose it once more."
                )
            raise settled(current)
        log.info("replaced", proposal=older.id, by=newer.id)
        return proposed
