"""A workspace of Slack's: ids of people, channels and proposals mean something in one, and nothing in another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace, by Slack's ids: ``T…``, and ``E…`` of the organisation that it is part of, empty where of none."""

    team_id: str
    enterprise_id: str = ""

    def owns(self, team_id: str, enterprise_id: str) -> bool:
        """Whether what was written down under these ids is this workspace's.

        What names no organisation was written down before it was kept, or before the workspace joined one: the
        workspace alone decides then. What names one is of no other, and of none that is in no organisation.
        """
        return team_id == self.team_id and enterprise_id in {"", self.enterprise_id}
