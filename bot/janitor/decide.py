"""Deciding: one conditional UPDATE settles a proposal once; whoever comes later gets an answer and changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.domain.proposal import Deed, Event, Proposal, State
from bot.domain.rights import Covers, Need, enough
from bot.domain.vote import Vote
from bot.domain.workspace import Workspace
from bot.errors import ConflictError, RefusedError
from bot.janitor.approvers import Approvers, Directory, all_mentions, those_who_can
from bot.janitor.desk import Desk
from bot.store.votes import Cast, Deeds, Standing
from bot.work import Engine


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a card's button: who, where, and which proposal in which form the button belongs to.

    ``channel`` is empty where the button is in the app's Home tab.
    ``typed``: what was typed to confirm it, where that was asked for. ``reason``: why it is rejected.
    """

    user: str
    team_id: str
    enterprise_id: str
    channel: str
    proposal: str
    revision: int
    checksum: str
    typed: str = ""
    reason: str = ""

    @property
    def workspace(self) -> Workspace:
        """The workspace of whoever clicked."""
        return Workspace(self.team_id, self.enterprise_id)


class MoreNeededError(RefusedError):
    """Nothing stands against it, but that something has to be filled in first: it asks, and refuses nothing."""


class ReasonNeededError(MoreNeededError):
    """To reject ``proposal``, this person may and has to say why."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__("To reject this, say why.", expected="Nothing was rejected.")
        self.proposal = proposal


class NotConfirmedError(MoreNeededError):
    """To approve ``proposal`` something has to be typed, and nothing or something else was."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(
            f"To approve this, type {proposal.needs_typed}, exactly so.",
            expected="Nothing was approved.",
        )
        self.proposal = proposal


_DEEDS = {State.REJECTED: Deed.REJECTED, State.WITHDRAWN: Deed.WITHDRAWN}


class Decider:
    """The use case: approve, reject, withdraw, expire."""

    def __init__(self, desk: Desk, directory: Directory, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine
        self.approvers = Approvers(desk, directory)

    async def approve(self, click: Click) -> Proposal:
        """Vote for it; where that makes enough, approve it and hand it to the engine, in one transaction.

        Nobody approves their own, unless the settings allow it; what lifts a lock takes two people even then. Raises
        RefusedError when this person may not, ConflictError when it is settled, expired or changed, or when this person
        has voted before; where nothing else stands against it, NotConfirmedError when what has to be typed was not.
        """
        proposal = await self._open(click)
        needs = await self.approvers.needs(proposal)
        allows_self = await self.approvers.allows_self(proposal)
        if click.user == proposal.requester and not allows_self:
            always = " Lifting a lock always takes two." if self._desk.policy.allow_self_approval else ""
            raise self.refuse(
                f"You proposed this, so somebody else has to approve it.{always}",
                f"Those who can: {those_who_can(needs)}.",
                needs,
            )
        mine = await self._check_approver(click, needs, "approve")
        if not proposal.confirmed_by(click.typed):
            raise NotConfirmedError(proposal)
        return await self._vote(proposal, click, needs, mine, allows_self=allows_self)

    async def may_approve(self, user: str, workspace: Workspace) -> bool:
        """Whether somebody may approve anything at all in their workspace.

        Raises RefusedError where Slack does not say.
        """
        return bool(await self.approvers.covers(user, self._desk.policy.rights_of(workspace).all))

    async def reject(self, click: Click) -> Proposal:
        """Reject. An approver may; the requester withdraws instead.

        Raises as ``approve`` does; where nothing else stands against it, ReasonNeededError when there is no reason.
        """
        proposal = await self._open(click)
        needs = await self.approvers.needs(proposal)
        hint = "You can withdraw it. " if click.user == proposal.requester else ""
        await self._check_approver(click, needs, "reject", hint)
        if not click.reason:
            raise ReasonNeededError(proposal)
        return await self._settle(proposal, click, State.REJECTED, click.reason)

    async def _check_approver(self, click: Click, needs: Sequence[Need], verb: str, hint: str = "") -> tuple[str, ...]:
        """Give what this person's vote covers. Raises RefusedError where that is nothing."""
        mine = await self.approvers.covers(click.user, needs)
        if not mine:
            barred = await self.approvers.barred(click.user, click.workspace)
            problem = barred or f"You are not one of those who may {verb} this."
            raise self.refuse(problem, f"{hint}Those who can: {those_who_can(needs)}.", needs)
        return mine

    async def _vote(
        self, proposal: Proposal, click: Click, needs: Sequence[Need], mine: tuple[str, ...], *, allows_self: bool
    ) -> Proposal:
        """Record the vote. Every vote before it is looked up again: whoever may no longer approve does not count."""
        votes = self._desk.store.votes
        standing = {click.user: mine}
        while True:
            for vote in await votes.of(proposal.id, click.revision):
                if vote.user not in standing:
                    own = vote.user == proposal.requester and not allows_self
                    standing[vote.user] = () if own else await self.approvers.covers(vote.user, needs)
            now = self._desk.clock()
            vote = Vote(proposal.id, click.revision, click.user, now, click.team_id, click.enterprise_id, covers=mine)
            cast = await votes.cast(
                vote,
                click.checksum,
                standing,
                partial(enough, needs),
                Deeds(
                    counted=partial(self._voted, proposal, click, needs, now),
                    approved=partial(self._approved, proposal, click, now),
                ),
                lambda connection: self._engine.enqueue(connection, proposal),
            )
            if cast is not Cast.STRANGERS:
                break
        current = await self._known(proposal)
        if cast is Cast.CLOSED:
            raise _closed(current, click)
        if cast is Cast.TWICE:
            raise _voted_already(needs, {one.user: one.covers for one in await votes.of(proposal.id, click.revision)})
        if cast is Cast.APPROVED:
            self._engine.wake(current)
        return current

    def _voted(
        self, proposal: Proposal, click: Click, needs: Sequence[Need], now: datetime, standing: Standing
    ) -> Event:
        return self._deed(
            Deed.VOTED, proposal, click, now, votes=sorted(standing), needed=[need.required for need in needs]
        )

    def _approved(self, proposal: Proposal, click: Click, now: datetime, standing: Standing) -> Event:
        return self._deed(Deed.APPROVED, proposal, click, now, votes=sorted(standing))

    def _deed(self, deed: Deed, proposal: Proposal, click: Click, now: datetime, **more: object) -> Event:
        detail: dict[str, object] = {"checksum": click.checksum, "revision": click.revision, **more}
        if proposal.needs_typed and deed in {Deed.VOTED, Deed.APPROVED}:
            detail["typed"] = click.typed
        return Event(now, deed, click.user, proposal.id, click.team_id, click.channel, detail, click.enterprise_id)

    async def withdraw(self, click: Click) -> Proposal:
        """Withdraw. Only who proposed it may. Raises as ``approve`` does."""
        proposal = await self._open(click)
        if click.user != proposal.requester:
            who = f"<@{proposal.requester}>"
            raise self.refuse(f"Only {who}, who proposed this, can withdraw it.", "An approver can reject it.", (), who)
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
        if proposal is None or not click.workspace.owns(proposal.team_id, proposal.enterprise_id):
            raise ConflictError("This proposal is not known here.", expected="Nothing was changed.")
        if proposal.state is not State.OPEN:
            raise settled(proposal)
        if (proposal.revision, proposal.checksum) != (click.revision, click.checksum):
            raise _changed()
        if proposal.expires <= self._desk.clock():
            raise _too_late(proposal.expires)
        return proposal

    async def open(self, click: Click) -> Proposal:
        """Give the open proposal that a click is about. Raises ConflictError where it can't be changed any more."""
        return await self._open(click)

    async def asked(self, proposal: Proposal) -> list[str]:
        """Give the users and user groups whose approval a proposal still waits for, by the needs of its repositories.

        Who can't approve it is left out, and so is who has, and whoever is not needed any more.
        """
        votes = await self._desk.store.votes.of(proposal.id, proposal.revision)
        covers = {vote.user: vote.covers for vote in votes}
        left_out = set(covers) if await self.approvers.allows_self(proposal) else {proposal.requester, *covers}
        needs = [n for n in await self.approvers.needs(proposal) if len(n.given(covers)) < n.required]
        return [one for one in dict.fromkeys(id_ for need in needs for id_ in need.approvers) if one not in left_out]

    async def waits_for(self, user: str, workspace: Workspace, proposals: Sequence[Proposal]) -> list[Proposal]:
        """Give those of some open proposals that somebody can approve now. Raises RefusedError as ``may_approve``."""
        if not await self.may_approve(user, workspace):
            return []
        found = []
        for one in proposals:
            covers = await self.approvers.covers(user, await self.approvers.needs(one))
            if not covers or (one.requester == user and not await self.approvers.allows_self(one)):
                continue
            if user not in {vote.user for vote in await self._desk.store.votes.of(one.id, one.revision)}:
                found.append(one)
        return found

    def refuse(self, problem: str, expected: str, needs: Sequence[Need], *mentions: str) -> RefusedError:
        """Give a refusal in words; those who may approve are always among its mentions."""
        return RefusedError(problem, expected=expected, mentions=[*mentions, *all_mentions(needs)])

    async def _settle(self, proposal: Proposal, click: Click, to: State, note: str = "") -> Proposal:
        now = self._desk.clock()
        moved = await self._desk.store.proposals.move(
            proposal.id,
            to,
            by=click.user,
            at=now,
            event=self._deed(_DEEDS[to], proposal, click, now, **({"reason": note} if note else {})),
            checksum=click.checksum,
            revision=click.revision,
            note=note,
        )
        current = await self._known(proposal)
        if not moved:
            raise _closed(current, click)
        return current

    async def _known(self, proposal: Proposal) -> Proposal:
        current = await self._desk.store.proposals.get(proposal.id)
        if current is None:
            raise ConflictError("This proposal is not known here.", expected="Nothing was changed.")
        return current


class ReplacedError(ConflictError):
    """A newer proposal, with the id ``newer``, has taken the place of the one that was clicked on."""

    def __init__(self, proposal: Proposal) -> None:
        who = f"<@{proposal.decided_by}>"
        super().__init__(
            f"This was replaced by {who} with a newer proposal.",
            expected="Your click changed nothing. Decide on the newer one.",
            mentions=[who],
        )
        self.newer = proposal.replaced_by


def settled(proposal: Proposal) -> ConflictError:
    """Say what became of a proposal to whoever clicks too late."""
    if proposal.replaced_by:
        return ReplacedError(proposal)
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


def _closed(current: Proposal, click: Click) -> ConflictError:
    """Say to whoever was too late why the click changed nothing."""
    if current.state is not State.OPEN:
        return settled(current)
    if (current.revision, current.checksum) != (click.revision, click.checksum):
        return _changed()
    return _too_late(current.expires)


def _changed() -> ConflictError:
    return ConflictError("This card has changed since.", expected="Look at the newest one and decide there.")


def _voted_already(needs: Sequence[Need], covers: Covers) -> ConflictError:
    """Say to whoever approves for the second time how many have, and who can."""
    given = "; ".join(f"{len(need.given(covers))} of {need.required}" for need in needs)
    return ConflictError(
        "You have approved this already, and it takes more than you.",
        expected=f"So far: {given}. Those who can: {those_who_can(needs)}.",
        mentions=all_mentions(needs),
    )


def _too_late(expires: datetime) -> ConflictError:
    when = expires.strftime("%Y-%m-%d %H:%M UTC")
    return ConflictError(
        f"This expired at {when}.", expected="Your click changed nothing. If it is still wanted, propose it again."
    )
