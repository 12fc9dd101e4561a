"""Who is in a Slack user group, and whose account still counts: looked up live and remembered for a short while."""

import asyncio
import time
from collections.abc import Callable

import structlog

from bot.domain.workspace import Workspace
from bot.errors import RefusedError
from handlers.clients import Clients
from handlers.trouble import TROUBLE

# usergroups.users.list is rate limited to some 20 calls a minute (Slack's tier 2).
REMEMBERED_SECONDS = 300.0
MOST_REMEMBERED = 10_000

log = structlog.get_logger(__name__)


class SlackDirectory:
    """The members of user groups, and the state of accounts.

    A lookup that fails lets nobody through: it raises RefusedError. Only answers are remembered, never failures, so
    that the next click asks again.
    """

    def __init__(
        self,
        clients: Clients,
        *,
        remembered: float = REMEMBERED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clients = clients
        self._remembered = remembered
        self._clock = clock
        self._members: dict[tuple[str, Workspace], tuple[float, frozenset[str]]] = {}
        self._barred: dict[tuple[str, Workspace], tuple[float, str]] = {}
        self._turn = asyncio.Lock()

    async def members(self, group: str, workspace: Workspace) -> frozenset[str]:
        """Give the ids of a user group's members; a group that is switched off has none."""
        async with self._turn:
            known = self._members.get((group, workspace))
            if known is not None and self._is_fresh(known[0]):
                return known[1]
            try:
                client = await self._clients.of(workspace)
                answer = await client.usergroups_users_list(usergroup=group, include_disabled=False)
            except TROUBLE as error:
                log.warning("user_group_lookup_failed", group=group, error=str(error))
                mention = f"<!subteam^{group}>"
                raise RefusedError(
                    f"Slack did not say who is in {mention}, so nobody can be let through as its member.",
                    expected="Nothing was changed. Try again in a minute; if it stays so, tell your platform team.",
                    mentions=[mention],
                ) from error
            users = frozenset(answer.get("users") or ())
            self._members[group, workspace] = (self._clock(), users)
            return users

    def _is_fresh(self, since: float) -> bool:
        # A clock that was set back must not keep what it knew for longer.
        return 0 <= self._clock() - since < self._remembered

    async def barred(self, user: str, workspace: Workspace) -> str:
        """Say why an account decides on nothing: it is deactivated, or no person's; empty where it may."""
        known = self._barred.get((user, workspace))
        if known is not None and self._is_fresh(known[0]):
            return known[1]
        try:
            client = await self._clients.of(workspace)
            answer = await client.users_info(user=user)
        except TROUBLE as error:
            log.warning("user_lookup_failed", user=user, error=str(error))
            raise _unknown_user(user) from error
        person = answer.get("user")
        if not isinstance(person, dict):
            raise _unknown_user(user)
        why = ""
        if person.get("deleted"):
            why = "Slack says that this account is deactivated, so it decides on nothing."
        elif person.get("is_bot") or person.get("is_workflow_bot"):
            why = "Slack says that this account is a bot's, and only people decide."
        if len(self._barred) >= MOST_REMEMBERED:
            self._barred.clear()
        self._barred[user, workspace] = (self._clock(), why)
        return why


def _unknown_user(user: str) -> RefusedError:
    return RefusedError(
        f"Slack did not say whether the account of <@{user}> is active, so it can't be let through.",
        expected="Nothing was changed. Try again in a minute; if it stays so, tell your platform team.",
        mentions=[f"<@{user}>"],
    )
