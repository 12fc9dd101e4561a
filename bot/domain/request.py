"""What somebody asked for with ``/acr …``, as values. How they are read from what was typed: ``bot.domain.parse``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.apply import Apply
from bot.domain.audit import Audit
from bot.domain.hold import Freeze, Unfreeze
from bot.domain.lists import ListRequest
from bot.domain.purge import Purge
from bot.domain.reference import Reference, parse_reference
from bot.domain.removals import Delete, Old
from bot.domain.rule import Protection, Rule
from bot.domain.tag_requests import Lock, Unlock, Untag
from bot.domain.team_requests import TeamRequest
from bot.domain.whocan import WhoCan
from bot.domain.whole import DeleteRepository
from bot.durations import format_duration
from bot.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Untagged:
    """``/acr untagged REPO``: what carries no tag. ``registry`` is a name or a host, empty for the default.

    ``before``: the instant that ``min_age`` meant when it was looked at; None before that, and where no age was given.
    """

    reference: Reference
    registry: str = ""
    min_age: timedelta | None = None
    before: datetime | None = None

    def fixed(self, now: datetime) -> "Untagged":
        """Make its age one instant, so that it means the same later: what was too new stays so."""
        if self.min_age is None or self.before is not None:
            return self
        return replace(self, before=now - self.min_age)

    def to_json(self) -> dict[str, Any]:
        """Give a form of a fixed request that a button can carry."""
        return {
            "cmd": "untagged",
            "repo": self.reference.repository,
            "registry": self.registry,
            "min_age": self.min_age.total_seconds() if self.min_age is not None else None,
            "before": self.before.isoformat() if self.before else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Untagged":
        """Read what ``to_json`` gave. Raises ValueError, TypeError, KeyError or BadInputError on anything else."""
        min_age, before = data["min_age"], data["before"] and datetime.fromisoformat(data["before"])
        if (min_age is None) != (before is None) or (before is not None and before.tzinfo is None):
            raise ValueError("an age without its instant")
        return cls(
            reference=parse_reference(data["repo"]),
            registry=str(data["registry"]),
            min_age=None if min_age is None else timedelta(seconds=min_age),
            before=before,
        )

    def rule(self, now: datetime, protection: Protection) -> Rule:
        """Say which manifests it selects, with absolute times, so that it means the same when it is judged again."""
        return Rule(untagged=True, before=self.fixed(now).before, protection=protection)

    @property
    def narrower(self) -> str:
        """Give a command that selects less."""
        return f"/acr untagged {self.reference} --min-age 90d"

    def __str__(self) -> str:
        parts = ["/acr untagged", str(self.reference)]
        if self.min_age is not None:
            parts.append(f"--min-age {format_duration(self.min_age)}")
        if self.registry:
            parts.append(f"--registry {self.registry}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Explain:
    """``/acr explain REPO[:tag|@digest]``: why one manifest, or each of a repository, is kept or could go.

    The digest of ``reference`` may be the beginning of one: see ``bot.domain.lookup``.
    """

    reference: Reference
    registry: str = ""

    def __str__(self) -> str:
        return f"/acr explain {self.reference}" + (f" --registry {self.registry}" if self.registry else "")


@dataclass(frozen=True, slots=True)
class Help:
    """``/acr help``."""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """``/acr`` alone: a form to fill in."""


# What can be proposed: each makes a rule, and a button carries it.
Proposable = Untagged | Old | Delete | DeleteRepository | Untag | Unlock | Purge | Apply
Request = Proposable | Lock | Freeze | Unfreeze | Explain | ListRequest | TeamRequest | Audit | WhoCan | Help | OpenForm


def request_from_json(data: Any) -> Proposable:
    """Read what ``to_json`` of a request gave. Raises BadInputError on anything else."""
    kinds: dict[str, type[Proposable]] = {
        "untagged": Untagged,
        "old": Old,
        "delete": Delete,
        "delete-repository": DeleteRepository,
        "untag": Untag,
        "unlock": Unlock,
        "purge": Purge,
        "apply": Apply,
    }
    try:
        return kinds[data["cmd"]].from_json(data)
    except (BadInputError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadInputError(
            "This button is from another version of the app.", expected="Run the command again."
        ) from error
