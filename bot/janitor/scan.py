"""Looking: what could go from one repository, or from all that a pattern matches, and why. Nothing is deleted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.domain.plan import Plan, make_plan
from bot.domain.reference import Reference
from bot.domain.rule import Rule
from bot.domain.selection import Judgement, judge
from bot.errors import BadInputError, RegistryError, RepositoryNotFoundError
from bot.janitor.aside import aside
from bot.janitor.desk import ReadingDesk
from bot.registry import BodyCache, RegistryClient, explain_missing, gathered, take_snapshot

# Each repository costs three requests, two of them at once, and holds its manifests in memory while it is judged.
SIDE_BY_SIDE = 16

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look has found in one or more repositories of one registry.

    ``target``: the repository or the glob that was asked for. ``repositories``: all that it names and that are still
    there. ``faults`` maps those of them that could not be read to the error; on each of the others is a judgement.
    """

    registry: str
    target: str
    rule: Rule
    taken: datetime
    judgements: tuple[Judgement, ...]
    repositories: tuple[str, ...]
    faults: Mapping[str, RegistryError] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """What would be deleted; a repository that could not be read is one of its faults."""
        plan = make_plan(self.registry, self.target, self.rule, self.judgements, self.taken)
        faults = {name: error.problem for name, error in self.faults.items()}
        return replace(plan, repositories=self.repositories, faults={**plan.faults, **faults})


async def scan(desk: ReadingDesk, reference: Reference, rule: Rule, *, registry: str = "") -> Scan:
    """Judge every manifest of a repository, or of all that a glob matches, by a rule.

    Of several repositories, one that can't be read becomes a fault. Raises RegistryError when none could be read,
    BadInputError when the registry is unknown or a pattern matches nothing.
    """
    client = desk.registry(registry)
    now = desk.clock()
    target = reference.repository
    if not reference.is_glob:
        try:
            judgement = await _judge(desk.bodies, client, target, rule, now)
        except RepositoryNotFoundError as error:
            raise await explain_missing(client, target) from error
        return Scan(client.name, target, rule, now, (judgement,), (target,))

    names = reference.select(await client.repositories())
    if not names:
        raise BadInputError(
            f"No repository of {client.name} matches {target!r}.",
            expected="* stands for any characters, slashes too.",
            example="/acr untagged 'team/*'",
        )
    return await scan_named(desk, client, names, rule, now, target=target)


async def scan_named(
    desk: ReadingDesk, client: RegistryClient, names: list[str], rule: Rule, now: datetime, *, target: str
) -> Scan:
    """Judge every manifest of these repositories by a rule. ``target`` is what people call them together.

    One that can't be read becomes a fault, one that is not there is left out. Raises RegistryError when none could be
    read.
    """
    judgements, faults = await _scan_many(desk, client, names, rule, now)
    if faults and len(faults) == len(names):
        raise next(iter(faults.values()))
    seen = {judgement.repository for judgement in judgements} | faults.keys()
    return Scan(client.name, target, rule, now, tuple(judgements), tuple(n for n in names if n in seen), faults)


async def _scan_many(
    desk: ReadingDesk, client: RegistryClient, names: list[str], rule: Rule, now: datetime
) -> tuple[list[Judgement], dict[str, RegistryError]]:
    turn = asyncio.Semaphore(SIDE_BY_SIDE)
    faults: dict[str, RegistryError] = {}

    async def one(bodies: BodyCache, name: str) -> Judgement | None:
        async with turn:
            try:
                return await _judge(bodies, client, name, rule, now)
            except RepositoryNotFoundError:
                return None  # it went between the catalog and here
            except RegistryError as error:
                log.warning("repository_unreadable", registry=client.name, repository=name, problem=error.problem)
                faults[name] = error
                return None

    async with gathered(desk.bodies) as bodies:
        judgements = await asyncio.gather(*(one(bodies, name) for name in names))
    return [judgement for judgement in judgements if judgement], faults


async def _judge(bodies: BodyCache, client: RegistryClient, repository: str, rule: Rule, now: datetime) -> Judgement:
    snapshot = await take_snapshot(client, bodies, repository, now)
    return await aside(snapshot, lambda: judge(snapshot, rule, now))
