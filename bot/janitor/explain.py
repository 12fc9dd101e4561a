"""Explaining: why one manifest, or each of a repository, is kept or could go. Nothing is deleted."""

import asyncio
from dataclasses import dataclass

from bot.domain.explain import Explanation, Overview, explain_manifest, explain_repository
from bot.domain.graph import Graph
from bot.domain.lookup import find_manifest
from bot.domain.manifest import Snapshot
from bot.domain.reference import Reference
from bot.domain.request import Explain
from bot.domain.rule import Rule
from bot.domain.selection import judge
from bot.errors import BadInputError, JanitorError, RepositoryNotFoundError
from bot.janitor.desk import ReadingDesk
from bot.registry import explain_missing, take_snapshot


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer to a request: about one manifest, or about the repository where none was named."""

    registry: str
    rule: Rule
    about: Explanation | Overview


async def explain(desk: ReadingDesk, request: Explain) -> Explained:
    """Judge a repository by the rule of ``/acr untagged``, whatever the age, and find the reasons that were asked for.

    Raises BadInputError where registry, tag or digest are not there or not clear, RegistryError where the repository is
    not there or could not be read.
    """
    now = desk.clock()
    rule = Rule(untagged=True, protection=desk.policy.protection)
    repository = request.reference.repository
    try:
        client = desk.registry(request.registry)
        snapshot = await take_snapshot(client, desk.bodies, repository, now)
        # Pure computation; in a thread it can't hold up the answers that Slack wants within three seconds.
        about = await asyncio.to_thread(_explain, snapshot, rule, request.reference)
    except RepositoryNotFoundError as error:
        missing = await explain_missing(client, repository)
        _mend_example(missing, request)
        raise missing from error
    except BadInputError as error:
        _mend_example(error, request)
        raise
    return Explained(client.name, rule, about)


def _mend_example(error: JanitorError, request: Explain) -> None:
    """Let the example ask the same of the same registry."""
    error.about("/acr explain")
    if error.example and request.registry and "--registry" not in error.example:
        error.example += f" --registry {request.registry}"


def _explain(snapshot: Snapshot, rule: Rule, reference: Reference) -> Explanation | Overview:
    judgement = judge(snapshot, rule, snapshot.taken)
    if not (reference.tag or reference.digest):
        return explain_repository(judgement)
    graph = Graph(snapshot)
    return explain_manifest(judgement, graph, find_manifest(snapshot, graph, reference))
