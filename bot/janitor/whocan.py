"""Telling who may approve for a repository before anybody proposes anything."""

from dataclasses import dataclass

from bot.domain.whocan import Part, WhoCan, parts_of
from bot.domain.workspace import Workspace
from bot.errors import BadInputError, JanitorError, RefusedError, RepositoryNotFoundError
from bot.janitor.approvers import Approvers
from bot.janitor.desk import Desk
from bot.registry import explain_missing


@dataclass(frozen=True, slots=True)
class Told:
    """Who may approve what was asked about, and what the one who asks may.

    ``mine``: for each part whether this person is one of its approvers, None where Slack did not say. ``barred``: why
    Slack's state of this account lets it decide on nothing, empty where it does not stand against it.
    """

    registry: str
    asked: WhoCan
    parts: tuple[Part, ...]
    mine: tuple[bool | None, ...]
    barred: str
    allow_self: bool


async def who_can(desk: Desk, approvers: Approvers, request: WhoCan, user: str, workspace: Workspace) -> Told:
    """Look up what the settings and Slack say.

    Raises BadInputError where the registry is unknown or a pattern matches nothing, RegistryError where a repository is
    not there, with the nearest names, or the registry does not answer.
    """
    try:
        registry, names = await _names(desk, request)
    except JanitorError as error:
        error.about(request.command)
        if request.registry and error.example and "--registry" not in error.example:
            error.example += f" --registry {request.registry}"
        raise
    parts = parts_of(desk.policy.rights_of(workspace), registry, names)
    mine: list[bool | None] = []
    barred = ""
    for part in parts:
        try:
            may = bool(await approvers.covers(user, [part.need]))
            mine.append(may)
            if not may and not barred:
                barred = await approvers.barred(user, workspace)
        except RefusedError:
            mine.append(None)
    return Told(registry, request, parts, tuple(mine), barred, desk.policy.allow_self_approval)


async def _names(desk: Desk, request: WhoCan) -> tuple[str, list[str]]:
    client = desk.registry(request.registry)
    repository = request.reference.repository
    if not request.reference.is_glob:
        try:
            await client.repository(repository)
        except RepositoryNotFoundError as error:
            raise await explain_missing(client, repository) from error
        return client.name, [repository]
    names = request.reference.select(await client.repositories())
    if not names:
        raise BadInputError(
            f"No repository of {client.name} matches {repository!r}.",
            expected="* stands for any characters, slashes too.",
            example="/acr untagged 'team/*'",
        )
    return client.name, names
