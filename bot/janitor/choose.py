"""Choosing: an approver or the requester takes something off an open proposal, which makes a new revision of it."""

import asyncio
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from bot.domain.choose import Chosen, choose_in, gone_with_repository, put_together
from bot.domain.manifest import Snapshot
from bot.domain.narrow import Narrowing
from bot.domain.plan import Item, Plan, checksum_of
from bot.domain.proposal import Event, Proposal
from bot.domain.revision import Revision, deeds
from bot.domain.rule import Rule
from bot.errors import BadInputError, ConflictError, RefusedError, RepositoryNotFoundError
from bot.janitor.approvers import those_who_can
from bot.janitor.decide import Click, Decider
from bot.janitor.desk import Desk
from bot.janitor.scan import SIDE_BY_SIDE
from bot.registry import RegistryClient, take_snapshot

_INSTEAD = "An approver can reject it instead, and whoever proposed it can withdraw it."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may choose from."""

    proposal: Proposal
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Revised:
    """A proposal in its new revision, and how that has come about."""

    proposal: Proposal
    revision: Revision


class Chooser:
    """The use case. Of any number who choose, approve or settle one revision at once, the database lets one."""

    def __init__(self, desk: Desk, decider: Decider) -> None:
        self._desk = desk
        self._decider = decider

    async def offer(self, click: Click) -> Offer:
        """Give what there is to choose from.

        Raises RefusedError where this person may not, or where a proposal is all or nothing; ConflictError where it is
        settled, expired or changed.
        """
        proposal = await self._decider.open(click)
        await self._check(click, proposal)
        return Offer(proposal, [record.item for record in await self._desk.store.proposals.records(proposal.id)])

    async def choose(self, click: Click, unticked: AbstractSet[int], narrowing: Narrowing) -> Revised:
        """Make the new revision: without what stands at the positions ``unticked``, and by the narrower rule.

        All is judged afresh, as before a run. Raises what ``offer`` raises; BadInputError where the choice changes
        nothing or leaves nothing; RegistryError where a repository can't be read, with nothing changed.
        """
        offer = await self.offer(click)
        was, items = offer.proposal, offer.items
        off = unticked & {item.position for item in items}
        if not off and not narrowing:
            raise _unchanged()
        if len(off) == len(items):
            raise BadInputError("Nothing would be left on the list.", expected=_INSTEAD)
        client = self._client(was, items)
        now = self._desk.clock()
        narrowed = narrowing.of(was.rule)
        chosen = await self._judge(
            client, items, partial(choose_in, unticked=off, rule=was.rule, narrowed=narrowed, now=now)
        )
        if not chosen.items:
            raise BadInputError(
                "Nothing would be left on the list: what you left on it has to stay with what stays, or may not go any"
                " more.",
                expected=_INSTEAD,
            )
        if not chosen.by_choice:
            raise _unchanged()
        proposal = self._revise(was, narrowed, chosen, client, now)
        revision = Revision(proposal.revision, click.user, now, chosen.counts)

        def events(void: Sequence[str]) -> list[Event]:
            nonlocal revision
            revision = replace(revision, void=tuple(void))
            return deeds(revision, was, proposal, chosen, workspace=click.workspace, channel=click.channel)

        if not await self._desk.store.revisions.make(was, proposal, chosen.items, events, at=now):
            await self._decider.open(click)
            raise ConflictError("This card has changed since.", expected="Look at the newest one and choose there.")
        log.info("revised", proposal=was.id, revision=proposal.revision, items=proposal.item_count, user=click.user)
        return Revised(proposal, revision)

    async def _check(self, click: Click, proposal: Proposal) -> None:
        """Raise RefusedError unless this person may choose, and there is something to choose from."""
        needs = await self._decider.approvers.needs(proposal)
        if barred := await self._decider.approvers.barred(click.user, click.workspace):
            raise self._decider.refuse(barred, f"Those who can: {those_who_can(needs)}.", needs)
        if click.user != proposal.requester and not await self._decider.approvers.covers(click.user, needs):
            who = f"<@{proposal.requester}>"
            raise self._decider.refuse(
                "You are not one of those who may choose what of this goes.",
                f"Those who can: {who}, who proposed it, {those_who_can(needs)}.",
                needs,
                who,
            )
        if proposal.rule.whole:
            raise RefusedError(
                f"This is to delete {proposal.target} as a whole, so there is nothing to choose.",
                expected="To delete only some of it, have this rejected or withdrawn, and ask for less.",
                example=f"/acr old {proposal.target} --older-than 30d",
            )
        if proposal.item_count == 1:
            raise RefusedError(
                "There is only one thing on this list, so there is nothing to choose.", expected=_INSTEAD
            )

    def _client(self, was: Proposal, items: Sequence[Item]) -> RegistryClient:
        """Give the client of the registry that the list is of. Raises ConflictError where its name means another."""
        client = self._desk.registries.get(was.registry)
        if client is None or checksum_of(client.host, (item.fingerprint for item in items)) != was.checksum:
            raise ConflictError(
                f"{was.registry} is not the registry any more that this was proposed for.",
                expected="Nothing was changed. If it should still go, propose it anew.",
            )
        return client

    async def _judge(
        self, client: RegistryClient, items: Sequence[Item], choose: Callable[[Snapshot, list[Item]], Chosen]
    ) -> Chosen:
        by_repository: dict[str, list[Item]] = {}
        for item in items:
            by_repository.setdefault(item.repository, []).append(item)
        turn = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(repository: str, there: list[Item]) -> Chosen:
            async with turn:
                try:
                    snapshot = await take_snapshot(client, self._desk.bodies, repository, self._desk.clock())
                except RepositoryNotFoundError:
                    return gone_with_repository(there)
            # Pure computation; in a thread it can't hold up the answers that Slack wants within three seconds.
            return await asyncio.to_thread(choose, snapshot, there)

        return put_together(await asyncio.gather(*(one(name, there) for name, there in by_repository.items())))

    def _revise(self, was: Proposal, rule: Rule, chosen: Chosen, client: RegistryClient, now: datetime) -> Proposal:
        plan = Plan(was.registry, was.target, rule, chosen.items, now, tagged=chosen.tagged)
        share = self._desk.policy.tagged_share
        return replace(
            was,
            revision=was.revision + 1,
            checksum=checksum_of(client.host, (item.fingerprint for item in chosen.items)),
            rule=rule,
            item_count=len(chosen.items),
            upper_bytes=plan.upper_bytes,
            measured=None,  # what it frees is another figure now
            needs_typed=plan.needs_typed(share),
            share=plan.share(share),
        )


def _unchanged() -> BadInputError:
    return BadInputError(
        "Your choice takes nothing off the list.",
        expected="Untick what should stay, or narrow what is selected. What may not go any more is skipped by itself.",
    )
