"""Stopping: what was approved is ended by an approver or by the one who asked for it, at any moment before its end."""

import structlog

from bot.domain.proposal import Deed, Event, Proposal, State
from bot.errors import ConflictError, RefusedError
from bot.janitor.approvers import those_who_can
from bot.janitor.brake import Brakes
from bot.janitor.decide import Click, Decider, settled
from bot.janitor.desk import Desk

log = structlog.get_logger(__name__)


class Stopper:
    """The use case. The wish is written down first, so that it holds for whichever process runs the proposal."""

    def __init__(self, desk: Desk, decider: Decider, brakes: Brakes) -> None:
        self._desk = desk
        self._decider = decider
        self._brakes = brakes

    async def stop(self, click: Click) -> Proposal:
        """Stop what waits to run or runs: what is under way is finished, and nothing more is begun.

        Raises RefusedError for somebody who may not, ConflictError where it is not under way, or stopped already.
        """
        proposals = self._desk.store.proposals
        proposal = await proposals.get(click.proposal)
        if proposal is None or not click.workspace.owns(proposal.team_id, proposal.enterprise_id):
            raise ConflictError("This proposal is not known here.", expected="Nothing was changed.")
        _check_under_way(proposal)
        if not await self._may(click.user, proposal):
            raise await self._refuse(proposal)
        now = self._desk.clock()
        event = Event(
            now,
            Deed.STOPPED,
            click.user,
            proposal.id,
            click.team_id,
            click.channel,
            enterprise_id=click.enterprise_id,
        )
        became = await proposals.stop(proposal.id, click.user, now, event)
        current = await proposals.get(proposal.id) or proposal
        if became is None:
            _check_under_way(current)
            raise settled(current)
        log.info("stop_wanted", proposal=proposal.id, user=click.user, state=became.value)
        self._brakes.pull(proposal.id)
        return current

    async def _may(self, user: str, proposal: Proposal) -> bool:
        return user == proposal.requester or bool(
            await self._decider.approvers.covers(user, await self._decider.approvers.needs(proposal))
        )

    async def _refuse(self, proposal: Proposal) -> RefusedError:
        who = f"<@{proposal.requester}>"
        needs = await self._decider.approvers.needs(proposal)
        return self._decider.refuse(
            "You are not one of those who may stop this.",
            f"Those who can: {who}, who proposed it, {those_who_can(needs)}.",
            needs,
            who,
        )


def _check_under_way(proposal: Proposal) -> None:
    """Raise ConflictError for whoever wants to stop what is not under way, or is being stopped."""
    if proposal.state is State.OPEN:
        raise ConflictError(
            "This has not been approved, so there is nothing to stop.", expected="Reject or withdraw it."
        )
    if proposal.state.final:
        raise settled(proposal)
    if proposal.stop_by:
        who = f"<@{proposal.stop_by}>"
        raise ConflictError(
            f"{who} has stopped this already.",
            expected="What was under way is being finished; nothing more is begun.",
            mentions=[who],
        )
