"""Who is in a Slack user group, looked up live and remembered for a short while."""

import asyncio
import time
from collections.abc import Callable

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RefusedError

# usergroups.users.list is rate limited to some 20 calls a minute (Slack's tier 2).
REMEMBERED_SECONDS = 300.0

log = structlog.get_logger(__name__)


class SlackDirectory:
    """The members of user groups. A lookup that fails lets nobody through: it raises RefusedError.

    Only answers are remembered, never failures, so that the next click asks again.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        remembered: float = REMEMBERED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._remembered = remembered
        self._clock = clock
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._turn = asyncio.Lock()

    async def members(self, group: str) -> frozenset[str]:
        """Give the ids of a user group's members; a group that is switched off has none."""
        async with self._turn:
            known = self._members.get(group)
            if known is not None and self._clock() - known[0] < self._remembered:
                return known[1]
            try:
                answer = await self._client.usergroups_users_list(usergroup=group, include_disabled=False)
            except (SlackApiError, SlackClientError, OSError, TimeoutError) as error:
                log.warning("user_group_lookup_failed", group=group, error=str(error))
                mention = f"<!subteam^{group}>"
                raise RefusedError(
                    f"Slack did not say who is in {mention}, so nobody can be let through as its member.",
                    expected="Nothing was changed. Try again in a minute; if it stays so, tell your platform team.",
                    mentions=[mention],
                ) from error
            users = frozenset(answer.get("users") or ())
            self._members[group] = (self._clock(), users)
            return users
