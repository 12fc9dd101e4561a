"""The weekly report of a team: look, keep the figures, and say what they mean. Nothing is deleted."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from bot.domain.holding import Holding
from bot.domain.proposal import Proposal
from bot.domain.report import Cleaned, Fault, Place, Report, compile_report
from bot.domain.team import Scope, Team
from bot.errors import BadInputError, RegistryError
from bot.janitor.desk import Desk
from bot.janitor.repos import Spend, look_politely

# The figures to compare with are those of the week before; where there are none, older ones up to this age.
OLDEST = timedelta(days=35)
NEWEST = timedelta(days=6)
# What was looked at together took no longer than that; a repository that was not among it was no more.
_ONE_LOOK = timedelta(days=1)
WEEK = timedelta(days=7)

log = structlog.get_logger(__name__)


class Reporter:
    """Makes reports. ``spend`` keeps reading within a budget for each registry, by its name."""

    def __init__(self, desk: Desk, spend: Spend) -> None:
        self._desk = desk
        self._spend = spend

    async def report(self, team: Team) -> Report:
        """Look at a team's repositories, keep what was found, and compare it with the time before.

        A registry or a repository that can't be read becomes a fault, and is no part of any figure. Raises StoreError.
        """
        taken = self._desk.clock()
        now: dict[Place, Holding] = {}
        before: dict[Place, tuple[datetime, Holding]] = {}
        faults: list[Fault] = []
        cleaned: list[Cleaned] = []
        looked = await asyncio.gather(*(self._look(scope, taken) for scope in team.scopes))
        for scope, (holdings, why) in zip(team.scopes, looked, strict=True):
            await self._desk.store.figures.put(scope.registry, taken, holdings)
            now |= {(scope.registry, holding.repository): holding for holding in holdings}
            faults += [Fault(scope.registry, repository, reason) for repository, reason in why.items()]
            before |= await self._before(scope, taken)
            cleaned += await self._cleaned(team, scope, taken)
        cleaned.sort(key=lambda one: one.proposal.finished or taken, reverse=True)
        return compile_report(
            team, taken, now, before, faults=faults, cleaned=cleaned, waiting=await self._waiting(team, taken)
        )

    async def _look(self, scope: Scope, taken: datetime) -> tuple[list[Holding], dict[str, str]]:
        """Give holdings, and reasons by repository; an empty one stands for the whole registry."""
        try:
            client = self._desk.registry(scope.registry)
            await self._spend(1)
            names = scope.select(await client.repositories())
        except (RegistryError, BadInputError) as error:
            log.warning("registry_unreadable", registry=scope.registry, problem=error.problem)
            return [], {"": error.problem}
        return await look_politely(self._desk, client, names, taken, self._spend)

    async def _before(self, scope: Scope, taken: datetime) -> dict[Place, tuple[datetime, Holding]]:
        found = await self._desk.store.figures.latest(scope.registry, at=taken - NEWEST, since=taken - OLDEST)
        ours = {repository: found[repository] for repository in scope.select(found)}
        last = max((time for time, _ in ours.values()), default=taken)
        return {(scope.registry, name): (time, one) for name, (time, one) in ours.items() if time > last - _ONE_LOOK}

    async def _cleaned(self, team: Team, scope: Scope, taken: datetime) -> Iterable[Cleaned]:
        found = []
        for proposal, amounts in await self._desk.store.history.since(team.team_id, scope.registry, taken - WEEK):
            ours = {name: amounts[name] for name in scope.select(amounts)}
            if ours:
                manifests = sum(amount.manifests for amount in ours.values())
                size = sum(amount.deleted_bytes for amount in ours.values())
                found.append(Cleaned(proposal, tuple(ours), manifests, size))
        return found

    async def _waiting(self, team: Team, taken: datetime) -> list[Proposal]:
        """Find the proposals that can still be decided and are about some of the team's repositories."""
        found = []
        for scope in team.scopes:
            for proposal in await self._desk.store.proposals.waiting(team.team_id, scope.registry):
                records = await self._desk.store.proposals.repositories(proposal.id)
                if proposal.expires > taken and scope.select(records):
                    found.append(proposal)
        return sorted(found, key=lambda proposal: proposal.created)
