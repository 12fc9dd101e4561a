"""Looking at many repositories: what each holds, and how much of it is stale. Nothing is deleted."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.domain.holding import Holding, holding_of
from bot.domain.manifest import Body, Kind, Snapshot
from bot.domain.reference import Reference
from bot.domain.rule import Rule
from bot.domain.selection import judge
from bot.errors import BadInputError, RegistryError, RepositoryNotFoundError
from bot.janitor.aside import aside
from bot.janitor.desk import ReadingDesk
from bot.janitor.scan import SIDE_BY_SIDE
from bot.registry import BodyCache, RegistryClient, explain_missing, gathered, read_bodies, take_snapshot

# From so many repositories on, whoever asks is told that it takes a moment.
MANY = 20
# So many bodies are read for one question about layers; judging reads those that it needs anyway.
MOST_READS = 2000
_ASK = 500
# What one look at a repository of up to a page of manifests and tags costs once its bodies are known: see take_listing.
READS_OF_A_LOOK = 3

Spend = Callable[[int], Awaitable[None]]
"""Waits until so many reads may be made, such as ``ReadBudget.spend``."""

Progress = Callable[[int], Awaitable[None]]
"""Told once how many repositories are looked through, where it will take a while."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What repositories of one registry hold. ``faults`` maps each that could not be read to the reason."""

    registry: str
    target: str
    rule: Rule
    taken: datetime
    found: tuple[Holding, ...]
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """All repositories, those that could not be read among them."""
        return len({holding.repository for holding in self.found} | self.faults.keys())


async def look_at_repositories(
    desk: ReadingDesk,
    reference: Reference,
    *,
    registry: str = "",
    layers: bool = False,
    progress: Progress | None = None,
) -> Holdings:
    """Add up a repository, or all that a glob matches, by name.

    With ``layers`` the bodies of some images are read only so that their layers can be told apart.

    Of several repositories, one that can't be read becomes a fault; one that could be listed and not judged is among
    both. Raises RegistryError when none could be read, BadInputError when the registry is unknown or a pattern matches
    nothing; a registry without repositories is no error.
    """
    client = desk.registry(registry)
    now = desk.clock()
    rule = stale_rule(desk, now)
    names = [reference.repository]
    if reference.is_glob:
        known = await client.repositories()
        names = reference.select(known)
        if known and not names:
            raise BadInputError(
                f"No repository of {client.name} matches {reference.repository!r}.",
                expected="* stands for any characters, slashes too.",
                example="/acr untagged 'team/*'",
            )
    if progress is not None and len(names) >= MANY:
        await progress(len(names))
    found, faults = await _Round(desk, client, rule, now, layers=layers).look(names, alone=not reference.is_glob)
    return Holdings(client.name, reference.repository, rule, now, tuple(found), faults)


async def look_politely(
    desk: ReadingDesk, client: RegistryClient, names: Iterable[str], now: datetime, spend: Spend
) -> tuple[list[Holding], dict[str, str]]:
    """Add repositories up for a report, nobody waiting for it: each look is first paid for with ``spend``.

    Gives what was found by name, and the reasons why others could not be read. One that vanished meanwhile is in
    neither.
    """
    rule = stale_rule(desk, now)
    found, errors = await _Round(desk, client, rule, now, layers=False, spend=spend).gather(list(names), alone=False)
    faults = {name: error.problem for name, error in errors.items()}
    faults |= {name: holding.fault for name, holding in found.items() if holding.fault}
    return [found[name] for name in sorted(found)], dict(sorted(faults.items()))


def stale_rule(desk: ReadingDesk, now: datetime) -> Rule:
    """Give the rule of what lists and reports call stale."""
    return Rule(untagged=True, before=now - desk.policy.stale_after, protection=desk.policy.protection)


class _Round:
    """One look through many repositories, some side by side; of each only the figures are kept."""

    def __init__(
        self,
        desk: ReadingDesk,
        client: RegistryClient,
        rule: Rule,
        now: datetime,
        *,
        layers: bool,
        spend: Spend | None = None,
    ) -> None:
        self._desk = desk
        self._client = client
        self._rule = rule
        self._now = now
        self._reads = MOST_READS if layers else 0
        self._spend = spend

    async def look(self, names: list[str], *, alone: bool) -> tuple[list[Holding], dict[str, str]]:
        found, errors = await self.gather(names, alone=alone)
        if errors and not found:
            raise next(iter(errors.values()))
        faults = {name: holding.fault for name, holding in found.items() if holding.fault}
        faults |= {name: error.problem for name, error in errors.items()}
        return [found[name] for name in sorted(found)], dict(sorted(faults.items()))

    async def gather(self, names: list[str], *, alone: bool) -> tuple[dict[str, Holding], dict[str, RegistryError]]:
        turn = asyncio.Semaphore(SIDE_BY_SIDE)
        found: dict[str, Holding] = {}
        errors: dict[str, RegistryError] = {}

        async def one(bodies: BodyCache, name: str) -> None:
            async with turn:
                if self._spend is not None:
                    await self._spend(READS_OF_A_LOOK)
                try:
                    found[name] = await self._add_up(bodies, name)
                except RepositoryNotFoundError as error:
                    if alone:
                        raise await explain_missing(self._client, name) from error
                except RegistryError as error:
                    log.warning(
                        "repository_unreadable", registry=self._client.name, repository=name, problem=error.problem
                    )
                    errors[name] = error

        async with gathered(self._desk.bodies) as bodies:
            await asyncio.gather(*(one(bodies, name) for name in names))
        return found, errors

    async def _add_up(self, bodies: BodyCache, name: str) -> Holding:
        snapshot = await take_snapshot(self._client, bodies, name, self._now)
        more = await self._more_bodies(bodies, snapshot)
        return await aside(snapshot, lambda: holding_of(snapshot, judge(snapshot, self._rule, self._now), more))

    async def _more_bodies(self, bodies: BodyCache, snapshot: Snapshot) -> dict[str, Body]:
        """Get the bodies of images that judging can do without: from the cache, and some from the registry."""
        wanted = [
            digest
            for digest, manifest in snapshot.manifests.items()
            if digest not in snapshot.bodies and manifest.kind is Kind.IMAGE and digest not in snapshot.vanished
        ]
        known: dict[str, Body] = {}
        for start in range(0, len(wanted), _ASK):
            known |= await bodies.get(wanted[start : start + _ASK])
        missing = [digest for digest in wanted if digest not in known][: self._reads]
        self._reads -= len(missing)
        with contextlib.suppress(RegistryError):  # what stays unread is counted as such
            read, _ = await read_bodies(self._client, bodies, snapshot.repository, missing)
            known |= read
        return known
