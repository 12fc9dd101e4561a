"""Freezing a registry: an approver holds all that would be deleted from it, and an approver lets it go on.

What runs is held within the requests under way, and goes on after a fresh look once the registry is unfrozen: ending it
for good would take a new approval for each of them, and whoever freezes mostly wants time and not another decision.
"""

from dataclasses import dataclass, replace

import structlog

from bot.domain.hold import Freeze, Frozen, Unfreeze
from bot.domain.proposal import Deed, Event, Proposal
from bot.errors import BadInputError, ConflictError, RefusedError
from bot.janitor.approvers import all_mentions
from bot.janitor.brake import Brakes
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.propose import Asker
from bot.work import Engine

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Changed:
    """A registry that was frozen or is no longer, and the approved proposals that this holds or lets go on."""

    frozen: Frozen
    about: tuple[Proposal, ...]


class Freezer:
    """The use case."""

    def __init__(self, desk: Desk, decider: Decider, brakes: Brakes, engine: Engine) -> None:
        self._desk = desk
        self._decider = decider
        self._brakes = brakes
        self._engine = engine

    async def freeze(self, request: Freeze, asker: Asker) -> Changed:
        """Hold a registry. Raises RefusedError for who may not, ConflictError where it is frozen already."""
        registry = self._named(request)
        await self._check(asker, "freeze", registry)
        frozen = Frozen(registry, asker.user, request.reason, self._desk.clock())
        event = self._event(Deed.FROZEN, asker, registry=registry, reason=request.reason)
        if not await self._desk.store.freezes.freeze(frozen, event):
            earlier = await self._desk.store.freezes.get(registry) or frozen
            who = f"<@{earlier.by}>"
            raise ConflictError(
                f"{registry} is frozen already by {who}: {earlier.reason}",
                expected="Nothing was changed.",
                mentions=[who],
            )
        log.info("frozen", registry=registry, user=asker.user)
        self._brakes.pull_all(registry)
        return Changed(frozen, await self._about(registry))

    async def unfreeze(self, request: Unfreeze, asker: Asker) -> Changed:
        """Let a registry go on. Raises RefusedError for who may not, ConflictError where it is not frozen."""
        registry = self._named(request)
        await self._check(asker, "unfreeze", registry)
        frozen = await self._desk.store.freezes.get(registry)
        event = self._event(Deed.UNFROZEN, asker, registry=registry)
        if frozen is None or not await self._desk.store.freezes.unfreeze(registry, event):
            raise ConflictError(f"{registry} is not frozen.", expected="There is nothing to unfreeze.")
        log.info("unfrozen", registry=registry, user=asker.user)
        about = await self._about(registry)
        for proposal in about:
            self._engine.wake(proposal)
        return Changed(frozen, about)

    def _named(self, request: Freeze | Unfreeze) -> str:
        try:
            return self._desk.registry(request.registry).name
        except BadInputError as error:
            error.example = str(replace(request, registry=error.example.rpartition(" ")[2]))
            raise

    async def _about(self, registry: str) -> tuple[Proposal, ...]:
        return tuple(p for p in await self._desk.store.proposals.unfinished() if p.registry == registry)

    async def _check(self, asker: Asker, what: str, registry: str) -> None:
        """Let through who may approve for the whole registry: a freeze holds everybody's repositories."""
        needs = self._desk.policy.rights_of(asker.workspace).whole(registry)
        if await self._decider.approvers.covers(asker.user, needs):
            return
        who = all_mentions(needs)
        nobody = f"Nobody can: no approvers are set for the whole of {registry} (approvals.approvers)."
        raise RefusedError(
            f"You are not one of those who may {what} {registry}, since that is for all of its repositories.",
            expected=f"Those who can: {', '.join(who)}." if who else nobody,
            mentions=who,
        )

    def _event(self, deed: Deed, asker: Asker, **detail: object) -> Event:
        return Event(
            self._desk.clock(), deed, asker.user, "", asker.team_id, asker.channel, detail, asker.enterprise_id
        )
