"""Standing rules: what one selects today, and what each would free. Nothing is deleted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.domain.apply import Apply
from bot.domain.lists import Rules
from bot.domain.manifest import Snapshot
from bot.domain.plan import make_plan
from bot.domain.rule import Rule
from bot.domain.selection import judge
from bot.domain.standing import Standing
from bot.errors import BadInputError, RegistryError, RepositoryNotFoundError
from bot.janitor.aside import aside
from bot.janitor.desk import ReadingDesk
from bot.janitor.repos import MANY, Progress
from bot.janitor.scan import SIDE_BY_SIDE, Scan, scan_named
from bot.registry import BodyCache, RegistryClient, gathered, take_snapshot

log = structlog.get_logger(__name__)


async def apply_rule(desk: ReadingDesk, request: Apply, now: datetime) -> tuple[Apply, Scan]:
    """Find what a standing rule selects in all its repositories, and tie the request to what the rule says.

    A rule that is about no repository selects nothing; that is no error. Raises what ``Apply.find`` and ``scan_named``
    raise; and BadInputError for a registry that the rule is not about.
    """
    rule = request.find(desk.policy.rules)
    client = desk.registry(request.registry or rule.registry)
    if rule.registry and client is not desk.registry(rule.registry):
        raise BadInputError(
            f"The standing rule {rule.name} is about the registry {rule.registry} alone.",
            expected="Leave the registry out.",
            example=f"/acr apply {rule.name} --registry {rule.registry}",
        )
    request = request.fixed(rule, now)
    names = rule.select(await client.repositories())
    selects = rule.rule(request.before, desk.policy.protection)
    return request, await scan_named(desk, client, names, selects, now, target=rule.target)


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one standing rule would do now. ``upper_bytes`` is an upper bound: layers may be shared.

    ``registry``: where it looked. ``repositories`` counts all that it is about, those that could not be read among
    them; ``unread`` counts these. ``fault`` says why nothing is known at all, where that is so.
    """

    rule: Standing
    registry: str
    repositories: int = 0
    going: int = 0
    upper_bytes: int = 0
    unread: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class RulesFound:
    """Every rule with its figures, in the order of the settings.

    ``faults`` maps what could not be read, a repository or a registry, to the reason.
    """

    taken: datetime
    rules: tuple[RuleFigures, ...]
    faults: Mapping[str, str] = field(default_factory=dict)


async def look_at_rules(desk: ReadingDesk, request: Rules, *, progress: Progress | None = None) -> RulesFound:
    """Add up what each standing rule would free now.

    Each repository is looked at once, for all the rules that are about it. One that can't be read becomes a fault, and
    so does a registry, as long as there is another. Raises RegistryError when no registry could be asked, BadInputError
    when the registry is unknown.
    """
    look = _Look(desk, desk.clock())
    only = desk.registry(request.registry) if request.registry else None
    for rule in desk.policy.rules:
        client = desk.registry(rule.registry) if rule.registry else only or desk.registry("")
        if only is None or client is only:
            look.add(rule, client)
    await look.find_repositories()
    if progress is not None and look.count >= MANY:
        await progress(look.count)
    await look.judge_all()
    return RulesFound(look.now, tuple(look.figures()), dict(sorted(look.faults.items())))


@dataclass
class _Sum:
    """The figures of one rule in the making."""

    rule: Standing
    client: RegistryClient
    selects: Rule
    repositories: int = 0
    going: int = 0
    upper_bytes: int = 0
    unread: int = 0


class _Look:
    """One look for many rules, some repositories side by side; of each only the figures are kept."""

    def __init__(self, desk: ReadingDesk, now: datetime) -> None:
        self._desk = desk
        self.now = now
        self._sums: list[_Sum] = []
        self._down: dict[str, RegistryError] = {}
        self._about: dict[tuple[str, str], list[_Sum]] = {}
        self.faults: dict[str, str] = {}

    @property
    def count(self) -> int:
        return len(self._about)

    def add(self, rule: Standing, client: RegistryClient) -> None:
        self._sums.append(_Sum(rule, client, rule.rule(rule.before(self.now), self._desk.policy.protection)))

    async def find_repositories(self) -> None:
        clients = {each.client.name: each.client for each in self._sums}
        for client in clients.values():
            try:
                names = await client.repositories()
            except RegistryError as error:
                self._down[client.name] = error
                self.faults[client.name] = error.problem
                continue
            for each in self._sums:
                if each.client is client:
                    for name in each.rule.select(names):
                        self._about.setdefault((client.name, name), []).append(each)
        if clients and len(self._down) == len(clients):
            raise next(iter(self._down.values()))

    async def judge_all(self) -> None:
        turn = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(bodies: BodyCache, name: str, sums: list[_Sum]) -> None:
            async with turn:
                await self._judge(bodies, sums[0].client, name, sums)

        async with gathered(self._desk.bodies) as bodies:
            await asyncio.gather(*(one(bodies, name, sums) for (_, name), sums in self._about.items()))

    async def _judge(self, bodies: BodyCache, client: RegistryClient, name: str, sums: list[_Sum]) -> None:
        try:
            snapshot = await take_snapshot(client, bodies, name, self.now)
        except RepositoryNotFoundError:
            return  # it went between the catalog and here
        except RegistryError as error:
            log.warning("repository_unreadable", registry=client.name, repository=name, problem=error.problem)
            found, fault = [(0, 0)] * len(sums), error.problem
        else:
            found, fault = await aside(snapshot, lambda: _figures(snapshot, [each.selects for each in sums]))
        if fault:
            several = len({each.client.name for each in self._sums}) > 1
            self.faults[f"{client.name}/{name}" if several else name] = fault
        for each, (going, upper_bytes) in zip(sums, found, strict=True):
            each.repositories += 1
            each.going += going
            each.upper_bytes += upper_bytes
            each.unread += bool(fault)

    def figures(self) -> list[RuleFigures]:
        return [
            RuleFigures(
                rule=each.rule,
                registry=each.client.name,
                repositories=each.repositories,
                going=each.going,
                upper_bytes=each.upper_bytes,
                unread=each.unread,
                fault=self._down[each.client.name].problem if each.client.name in self._down else "",
            )
            for each in self._sums
        ]


def _figures(snapshot: Snapshot, rules: Sequence[Rule]) -> tuple[list[tuple[int, int]], str]:
    """Judge one repository by each rule: how much would go, its bytes, and why nothing does where it is not read."""
    found, fault = [], ""
    for rule in rules:
        judgement = judge(snapshot, rule, snapshot.taken)
        plan = make_plan(snapshot.registry, snapshot.repository, rule, (judgement,), snapshot.taken)
        found.append((len(plan.items), plan.upper_bytes))
        fault = fault or judgement.fault
    return found, fault
