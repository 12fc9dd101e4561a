"""The weekly report of a team: look, keep the figures, and say what they mean. Nothing is deleted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import structlog

from bot.domain.holding import Holding
from bot.domain.proposal import Proposal
from bot.domain.reference import Reference
from bot.domain.report import Cleaned, Place, Report, compile_report
from bot.domain.team import Scope, Team
from bot.errors import BadInputError, RegistryError
from bot.janitor.desk import Desk
from bot.janitor.repos import look_politely

# The figures to compare with are those of the week before; where there are none, older ones up to this age.
OLDEST = timedelta(days=35)
NEWEST = timedelta(days=6)
WEEK = timedelta(days=7)
# A trend goes back 12 weeks; the rest is for questions about a year ago. Turns are only there to be taken once.
KEPT = timedelta(days=400)
TURNS_KEPT = timedelta(weeks=26)

log = structlog.get_logger(__name__)


class Reporter:
    """Makes reports. ``spend`` keeps reading within a budget for each registry, by its name in the settings."""

    def __init__(self, desk: Desk, spend: Callable[[str, int], Awaitable[None]]) -> None:
        self._desk = desk
        self._spend = spend

    async def report(self, team: Team) -> Report:
        """Look at a team's repositories, keep what was found, and compare it with the time before.

        A registry or a repository that can't be read becomes a fault, and is no part of any figure. Raises StoreError.
        """
        taken = self._desk.clock()
        looked = await asyncio.gather(*(self._look(scope, taken) for scope in team.scopes))
        figures = self._desk.store.figures
        for scope, holdings in zip(team.scopes, looked, strict=True):
            await figures.put(scope.registry, taken, holdings)
        await figures.looked(team.key, taken)
        return await self.recall(team, taken)

    async def recall(self, team: Team, taken: datetime) -> Report:
        """Give the report of a time when the team's repositories were looked at, from what was kept. Raises StoreError.

        What was cleaned and what waits is as of now. It compares with the look of an earlier report of this very team:
        that of another may have been about fewer repositories. Raises BadInputError where that time is forgotten.
        """
        figures = self._desk.store.figures
        if await figures.last_look(team.key, at=taken, since=taken) is None:
            raise BadInputError(
                f"The figures of {taken:%Y-%m-%d} are not kept any more.",
                expected=f"They are for {KEPT.days} days.",
                example="/acr report",
            )
        earlier = await figures.last_look(team.key, at=taken - NEWEST, since=taken - OLDEST)
        now: dict[Place, Holding] = {}
        before: dict[Place, Holding] = {}
        cleaned: list[Cleaned] = []
        for scope in team.scopes:
            now |= await self._kept(scope, taken)
            before |= await self._kept(scope, earlier) if earlier else {}
            cleaned += await self._cleaned(team, scope, taken)
        cleaned.sort(key=lambda one: one.proposal.finished or taken, reverse=True)
        waiting = await self._waiting(team, self._desk.clock())
        return compile_report(team, taken, now, before, compared=earlier, cleaned=cleaned, waiting=waiting)

    async def _look(self, scope: Scope, taken: datetime) -> list[Holding]:
        """Give holdings; one without a repository stands for a registry that could not be read at all."""
        try:
            client = self._desk.registry(scope.registry)
            await self._spend(scope.registry, 1)
            names = scope.select(await client.repositories())
        except (RegistryError, BadInputError) as error:
            log.warning("registry_unreadable", registry=scope.registry, problem=error.problem)
            return [Holding("", fault=error.problem)]
        found, faults = await look_politely(self._desk, client, names, taken, partial(self._spend, scope.registry))
        known = {holding.repository for holding in found}
        return found + [Holding(name, fault=why) for name, why in faults.items() if name not in known]

    async def _kept(self, scope: Scope, taken: datetime) -> dict[Place, Holding]:
        found = await self._desk.store.figures.at(scope.registry, taken)
        names = [*scope.select(filter(None, found)), *([""] if "" in found else [])]
        return {(scope.registry, name): found[name] for name in names}

    async def _cleaned(self, team: Team, scope: Scope, taken: datetime) -> Iterable[Cleaned]:
        found = []
        for proposal, amounts in await self._desk.store.history.since(team.workspace, scope.registry, taken - WEEK):
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
            for proposal in await self._desk.store.proposals.waiting(team.workspace, scope.registry):
                records = await self._desk.store.proposals.repositories(proposal.id)
                if proposal.expires > taken and scope.select(records):
                    found.append(proposal)
        return sorted(found, key=lambda proposal: proposal.created)


async def forget_old(desk: Desk) -> None:
    """Drop figures and turns that nothing asks for any more. Raises StoreError."""
    now = desk.clock()
    figures = await desk.store.figures.forget(now - KEPT)
    turns = await desk.store.turns.forget((now - TURNS_KEPT).date())
    if figures or turns:
        log.info("old_reports_forgotten", figures=figures, turns=turns)


@dataclass(frozen=True, slots=True)
class Week:
    """What a repository held when it was last looked at in one week, whose first day is a Monday."""

    monday: date
    taken: datetime
    holding: Holding


WEEKS = 12


async def trend(desk: Desk, reference: Reference, *, registry: str = "") -> tuple[str, list[Week]]:
    """Give the registry's name and what reports have seen of a repository, for each of the last 12 weeks that has any.

    Raises BadInputError where the registry is unknown, or where no report has ever seen the repository.
    """
    client = desk.registry(registry)
    now = desk.clock()
    first = now.date() - timedelta(days=now.weekday(), weeks=WEEKS - 1)
    since = datetime.combine(first, time(), UTC)
    series = await desk.store.figures.series(client.name, reference.repository, since)
    weeks: dict[date, Week] = {}
    for taken, holding in series:
        monday = taken.date() - timedelta(days=taken.weekday())
        if not holding.fault:
            weeks[monday] = Week(monday, taken, holding)
    if not weeks:
        raise BadInputError(
            f"No report has seen {reference.repository!r} in the last {WEEKS} weeks.",
            expected="A trend is drawn from weekly reports; one begins with a subscription.",
            example=f"/acr subscribe {reference.repository}",
        )
    return client.name, [weeks[monday] for monday in sorted(weeks)]
