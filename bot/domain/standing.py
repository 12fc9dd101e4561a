"""Standing rules: what a team proposes again and again, written down once in the settings, under a name."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.reference import clip, nearest
from bot.domain.rule import Protection, Rule
from bot.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Standing:
    """One standing rule. ``repositories`` are names and globs; ``registry`` is empty where it may be any.

    What it selects of a repository is what ``/acr old`` selects with the same options; without ``older_than`` at any
    age. One of ``older_than``, ``tags`` and ``untagged`` is set. ``keep`` counts in each repository.
    """

    name: str
    repositories: tuple[str, ...]
    registry: str = ""
    older_than: timedelta | None = None
    tags: str = ""
    untagged: bool = False
    keep: int = 0

    def select(self, names: Iterable[str]) -> list[str]:
        """Pick the repositories that it is about, each once; ``*`` crosses slashes."""
        return sorted({name for name in names if any(fnmatchcase(name, glob) for glob in self.repositories)})

    @property
    def target(self) -> str:
        """Its repositories as people write them."""
        return ", ".join(self.repositories)

    @property
    def mark(self) -> str:
        """A fingerprint of all that it says: 16 hexadecimal characters."""
        age = self.older_than.total_seconds() if self.older_than is not None else None
        said = [self.name, self.repositories, self.registry, age, self.tags, self.untagged, self.keep]
        return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()[:16]

    def before(self, now: datetime) -> datetime | None:
        """Give the instant that its age means now; None where it has no age."""
        return now - self.older_than if self.older_than is not None else None

    def rule(self, before: datetime | None, protection: Protection) -> Rule:
        """Say which manifests of a repository it selects; ``before`` is what the method of that name gave once."""
        return Rule(
            untagged=self.untagged or not self.tags,
            tagged=bool(self.tags) or not self.untagged,
            before=before,
            tags=self.tags,
            keep_newest=self.keep,
            protection=protection,
            standing=self.name,
        )


def find_standing(rules: Sequence[Standing], name: str) -> Standing:
    """Find a rule by its name, in capitals or not. Raises BadInputError with the names most like it."""
    for rule in rules:
        if rule.name.lower() == name.lower():
            return rule
    if not rules:
        raise BadInputError(
            "There are no standing rules.",
            expected="Whoever runs this app writes them into the settings file, under rules.",
            example="/acr old team/app --older-than 30d",
        )
    near = nearest(name, [rule.name for rule in rules])
    nearest_words = f"Nearest names: {', '.join(near)}. " if near else ""
    raise BadInputError(
        f"There is no standing rule {clip(name)!r}.",
        expected=f"{nearest_words}/acr rules lists all of them.",
        example=f"/acr apply {near[0]}" if near else "/acr rules",
    )
