"""Who gets a report: a team, its channel, the repositories that are its own, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.reference import Reference
from bot.domain.weekly import Weekly
from bot.domain.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """Repositories of one registry, by the name that the settings give it: those that one of the globs matches."""

    registry: str
    globs: tuple[str, ...]

    def select(self, repositories: Iterable[str]) -> list[str]:
        """Pick them, by name, each once."""
        names = list(repositories)
        return sorted({name for glob in self.globs for name in Reference(glob).select(names)})


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the settings file, or a subscription made in Slack.

    ``key`` names its schedule for ever: ``team:<name>`` of the settings file, ``sub:<id>`` from Slack. ``channel`` is
    Slack's id. ``made_by`` is who subscribed, empty for a team of the settings file; ``since`` is when: slots before
    it are none of its own. ``approvers`` are ids of users and user groups who approve for it
    instead of those of all; none for those of all.
    """

    key: str
    name: str
    channel: str
    scopes: tuple[Scope, ...]
    weekly: Weekly
    team_id: str = ""
    enterprise_id: str = ""
    approvers: tuple[str, ...] = ()
    made_by: str = ""
    since: datetime | None = None

    @property
    def workspace(self) -> Workspace:
        """Where it is."""
        return Workspace(self.team_id, self.enterprise_id)

    @property
    def in_settings(self) -> bool:
        """Whether the settings file says so, and nothing in Slack can change it."""
        return self.key.startswith("team:")
