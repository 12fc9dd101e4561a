"""Proposing: judging once more and writing down exactly what would go, for others to decide."""

import secrets
from dataclasses import dataclass

from bot.domain.plan import Plan, checksum_of
from bot.domain.proposal import Deed, Event, Proposal, State
from bot.domain.request import Proposable
from bot.domain.superseding import same_rule
from bot.domain.workspace import Workspace
from bot.errors import ConflictError, RefusedError
from bot.janitor.desk import Desk
from bot.janitor.look import Looked, look


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: Slack ids."""

    user: str
    channel: str
    team_id: str
    enterprise_id: str

    @property
    def workspace(self) -> Workspace:
        """The workspace that they ask from."""
        return Workspace(self.team_id, self.enterprise_id)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A stored proposal with the look that it was made from."""

    proposal: Proposal
    looked: Looked

    @property
    def plan(self) -> Plan:
        """What is proposed."""
        return self.looked.plan


class ProposedAlreadyError(ConflictError):
    """The same is proposed or under way already, by the proposal with the id ``other``."""

    def __init__(self, other: Proposal) -> None:
        where = "waits for a decision" if other.state is State.OPEN else "is being carried out"
        who, channel = f"<@{other.requester}>", f"<#{other.channel}>"
        super().__init__(
            f"{who} has proposed this already, and it {where} in {channel}.",
            expected="Nothing new was proposed.",
            mentions=[who, channel],
        )
        self.other = other.id


class OlderOpenError(ConflictError):
    """Another list of the same rule is open, as ``older``; the newer one has ``count`` items. Whoever asks decides."""

    def __init__(self, older: Proposal, count: int) -> None:
        super().__init__("An older proposal for the same rule is open.", expected="Nothing new was proposed.")
        self.older = older
        self.count = count


class Proposer:
    """The use case. Of two who propose the same thing at once, wherever, the database lets one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def propose(self, request: Proposable, asker: Asker, *, beside: bool = False) -> Proposed:
        """Scan again and store what is found as an open proposal.

        Raises RefusedError where proposals can't be made, ConflictError where there is nothing to propose any more,
        ProposedAlreadyError where the same digests are proposed already, OlderOpenError where another list of the same
        rule is, unless it is to stand ``beside`` that, and what ``look`` raises.
        """
        proposed, event = await self.make(request, asker)
        if not beside and (older := await self._older(proposed.proposal)):
            raise OlderOpenError(older, proposed.proposal.item_count)
        if other := await self._desk.store.proposals.create(proposed.proposal, proposed.plan.items, event, once=True):
            raise ProposedAlreadyError(other)
        return proposed

    async def _older(self, proposal: Proposal) -> Proposal | None:
        """Find the latest open proposal that this one could replace; none where the same list is open already."""
        waiting = await self._desk.store.proposals.waiting(
            Workspace(proposal.team_id, proposal.enterprise_id), proposal.registry
        )
        here = [one for one in waiting if one.target == proposal.target and one.expires > proposal.created]
        if any(one.checksum == proposal.checksum for one in here):
            return None
        return next((one for one in reversed(here) if same_rule(one, proposal)), None)

    async def make(self, request: Proposable, asker: Asker, *, replaces: str = "") -> tuple[Proposed, Event]:
        """Scan again and give what is found as a proposal that is not stored yet, with the deed.

        ``replaces``: the id of the one whose place it is to take. Raises as ``propose``, but for what is open already.
        """
        desk = self._desk
        if why_not := cannot_propose(desk, asker.workspace):
            raise why_not
        client = desk.registry(request.registry)
        looked = await look(desk, request)
        plan = looked.plan
        self._check(plan, looked.request)
        self._check_approvers(plan, asker.workspace)
        # Of the server itself: what a registry is called in the settings may be another one tomorrow.
        checksum = checksum_of(client.host, (item.fingerprint for item in plan.items))
        now = desk.clock()
        proposal = Proposal(
            id=secrets.token_hex(6),
            team_id=asker.team_id,
            enterprise_id=asker.enterprise_id,
            registry=plan.registry,
            target=plan.target,
            rule=plan.rule,
            checksum=checksum,
            requester=asker.user,
            channel=asker.channel,
            created=now,
            expires=now + desk.policy.expires_after,
            item_count=len(plan.items),
            upper_bytes=plan.upper_bytes,
            needs_typed=plan.needs_typed(desk.policy.tagged_share),
            share=plan.share(desk.policy.tagged_share),
            staying=plan.staying,
            replaces=replaces,
        )
        event = Event(
            at=now,
            deed=Deed.PROPOSED,
            actor=asker.user,
            proposal=proposal.id,
            team_id=asker.team_id,
            enterprise_id=asker.enterprise_id,
            channel=asker.channel,
            detail={
                "registry": plan.registry,
                "target": plan.target,
                "items": len(plan.items),
                "upper_bytes": plan.upper_bytes,
                "checksum": checksum,
                "rule": plan.rule.to_json(),
                "faults": dict(plan.faults),
                **({"replaces": replaces} if replaces else {}),
            },
        )
        return Proposed(proposal, looked), event

    def _check(self, plan: Plan, request: Proposable) -> None:
        if not plan.items:
            raise ConflictError(
                f"There is nothing to propose in {plan.target} any more.",
                expected="What you saw is gone or in use by now; nothing was deleted by this.",
                example=str(request),
            )
        most = self._desk.policy.items_per_proposal
        if len(plan.items) > most:
            raise RefusedError(
                f"That is too much for one proposal: {len(plan.items):,} manifests.",
                expected=f"One proposal has at most {most:,} (the setting limits.items_per_proposal). Ask for less.",
                example=request.narrower,
            )

    def _check_approvers(self, plan: Plan, workspace: Workspace) -> None:
        repositories = dict.fromkeys(item.repository for item in plan.items)
        for need in self._desk.policy.rights_of(workspace).needs(plan.registry, repositories):
            if not need.approvers:
                raise RefusedError(
                    f"Nobody may approve anything for {need.repositories[0]}, so it can't be proposed.",
                    expected="Whoever runs this app sets who may: approvals.approvers, approvals.by_repository or the"
                    " approvers of a team, in the file.",
                    example="ACR_APPROVERS=U0123ABCD,S0456EFGH",
                )


def cannot_propose(desk: Desk, workspace: Workspace) -> RefusedError | None:
    """Give the reason why nobody of a workspace can propose anything at the moment, if there is one."""
    if desk.policy.rights_of(workspace).anybody:
        return None
    return RefusedError(
        "Nobody can approve a deletion yet, so it can't be proposed.",
        expected="Whoever runs this app sets who may approve: ACR_APPROVERS, or approvals.approvers in the file.",
        example="ACR_APPROVERS=U0123ABCD,S0456EFGH",
    )
