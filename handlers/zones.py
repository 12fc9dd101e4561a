"""In which time zone somebody lives, as their profile in Slack says, remembered for a while."""

import asyncio
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from bot.domain.workspace import Workspace
from handlers.clients import Clients
from handlers.trouble import TROUBLE

# People move seldom, and users.info may be asked some 100 times a minute (Slack's tier 4).
REMEMBERED_SECONDS = 3600.0
MOST_REMEMBERED = 10_000
# Somebody waits for an answer, and can do with UTC.
PATIENCE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Zones:
    """The zones of people. Only answers are remembered, never failures."""

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
        self._zones: dict[tuple[str, Workspace], tuple[float, ZoneInfo]] = {}

    async def zone_of(self, user: str, workspace: Workspace) -> ZoneInfo | None:
        """Give a person's zone; None where Slack does not say, or names one that nobody here has heard of."""
        known = self._zones.get((user, workspace))
        if known is not None and self._clock() - known[0] < self._remembered:
            return known[1]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                client = await self._clients.of(workspace)
                answer = await client.users_info(user=user)
            zone = ZoneInfo((answer.get("user") or {}).get("tz") or "")
        except TROUBLE as error:
            log.warning("zone_lookup_failed", user=user, error=str(error) or type(error).__name__)
            return None
        except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError) as error:
            log.warning("zone_unknown", user=user, error=str(error))
            return None
        if len(self._zones) >= MOST_REMEMBERED:
            self._zones.clear()
        self._zones[user, workspace] = (self._clock(), zone)
        return zone
