"""A rule: which manifests somebody wants gone, and what protects them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from bot.errors import BadInputError
from bot.patterns import compile_pattern, instead, looks_around

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Protection:
    """What no rule may select: set by the settings, not by the person who asks.

    ``grace``: what changed since then stays; zero switches it off. ``keep_tags`` and ``keep_repositories`` are globs.
    ``keep_last``: one tagged image of each repository that has any stays; the settings have it so by default.
    """

    grace: timedelta = DAY
    keep_tags: tuple[str, ...] = ()
    keep_repositories: tuple[str, ...] = ()
    keep_last: bool = False

    def pattern_for(self, tags: Iterable[str]) -> str:
        """Give the first keep pattern that one of the tags matches, or an empty string."""
        return _first_match(self.keep_tags, tags) if self.keep_tags else ""

    def pattern_for_repository(self, repository: str) -> str:
        """Give the first keep pattern that the repository matches, or an empty string."""
        return _first_match(self.keep_repositories, (repository,))


def _first_match(patterns: Iterable[str], names: Iterable[str]) -> str:
    names = tuple(names)
    return next((p for p in patterns if any(fnmatchcase(name, p) for name in names)), "")


@dataclass(frozen=True, slots=True)
class Rule:
    """Which manifests to select.

    ``untagged``: select what carries no tag. ``tagged``: select what carries tags too (all of which must match
    ``tags`` where that is set). ``before``: only what last changed before this instant (UTC). ``tags``: a regular
    expression of RE2's syntax which must match a whole tag, or be found in it where ``search`` is set.
    ``keep_newest``: this many of the newest images whose tags match stay. ``named``: exactly these digests and nothing
    else; then only locks, grace and what others need can keep them. ``whole``: all of a repository that was named to be
    deleted, in the same way; then ``untagged`` and ``tagged`` are both set.

    Two tell people how a plan came about, and no verdict depends on them. ``standing``: the name of the standing rule
    that this is. ``spared``: of all that would have gone, so many of the newest were left out, as acr purge does it.
    """

    untagged: bool = True
    tagged: bool = False
    before: datetime | None = None
    tags: str = ""
    search: bool = False
    keep_newest: int = 0
    named: frozenset[str] = field(default_factory=frozenset)
    whole: bool = False
    protection: Protection = field(default_factory=Protection)
    standing: str = ""
    spared: int = 0

    @property
    def by_name(self) -> bool:
        """Whether somebody has named what it selects, so that no keep pattern of the settings stands against it."""
        return bool(self.named) or self.whole

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON can hold; ``from_json`` reads it back."""
        return {
            "untagged": self.untagged,
            "tagged": self.tagged,
            "before": self.before.astimezone(UTC).isoformat() if self.before else None,
            "tags": self.tags,
            "search": self.search,
            "keep_newest": self.keep_newest,
            "named": sorted(self.named),
            "whole": self.whole,
            "grace": self.protection.grace.total_seconds(),
            "keep_tags": list(self.protection.keep_tags),
            "keep_repositories": list(self.protection.keep_repositories),
            "keep_last": self.protection.keep_last,
            "standing": self.standing,
            "spared": self.spared,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Rule":
        """Read what ``to_json`` gave."""
        return cls(
            untagged=data["untagged"],
            tagged=data["tagged"],
            before=datetime.fromisoformat(data["before"]) if data["before"] else None,
            tags=data["tags"],
            search=data["search"],
            keep_newest=data["keep_newest"],
            named=frozenset(data["named"]),
            whole=data.get("whole", False),  # what was proposed before there was this has it not
            protection=Protection(
                grace=timedelta(seconds=data["grace"]),
                keep_tags=tuple(data["keep_tags"]),
                keep_repositories=tuple(data["keep_repositories"]),
                keep_last=data.get("keep_last", True),
            ),
            # Of proposals that were stored before there were these, nothing is known.
            standing=data.get("standing", ""),
            spared=data.get("spared", 0),
        )


class TagFilter:
    """A compiled ``Rule.tags``; an empty pattern matches every tag.

    Raises BadInputError when RE2 refuses the pattern (it has neither look-around nor back-references, which is why a
    hostile pattern can't stall the bot).
    """

    def __init__(self, pattern: str, *, search: bool = False) -> None:
        self._match = None
        if pattern:
            try:
                compiled = compile_pattern(pattern)
            except ValueError as error:
                raise BadInputError(
                    str(error),
                    expected=instead(pattern),
                    example="--tags '(pr|dev)-.*'" if looks_around(pattern) else "--tags 'pr-.*'",
                ) from error
            self._match = compiled.search if search else compiled.fullmatch

    def __call__(self, tag: str) -> bool:
        """Whether the tag matches."""
        return self._match is None or self._match(tag) is not None
