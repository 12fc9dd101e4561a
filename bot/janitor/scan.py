"""Looking: what could go from one repository, or from all that a pattern matches, and why. Nothing is deleted."""

import asyncio
from dataclasses import replace
from datetime import datetime

import structlog

from bot.domain.plan import Plan, make_plan
from bot.domain.request import Untagged
from bot.domain.rule import Rule
from bot.domain.selection import Judgement, judge
from bot.errors import BadInputError, RegistryError, RepositoryNotFoundError
from bot.janitor.desk import Desk
from bot.registry import RegistryClient, explain_missing, take_snapshot

# Each repository costs some listings and holds its manifests in memory while it is judged.
SIDE_BY_SIDE = 4

log = structlog.get_logger(__name__)


def rule_for(request: Untagged, desk: Desk, now: datetime) -> Rule:
    """Turn a request into a rule with absolute times, so that it means the same when it is judged again later."""
    return Rule(
        untagged=True,
        before=now - request.min_age if request.min_age is not None else None,
        protection=desk.policy.protection,
    )


async def scan(desk: Desk, request: Untagged) -> Plan:
    """Judge what a request is about.

    Of several repositories, one that can't be read becomes a fault of the plan. Raises RegistryError when none could be
    read, BadInputError when the registry is unknown or a pattern matches nothing.
    """
    client = desk.registry(request.registry)
    now = desk.clock()
    rule = rule_for(request, desk, now)
    target = request.reference.repository
    if not request.reference.is_glob:
        try:
            judgement = await _judge(desk, client, target, rule, now)
        except RepositoryNotFoundError as error:
            raise await explain_missing(client, target) from error
        return make_plan(client.name, target, rule, [judgement], now)

    names = request.reference.select(await client.repositories())
    if not names:
        raise BadInputError(
            f"No repository of {client.name} matches {target!r}.",
            expected="* stands for any characters, slashes too.",
            example="/acr untagged 'team/*'",
        )
    return await _scan_many(desk, client, names, request, rule, now)


async def _scan_many(  # noqa: PLR0917 - private, and each is needed
    desk: Desk, client: RegistryClient, names: list[str], request: Untagged, rule: Rule, now: datetime
) -> Plan:
    turn = asyncio.Semaphore(SIDE_BY_SIDE)
    faults: dict[str, RegistryError] = {}

    async def one(name: str) -> Judgement | None:
        async with turn:
            try:
                return await _judge(desk, client, name, rule, now)
            except RepositoryNotFoundError:
                return None  # it went between the catalog and here
            except RegistryError as error:
                log.warning("repository_unreadable", registry=client.name, repository=name, problem=error.problem)
                faults[name] = error
                return None

    judgements = await asyncio.gather(*(one(name) for name in names))
    if faults and len(faults) == len(names):
        raise next(iter(faults.values()))
    plan = make_plan(client.name, request.reference.repository, rule, [j for j in judgements if j], now)
    return replace(
        plan,
        repositories=tuple(names),
        faults={**plan.faults, **{name: error.problem for name, error in faults.items()}},
    )


async def _judge(desk: Desk, client: RegistryClient, repository: str, rule: Rule, now: datetime) -> Judgement:
    snapshot = await take_snapshot(client, desk.store.bodies, repository, now)
    # Judging is pure computation; in a thread it can't hold up the answers that Slack wants within three seconds.
    return await asyncio.to_thread(judge, snapshot, rule, now)
