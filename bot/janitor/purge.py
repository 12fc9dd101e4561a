"""Looking at what ``/acr purge`` would do, in one repository or in all that are meant. Nothing is changed."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.plan import Plan
from bot.domain.purge import Purge, Purged, purge
from bot.domain.reason import Why
from bot.domain.stay import Stay
from bot.errors import BadInputError, RegistryError, RepositoryNotFoundError
from bot.janitor.aside import aside
from bot.janitor.desk import ReadingDesk
from bot.janitor.scan import SIDE_BY_SIDE
from bot.registry import BodyCache, explain_missing, gathered, take_snapshot


@dataclass(frozen=True, slots=True)
class Purging:
    """The fixed request, what it would do, why tags that match stay, and each tag and manifest that stays."""

    request: Purge
    plan: Plan
    tags_kept: Mapping[Why, int]
    stays: tuple[Stay, ...] = ()


async def look_at_purge(desk: ReadingDesk, request: Purge) -> Purging:
    """Find all that a purge would do.

    Of several repositories, one that can't be read becomes a fault. Raises RegistryError when none could be read,
    BadInputError when the registry is unknown or nothing is meant.
    """
    client = desk.registry(request.registry)
    now = desk.clock()
    request = request.fixed(now)
    rule = request.rule(now, desk.policy.protection)
    several = request.regex or request.reference.is_glob
    names = request.select(await client.repositories()) if several else [request.repositories]
    if not names:
        raise BadInputError(
            f"No repository of {client.name} matches {request.repositories!r}.",
            expected="The part before the colon is a name, a pattern such as 'team/*', or a regular expression that "
            "matches the whole name.",
            example="/acr purge 'team/*:^pr-' --ago 30d",
        )
    turn = asyncio.Semaphore(SIDE_BY_SIDE)
    faults: dict[str, RegistryError] = {}

    async def one(bodies: BodyCache, name: str) -> Purged | None:
        async with turn:
            try:
                snapshot = await take_snapshot(client, bodies, name, now)
            except RepositoryNotFoundError as error:
                if several:
                    return None  # it went between the catalog and here
                raise await explain_missing(client, name) from error
            except RegistryError as error:
                faults[name] = error
                return None
            return await aside(snapshot, lambda: purge(snapshot, request, rule, now))

    async with gathered(desk.bodies) as bodies:
        found = [purged for purged in await asyncio.gather(*(one(bodies, name) for name in names)) if purged]
    if faults and len(faults) == len(names):
        raise next(iter(faults.values()))
    items = [item for purged in found for item in purged.items]
    kept: Counter[Why] = Counter()
    tags_kept: Counter[Why] = Counter()
    for purged in found:
        kept.update(purged.kept or {})
        tags_kept.update(purged.tags_kept or {})
    plan = Plan(
        registry=client.name,
        target=request.repositories,
        rule=rule,
        items=tuple(replace(item, position=position) for position, item in enumerate(items)),
        taken=now,
        repositories=tuple(name for name in names if name in faults or any(p.repository == name for p in found)),
        manifests=sum(purged.manifests for purged in found),
        kept=dict(kept),
        faults={p.repository: p.fault for p in found if p.fault} | {n: e.problem for n, e in faults.items()},
        tagged={p.repository: p.tagged for p in found},
    )
    return Purging(request, plan, dict(tags_kept), tuple(each for purged in found for each in purged.stays))
