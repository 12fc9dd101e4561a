"""From settings to the parts that every command needs, with Slack or without: the policy and the registries."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime

from azure.identity.aio import DefaultAzureCredential

from bot.domain.hold import Quiet
from bot.domain.rights import Grant, Rights
from bot.domain.rule import Protection
from bot.domain.standing import Standing
from bot.domain.team import Scope, Team
from bot.domain.weekly import Weekly
from bot.janitor.desk import Policy
from bot.metrics import Metrics
from bot.registry import Patience, RegistryClient
from bot.settings import RepositoryApprovals, Settings, TeamSettings


def utc_now() -> datetime:
    """Give this moment, with its zone."""
    return datetime.now(UTC)


def policy_of(settings: Settings) -> Policy:
    """Take what the settings say of approvals, limits, protection and standing rules."""
    quiet = settings.limits.quiet_hours
    return Policy(
        approvers=settings.approvals.approvers,
        required=settings.approvals.required,
        grants=_grants(settings.approvals.by_repository, settings.teams),
        workspaces=_workspaces(settings) if settings.slack.by_oauth else None,
        allow_self_approval=settings.approvals.allow_self_approval,
        expires_after=settings.approvals.expires_after,
        items_per_proposal=settings.limits.items_per_proposal,
        tagged_share=settings.limits.tagged_share,
        quiet=Quiet(quiet.start, quiet.end, quiet.days, quiet.zone) if quiet.days else None,
        stale_after=settings.selection.stale_after,
        protection=Protection(
            grace=settings.selection.grace,
            keep_tags=settings.selection.keep_tags,
            keep_repositories=settings.selection.keep_repositories,
            keep_last=settings.selection.keep_last_tagged,
        ),
        rules=tuple(
            Standing(
                name=rule.name,
                repositories=rule.repositories,
                registry=rule.registry,
                older_than=rule.older_than,
                tags=rule.tags,
                untagged=rule.untagged,
                keep=rule.keep,
            )
            for rule in settings.rules
        ),
    )


def _workspaces(settings: Settings) -> Mapping[str, Rights]:
    return {
        one.id: Rights(
            one.approvers,
            one.required or settings.approvals.required,
            _grants(one.by_repository, [team for team in settings.teams if team.workspace == one.id]),
        )
        for one in settings.workspaces
    }


def _grants(by_repository: Iterable[RepositoryApprovals], teams: Iterable[TeamSettings]) -> tuple[Grant, ...]:
    """Give what outranks the approvers of all; a team without approvers of its own leaves them as they are."""
    entries = [Grant(entry.repositories, entry.approvers, entry.required, entry.registries) for entry in by_repository]
    of_teams = [
        Grant(team.repositories, team.approvers, registries=team.registries, team=team.name)
        for team in teams
        if team.approvers
    ]
    return (*entries, *of_teams)


def teams_of(settings: Settings) -> list[Team]:
    """Give the teams of the settings file. Their registries bear the names of the settings, in their order."""
    found = []
    for team in settings.teams:
        wanted = {name.lower() for name in team.registries}
        names = [registry.name for registry in settings.registries if not wanted or registry.name.lower() in wanted]
        found.append(
            Team(
                key=f"team:{team.name}",
                name=team.name,
                channel=team.channel,
                scopes=tuple(Scope(name, team.repositories) for name in names),
                weekly=Weekly(team.report.day, team.report.at, team.report.zone),
                approvers=team.approvers,
                team_id=team.workspace,
            )
        )
    return found


@contextlib.asynccontextmanager
async def open_registries(
    settings: Settings, *, patience: Patience | None = None, metrics: Metrics | None = None
) -> AsyncIterator[dict[str, RegistryClient]]:
    """Open a client for each registry, by name and in the order of the settings; leaving closes them all."""
    async with contextlib.AsyncExitStack() as exits:
        credential = await exits.enter_async_context(DefaultAzureCredential())
        clients = {}
        for registry in settings.registries:
            clients[registry.name] = await exits.enter_async_context(
                RegistryClient(
                    registry.name,
                    registry.endpoint,
                    credential,
                    ca_bundle=registry.ca_bundle,
                    concurrency=settings.limits.concurrency,
                    patience=patience,
                    metrics=metrics,
                )
            )
        yield clients
