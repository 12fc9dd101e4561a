"""Deciding: one conditional UPDATE settles a proposal once; whoever comes later gets an answer and changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.plan import Action
from bot.domain.proposal import Deed, Event, Proposal, State
from bot.errors import ConflictError, RefusedError
from bot.janitor.desk import Desk
from bot.work import Engine


class Directory(Protocol):
    """Who is in a Slack user group. Raises RefusedError when that can't be looked up: then nobody is let through."""

    async def members(self, group: str) -> frozenset[str]:
        """Give the ids of a user group's members."""


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a card's button: who, where, and which proposal in which form the button belongs to.

    ``channel`` is empty where the button is in the app's Home tab.
    ``typed``: what was typed to confirm it, where that was asked for.
    """

    user: str
    team_id: str
    channel: str
    proposal: str
    revision: int
    checksum: str
    typed: str = ""


class NotConfirmedError(RefusedError):
    """To approve ``proposal`` something has to be typed, and nothing or something else was."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(
            f"To approve this, type {proposal.needs_typed}, exactly so.",
            expected="Nothing was approved.",
        )
        self.proposal = proposal


_DEEDS = {State.APPROVED: Deed.APPROVED, State.REJECTED: Deed.REJECTED, State.WITHDRAWN: Deed.WITHDRAWN}


class Decider:
    """The use case: approve, reject, withdraw, expire."""

    def __init__(self, desk: Desk, directory: Directory, engine: Engine) -> None:
        self._desk = desk
        self._directory = directory
        self._engine = engine

    async def approve(self, click: Click) -> Proposal:
        """Approve and hand the proposal to the engine, in one transaction.

        Nobody approves their own, unless the settings allow it; what lifts a lock takes two people even then. Raises
        RefusedError when this person may not, ConflictError when it is settled, expired or changed; where nothing else
        stands against it, NotConfirmedError when what has to be typed was not.
        """
        proposal = await self._open(click)
        policy = self._desk.policy
        if click.user == proposal.requester:
            unlocks = Action.UNLOCK in (await self._desk.store.proposals.tally(proposal.id)).actions
            if unlocks or not policy.allow_self_approval:
                always = " Lifting a lock always takes two." if unlocks and policy.allow_self_approval else ""
                raise self.refuse(
                    f"You proposed this, so somebody else has to approve it.{always}",
                    f"Those who can: {', '.join(mentions_of(policy.approvers))}.",
                )
        if not await self.may_approve(click.user):
            raise self.refuse(
                "You are not one of those who may approve this.",
                f"Those who can: {', '.join(mentions_of(policy.approvers))}.",
            )
        if not proposal.confirmed_by(click.typed):
            raise NotConfirmedError(proposal)
        return await self._settle(proposal, click, State.APPROVED)

    async def reject(self, click: Click) -> Proposal:
        """Reject. An approver may; the requester withdraws instead. Raises as ``approve`` does."""
        proposal = await self._open(click)
        if not await self.may_approve(click.user):
            hint = "You can withdraw it. " if click.user == proposal.requester else ""
            raise self.refuse(
                "You are not one of those who may reject this.",
                f"{hint}Those who can: {', '.join(mentions_of(self._desk.policy.approvers))}.",
            )
        return await self._settle(proposal, click, State.REJECTED)

    async def withdraw(self, click: Click) -> Proposal:
        """Withdraw. Only who proposed it may. Raises as ``approve`` does."""
        proposal = await self._open(click)
        if click.user != proposal.requester:
            who = f"<@{proposal.requester}>"
            raise self.refuse(f"Only {who}, who proposed this, can withdraw it.", "An approver can reject it.", who)
        return await self._settle(proposal, click, State.WITHDRAWN)

    async def abandon(self, proposal: Proposal, why: str) -> None:
        """Withdraw in the app's own name a proposal whose card could not be shown: what nobody sees must not run."""
        now = self._desk.clock()
        event = Event(now, Deed.WITHDRAWN, "app", proposal.id, proposal.team_id, proposal.channel, {"why": why})
        await self._desk.store.proposals.move(proposal.id, State.WITHDRAWN, by="app", at=now, event=event, note=why)

    async def expire(self) -> list[Proposal]:
        """Close all open proposals whose time is over; give those that this call closed."""
        now = self._desk.clock()
        closed = []
        for proposal in await self._desk.store.proposals.due(now):
            event = Event(now, Deed.EXPIRED, "app", proposal.id, proposal.team_id, proposal.channel)
            if await self._desk.store.proposals.move(proposal.id, State.EXPIRED, by="app", at=now, event=event):
                closed.append(proposal)
        return closed

    async def _open(self, click: Click) -> Proposal:
        """Find the proposal that a click is about, or say why it can't be decided on."""
        proposal = await self._desk.store.proposals.get(click.proposal)
        if proposal is None or proposal.team_id != click.team_id:
            raise ConflictError("This proposal is not known here.", expected="Nothing was changed.")
        if proposal.state is not State.OPEN:
            raise settled(proposal)
        if proposal.revision != click.revision or proposal.checksum != click.checksum:
            raise ConflictError("This card has changed since.", expected="Look at the newest one and decide there.")
        if proposal.expires <= self._desk.clock():
            raise _too_late(proposal.expires)
        return proposal

    async def may_approve(self, user: str) -> bool:
        """Whether somebody is one of the approvers. Raises RefusedError where Slack does not say who is in a group."""
        approvers = self._desk.policy.approvers
        if user in approvers:
            return True
        for group in (name for name in approvers if name.startswith("S")):
            if user in await self._directory.members(group):
                return True
        return False

    async def asked(self, proposal: Proposal) -> list[str]:
        """Give the users and user groups whose approval a proposal waits for. Who can't approve it is left out."""
        left_out = set() if await self._allows_own(proposal) else {proposal.requester}
        return [one for one in self._desk.policy.approvers if one not in left_out]

    async def waits_for(self, user: str, proposals: Sequence[Proposal]) -> list[Proposal]:
        """Give those of some open proposals that somebody can approve now. Raises RefusedError as ``may_approve``."""
        if not await self.may_approve(user):
            return []
        return [one for one in proposals if one.requester != user or await self._allows_own(one)]

    async def _allows_own(self, proposal: Proposal) -> bool:
        """Whether the one who proposed it may approve it: never where it lifts a lock."""
        if not self._desk.policy.allow_self_approval:
            return False
        return Action.UNLOCK not in (await self._desk.store.proposals.tally(proposal.id)).actions

    def refuse(self, problem: str, expected: str, *mentions: str) -> RefusedError:
        """Give a refusal in words; those who may approve are always among its mentions."""
        approvers = mentions_of(self._desk.policy.approvers)
        return RefusedError(problem, expected=expected, mentions=[*mentions, *approvers])

    async def _settle(self, proposal: Proposal, click: Click, to: State) -> Proposal:
        now = self._desk.clock()
        approving = to is State.APPROVED
        detail: dict[str, object] = {"checksum": click.checksum, "revision": click.revision}
        if approving and proposal.needs_typed:
            detail["typed"] = click.typed
        event = Event(
            at=now,
            deed=_DEEDS[to],
            actor=click.user,
            proposal=proposal.id,
            team_id=click.team_id,
            channel=click.channel,
            detail=detail,
        )
        moved = await self._desk.store.proposals.move(
            proposal.id,
            to,
            by=click.user,
            at=now,
            event=event,
            checksum=click.checksum,
            revision=click.revision,
            also=(lambda connection: self._engine.enqueue(connection, proposal)) if approving else None,
        )
        current = await self._desk.store.proposals.get(proposal.id)
        if current is None:
            raise ConflictError("This proposal is not known here.", expected="Nothing was changed.")
        if not moved:
            raise settled(current) if current.state is not State.OPEN else _too_late(current.expires)
        if approving:
            self._engine.wake(current)
        return current


def settled(proposal: Proposal) -> ConflictError:
    """Say what became of a proposal to whoever clicks too late."""
    mentions = [] if proposal.decided_by in {"", "app"} else [f"<@{proposal.decided_by}>"]
    stopper = f" by <@{proposal.stop_by}>" if proposal.stop_by else ""
    who = f" by {mentions[0]}" if mentions else ""
    words = {
        State.APPROVED: f"This was approved{who} already.",
        State.RUNNING: f"This was approved{who} already and is being carried out.",
        State.DONE: f"This was approved{who} and has been carried out.",
        State.FAILED: f"This was approved{who}, and it could not be carried out.",
        State.STOPPED: f"This was approved{who} and was stopped{stopper}.",
        State.REJECTED: f"This was rejected{who} already.",
        State.EXPIRED: "This has expired: nobody decided in time.",
        State.WITHDRAWN: f"This was withdrawn{who}.",
    }
    text = words.get(proposal.state, "This is settled.")
    if stopper:
        mentions.append(f"<@{proposal.stop_by}>")
    return ConflictError(text, expected="Your click changed nothing.", mentions=mentions)


def _too_late(expires: datetime) -> ConflictError:
    when = expires.strftime("%Y-%m-%d %H:%M UTC")
    return ConflictError(
        f"This expired at {when}.", expected="Your click changed nothing. If it is still wanted, propose it again."
    )


def mentions_of(ids: Sequence[str]) -> list[str]:
    """Mention people and user groups as Slack wants it."""
    return [f"<!subteam^{name}>" if name.startswith("S") else f"<@{name}>" for name in ids]
