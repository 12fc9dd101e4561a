"""``/acr apply RULE``: what a standing rule selects today."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.standing import Standing, find_standing
from bot.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Apply:
    """A request. ``registry`` is empty for the rule's own, or else for the default.

    Once it is looked at, ``before`` is the instant that the rule's age meant then, and ``mark`` is the fingerprint of
    what the rule said: a button stands for that, and for nothing that the rule may say by the time of the click.
    ``within``: some of its repositories, for an example.
    """

    name: str
    registry: str = ""
    before: datetime | None = None
    mark: str = ""
    within: str = field(default="team/app", compare=False)

    def find(self, rules: tuple[Standing, ...]) -> Standing:
        """Find the rule that it names.

        Raises BadInputError where there is none, ConflictError where it says something else than it did.
        """
        rule = find_standing(rules, self.name)
        if self.mark and self.mark != rule.mark:
            raise ConflictError(
                f"The standing rule {rule.name} has been changed in the settings since you looked.",
                expected="Nothing was proposed. Look again at what it selects now.",
                example=f"{replace(self, mark='', before=None)}",
            )
        return rule

    def fixed(self, rule: Standing, now: datetime) -> "Apply":
        """Tie it to what the rule says, and to the instant that this means; one that is tied stays as it is."""
        within = rule.repositories[0]
        if self.mark:
            return replace(self, within=within)
        return replace(self, name=rule.name, before=rule.before(now), mark=rule.mark, within=within)

    @property
    def narrower(self) -> str:
        """Give a command that selects less."""
        return f"/acr old {shlex.quote(self.within)} --older-than 365d" + self._option()

    def to_json(self) -> dict[str, Any]:
        """Give a form of a fixed request that a button can carry."""
        return {
            "cmd": "apply",
            "rule": self.name,
            "registry": self.registry,
            "before": self.before.isoformat() if self.before else None,
            "mark": self.mark,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Apply":
        """Read what ``to_json`` gave. Raises ValueError, TypeError or KeyError on anything else."""
        before = None if data["before"] is None else datetime.fromisoformat(data["before"])
        if (before is not None and before.tzinfo is None) or not (data["rule"] and data["mark"]):
            raise ValueError("no rule as it was looked at")
        return cls(str(data["rule"]), str(data["registry"]), before, str(data["mark"]))

    def __str__(self) -> str:
        return f"/acr apply {self.name}" + self._option()

    def _option(self) -> str:
        return f" --registry {self.registry}" if self.registry else ""
