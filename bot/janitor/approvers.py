"""Who may approve, asked of the settings and of Slack each time that it matters."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.plan import Action
from bot.domain.proposal import Proposal
from bot.domain.rights import Need
from bot.domain.workspace import Workspace
from bot.janitor.desk import Desk

_NAMED = 2


class Directory(Protocol):
    """Who people are, as Slack has it. Raises RefusedError when that can't be looked up: then nobody is let through."""

    async def members(self, group: str, workspace: Workspace) -> frozenset[str]:
        """Give the ids of a user group's members."""

    async def barred(self, user: str, workspace: Workspace) -> str:
        """Say why this account decides on nothing: it is deactivated, or no person's. Empty where it may."""


class Approvers:
    """Tells who may approve what. What Slack says is asked again whenever somebody clicks."""

    def __init__(self, desk: Desk, directory: Directory) -> None:
        self._desk = desk
        self._directory = directory

    async def needs(self, proposal: Proposal) -> tuple[Need, ...]:
        """Say whose approval a proposal needs, by the settings of today."""
        found = await self._desk.store.proposals.repositories(proposal.id)
        return self._desk.policy.rights_of(proposal.workspace).needs(proposal.registry, found or [proposal.target])

    def of(self, registry: str, repository: str, workspace: Workspace) -> tuple[Need, ...]:
        """Say whose approval a repository needs where that is asked for in a workspace."""
        return (self._desk.policy.rights_of(workspace).of(registry, repository),)

    async def allows_self(self, proposal: Proposal) -> bool:
        """Whether the one who proposed it may approve it: never where it lifts a lock."""
        if not self._desk.policy.allow_self_approval:
            return False
        return Action.UNLOCK not in (await self._desk.store.proposals.tally(proposal.id)).actions

    async def covers(self, user: str, needs: Sequence[Need]) -> tuple[str, ...]:
        """Give the sources of those needs that somebody may meet; none for a deactivated user or a bot.

        The needs are of one workspace, and so is the user. Raises RefusedError where Slack does not say who is in a
        group, or who this is.
        """
        found = [need for need in needs if await self._among(user, need)]
        if found and await self._directory.barred(user, found[0].workspace):
            return ()
        return tuple(need.source for need in found)

    async def barred(self, user: str, workspace: Workspace) -> str:
        """Say in words why this account can't decide on anything; empty where it may. Raises RefusedError."""
        return await self._directory.barred(user, workspace)

    async def _among(self, user: str, need: Need) -> bool:
        if user in need.approvers:
            return True
        for group in (name for name in need.approvers if name.startswith("S")):
            if user in await self._directory.members(group, need.workspace):
                return True
        return False


def mentions_of(ids: Sequence[str]) -> list[str]:
    """Mention people and user groups as Slack wants it."""
    return [f"<!subteam^{name}>" if name.startswith("S") else f"<@{name}>" for name in ids]


def all_mentions(needs: Sequence[Need]) -> list[str]:
    """Mention everybody who may approve any of it, each once."""
    return list(dict.fromkeys(one for need in needs for one in mentions_of(need.approvers)))


def those_who_can(needs: Sequence[Need]) -> str:
    """Say who may approve, for an error's text: ``<@U1>, <!subteam^S1>``, for each part of it where they differ."""
    if not any(need.approvers for need in needs):
        return "nobody, since no approvers are set"
    if len(needs) == 1:
        return ", ".join(mentions_of(needs[0].approvers))
    return "; ".join(
        f"for {_names(need.repositories)} {', '.join(mentions_of(need.approvers)) or 'nobody'}" for need in needs
    )


def _names(repositories: Sequence[str]) -> str:
    more = len(repositories) - _NAMED
    return ", ".join(repositories[:_NAMED]) + (f" and {more} more" if more > 0 else "")
