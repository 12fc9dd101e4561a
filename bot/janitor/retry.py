"""Retrying: what could not be done in a run is tried again, by a proposal of its own that nobody has to make anew."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.again import to_repeat
from bot.domain.plan import Action, Item, checksum_of
from bot.domain.proposal import Deed, Event, Proposal, Record, State
from bot.domain.rights import enough
from bot.errors import ConflictError
from bot.janitor.approvers import those_who_can
from bot.janitor.decide import Click, Decider
from bot.janitor.desk import Desk
from bot.store import Store
from bot.work import Engine

STANDS = timedelta(hours=1)
"""How long after the end of the run that it was made for a decision also covers what had failed in it."""


class Retrier:
    """The use case. Each run is repeated at most once; what fails in the repetition can be repeated from its card."""

    def __init__(self, desk: Desk, decider: Decider, engine: Engine) -> None:
        self._desk = desk
        self._decider = decider
        self._engine = engine

    async def retry(self, click: Click) -> Proposal:
        """Store an approved proposal of what had failed or was held back by that, and hand it over, in one transaction.

        An approver's click is a decision of its own. The requester may rely on the one that was taken, for an hour.
        Raises RefusedError for anybody else and later, ConflictError where there is nothing to repeat, or somebody has.
        """
        store = self._desk.store
        proposal = await store.proposals.get(click.proposal)
        if proposal is None or not click.workspace.owns(proposal.team_id, proposal.enterprise_id):
            raise ConflictError("This proposal is not known here.", expected="Nothing was changed.")
        if (proposal.revision, proposal.checksum) != (click.revision, click.checksum):
            raise ConflictError("This card has changed since.", expected="Look at the newest one and click there.")
        records = await store.proposals.records(proposal.id)
        failed = to_repeat(records)
        if proposal.retried_by:
            raise _retried(proposal)
        if not proposal.state.final or not failed:
            raise ConflictError("Nothing of this has failed, so there is nothing to try again.", expected="")
        now = self._desk.clock()
        items = [replace(record.item, position=position) for position, record in enumerate(failed)]
        decided = await self._decision(click, proposal, items, now)
        anew = decided[1] == now
        voters = [] if anew else await self._voters(proposal)
        repeat = replace(
            proposal,
            id=secrets.token_hex(6),
            checksum=self._checksum(proposal, records, items),
            created=now,
            expires=now + self._desk.policy.expires_after,
            item_count=len(items),
            upper_bytes=sum(item.counted_size for item in items),
            revision=1,
            replaces="",
            replaced_by="",
            state=State.APPROVED,
            card_ts="",
            decided_by=decided[0],
            decided=decided[1],
            started=None,
            finished=None,
            note="",
            fence=0,
            drawn="",
            measured=None,
            checked=None,
            stop_by="",
            stop_asked=None,
            retry_of=proposal.id,
        )
        events = _events(click, proposal, repeat, now, voters, anew=anew)
        if not await store.proposals.repeat(
            repeat, items, click.user, now, events, lambda connection: self._engine.enqueue(connection, repeat)
        ):
            raise _retried(await store.proposals.get(proposal.id) or proposal)
        return repeat

    def begin(self, proposal: Proposal) -> None:
        """Let the engine look for it, once its card is there."""
        self._engine.wake(proposal)

    async def abandon(self, proposal: Proposal, why: str) -> None:
        """Stop in the app's own name what has no card: what nobody sees must not run."""
        now = self._desk.clock()
        event = Event(now, Deed.STOPPED, "app", proposal.id, proposal.team_id, proposal.channel, {"why": why})
        await self._desk.store.proposals.stop(proposal.id, "app", now, event)

    async def _decision(
        self, click: Click, proposal: Proposal, items: Sequence[Item], now: datetime
    ) -> tuple[str, datetime | None]:
        """Give whose decision covers it, and when it was taken."""
        own = click.user == proposal.requester
        unlocks = any(item.action is Action.UNLOCK for item in items)
        alone = self._desk.policy.allow_self_approval and not unlocks
        needs = await self._decider.approvers.needs(proposal)
        covers = await self._decider.approvers.covers(click.user, needs) if not own or alone else ()
        if covers and enough(needs, {click.user: covers}):
            return click.user, now
        approvers = those_who_can(needs)
        if not own and not covers:
            raise self._decider.refuse(
                "You are not one of those who may have this tried again.",
                f"Those who can: {approvers}, and for an hour <@{proposal.requester}>, who proposed it.",
                needs,
                f"<@{proposal.requester}>",
            )
        if now - await self._ended(proposal) > STANDS:
            problem = "More than an hour has passed, so this needs a new decision, by somebody else than you."
            expected = f"Those who can: {approvers}."
            if covers:
                problem = "More than an hour has passed, so this needs a new decision, and that takes more than you."
                expected = "Propose it anew, and have it approved again."
            raise self._decider.refuse(problem, expected, needs)
        return proposal.decided_by, proposal.decided

    async def _ended(self, proposal: Proposal) -> datetime:
        """Give the end of the run that the decision was made for: repeating must not keep it alive."""
        proposal = await decided_on(self._desk.store, proposal)
        return proposal.finished or proposal.created

    async def _voters(self, proposal: Proposal) -> list[str]:
        """Name all who approved what was decided on."""
        about = await decided_on(self._desk.store, proposal)
        votes = await self._desk.store.votes.of(about.id, about.revision)
        return sorted(vote.user for vote in votes if vote.covers)

    def _checksum(self, proposal: Proposal, records: Sequence[Record], items: Sequence[Item]) -> str:
        """Fingerprint the items. Raises ConflictError where they would be deleted somewhere else than was approved."""
        client = self._desk.registries.get(proposal.registry)
        whole = (record.item.fingerprint for record in records)
        if client is None or checksum_of(client.host, whole) != proposal.checksum:
            raise ConflictError(
                f"{proposal.registry} is not the registry any more that this was approved for.",
                expected="Nothing was changed. If it should still go, propose it anew.",
            )
        return checksum_of(client.host, (item.fingerprint for item in items))


async def decided_on(store: Store, proposal: Proposal) -> Proposal:
    """Give the proposal that a proposal's decision was taken for: an earlier one where this does that one again."""
    while proposal.retry_of:
        earlier = await store.proposals.get(proposal.retry_of)
        if earlier is None or earlier.decided != proposal.decided:
            break
        proposal = earlier
    return proposal


def _retried(proposal: Proposal) -> ConflictError:
    who = f"<@{proposal.retried_by}>"
    return ConflictError(
        f"{who} has had this tried again already.",
        expected="Look at the newer card; your click changed nothing.",
        mentions=[who],
    )


def _events(
    click: Click, proposal: Proposal, repeat: Proposal, now: datetime, voters: Sequence[str], *, anew: bool
) -> list[Event]:
    """Say on both who has done what; only a new decision is on record as one."""

    def deed(which: Deed, about: Proposal, **detail: object) -> Event:
        return Event(now, which, click.user, about.id, click.team_id, click.channel, detail, click.enterprise_id)

    decided = {"revision": repeat.revision} if anew else {"decided_by": repeat.decided_by, "votes": list(voters)}
    return [
        deed(Deed.RETRIED, proposal, by=repeat.id, items=repeat.item_count),
        deed(Deed.PROPOSED, repeat, retry_of=proposal.id, items=repeat.item_count, checksum=repeat.checksum, **decided),
        *([deed(Deed.APPROVED, repeat, checksum=repeat.checksum, revision=repeat.revision)] if anew else []),
    ]
