"""A vote: somebody's approval of a proposal as it was drawn."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's approval of one revision. Ids are Slack's.

    ``covers``: the sources of the needs that it counted for when it was last looked at (see ``bot.domain.rights``);
    empty where this person may no longer approve, so that it counts for nothing.
    """

    proposal: str
    revision: int
    user: str
    at: datetime
    team_id: str
    enterprise_id: str = ""
    covers: tuple[str, ...] = ()
