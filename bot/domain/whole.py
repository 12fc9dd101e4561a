"""The request to delete a whole repository."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.reference import Reference, parse_reference
from bot.domain.rule import Protection, Rule


@dataclass(frozen=True, slots=True)
class DeleteRepository:
    """``/acr delete REPO``: every manifest that is in it when it is proposed, with all tags."""

    reference: Reference
    registry: str = ""

    def rule(self, _now: datetime, protection: Protection) -> Rule:
        """Say which manifests it selects."""
        return Rule(untagged=True, tagged=True, whole=True, protection=protection)

    @property
    def narrower(self) -> str:
        """Give a command that selects less."""
        return f"/acr old {self.reference} --older-than 365d"

    def to_json(self) -> dict[str, Any]:
        """Give a form that a button can carry."""
        return {"cmd": "delete-repository", "repo": self.reference.repository, "registry": self.registry}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DeleteRepository":
        """Read what ``to_json`` gave. Raises ValueError, TypeError, KeyError or BadInputError on anything else."""
        reference = parse_reference(data["repo"])
        if reference.is_glob or reference.tag or reference.digest:
            raise ValueError("not one whole repository")
        return cls(reference, str(data["registry"]))

    def __str__(self) -> str:
        return f"/acr delete {self.reference}" + (f" --registry {self.registry}" if self.registry else "")
