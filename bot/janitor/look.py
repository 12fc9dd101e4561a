"""Looking on behalf of a request that can be proposed: what could go by it, and why. Nothing is deleted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.apply import Apply
from bot.domain.explain import Explanation, explain_manifest
from bot.domain.graph import Graph
from bot.domain.lookup import find_manifest
from bot.domain.manifest import Snapshot
from bot.domain.plan import Plan, make_plan
from bot.domain.purge import Purge
from bot.domain.reason import Why, short
from bot.domain.removals import Delete, Old
from bot.domain.request import Proposable, Untagged
from bot.domain.rule import Protection
from bot.domain.selection import judge
from bot.domain.stay import Stay, stays_of
from bot.domain.tag_requests import Unlock, Untag
from bot.domain.whole import DeleteRepository
from bot.errors import ConflictError, JanitorError, RepositoryNotFoundError
from bot.janitor.desk import ReadingDesk
from bot.janitor.one import look_at_lock, look_at_tag
from bot.janitor.purge import look_at_purge
from bot.janitor.rules import apply_rule
from bot.janitor.scan import scan
from bot.registry import explain_missing, take_snapshot

_USUAL = "/acr untagged "


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found.

    ``request`` means the same whenever it is looked at again: its times and its digest are fixed. ``about``: the
    manifest that it names and what belongs to that, where it names one. ``tags_kept``: why tags that match stay, where
    it is about tags. ``stays``: each manifest, and each tag where it is about tags, that does not go.
    """

    request: Proposable
    plan: Plan
    about: Explanation | None = None
    tags_kept: Mapping[Why, int] | None = None
    stays: tuple[Stay, ...] = ()


async def look(desk: ReadingDesk, request: Proposable) -> Looked:
    """Find what a request is about. A date without a zone is one in UTC: see ``Old.fixed``.

    Raises what ``scan`` raises; and BadInputError for a moment that is still to come and for a tag or a digest that is
    not there, ConflictError for a tag that has moved, or a standing rule that was changed, since the request was looked
    at first.
    """
    now = desk.clock()
    try:
        if isinstance(request, Delete):
            return await _look_at_one(desk, request, now)
        if isinstance(request, Untag):
            return Looked(*await look_at_tag(desk, request))
        if isinstance(request, Unlock):
            return Looked(*await look_at_lock(desk, request))
        if isinstance(request, Purge):
            found_tags = await look_at_purge(desk, request)
            return Looked(found_tags.request, found_tags.plan, tags_kept=found_tags.tags_kept, stays=found_tags.stays)
        if isinstance(request, Apply):
            request, applied = await apply_rule(desk, request, now)
            return Looked(request, applied.plan, stays=stays_of(applied.judgements))
        if isinstance(request, Old | Untagged):
            request = request.fixed(now)
        rule = request.rule(now, desk.policy.protection)
        found = await scan(desk, request.reference, rule, registry=request.registry)
    except JanitorError as error:
        _mend_example(error, request)
        raise
    return Looked(request, found.plan, stays=stays_of(found.judgements))


def _mend_example(error: JanitorError, request: Proposable) -> None:
    """Let the example ask the same of the same registry; never let it delete what was not asked for."""
    ours = error.example.startswith("/acr ") and "--registry" not in error.example
    if isinstance(request, Delete | DeleteRepository):
        error.about("/acr explain")
    elif isinstance(request, Old):
        error.about("/acr old", f"--before {request.before.isoformat()}" if request.before else "--older-than 30d")
    elif isinstance(request, Purge | Apply) and error.example.startswith(_USUAL):
        word, _, registry = error.example.removeprefix(_USUAL).partition(" --registry ")
        if registry:
            error.example = str(replace(request, registry=registry))
        elif isinstance(request, Purge):
            error.example = request.of(word)
    if ours and request.registry:
        error.example += f" --registry {request.registry}"


async def _look_at_one(desk: ReadingDesk, request: Delete, now: datetime) -> Looked:
    client = desk.registry(request.registry)
    repository = request.reference.repository
    try:
        snapshot = await take_snapshot(client, desk.bodies, repository, now)
    except RepositoryNotFoundError as error:
        raise await explain_missing(client, repository) from error
    # Pure computation; in a thread it can't hold up the answers that Slack wants within three seconds.
    return await asyncio.to_thread(_judge_one, snapshot, client.name, request, desk.policy.protection)


def _judge_one(snapshot: Snapshot, registry: str, request: Delete, protection: Protection) -> Looked:
    graph = Graph(snapshot)
    digest = find_manifest(snapshot, graph, request.reference)
    if request.digest and digest != request.digest:
        raise ConflictError(
            f"{request.reference} is another manifest now than in the answer that you saw.",
            expected=f"It was {short(request.digest)} and is {short(digest)}. Nothing was proposed; ask again.",
            example=str(request),
        )
    request = replace(request, digest=digest)
    rule = request.rule(snapshot.taken, protection)
    judgement = judge(snapshot, rule, snapshot.taken)
    plan = make_plan(registry, snapshot.repository, rule, (judgement,), snapshot.taken)
    return Looked(request, plan, explain_manifest(judgement, graph, digest))
