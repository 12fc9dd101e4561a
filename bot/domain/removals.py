"""Requests that can be proposed and take tagged manifests too: what is old, and what is named by tag or digest."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from bot.domain.body import DIGEST
from bot.domain.reference import Reference, parse_reference
from bot.domain.rule import Protection, Rule
from bot.durations import format_duration
from bot.errors import BadInputError
from bot.moments import in_utc

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Old:
    """``/acr old REPO``: what last changed before a moment, tagged or not. ``registry``: empty for the default.

    As it was typed, it has either ``older_than`` or ``before``, which without a zone is in that of the one who asks;
    ``fixed`` makes one moment in UTC of either. ``tags``, a regular expression, limits it to manifests all of whose
    tags match; ``untagged`` asks for those without a tag, beside those that match where both are given.
    """

    reference: Reference
    registry: str = ""
    older_than: timedelta | None = None
    before: datetime | None = None
    tags: str = ""
    untagged: bool = False
    keep: int = 0

    @property
    def needs_zone(self) -> bool:
        """Whether it means something else in each time zone."""
        return self.before is not None and self.before.tzinfo is None

    def fixed(self, now: datetime, zone: tzinfo = UTC) -> "Old":
        """Make its time one moment in UTC, so that it means the same later.

        Raises BadInputError for a moment that is still to come or that is before there was anything to keep time by.
        """
        example = f"/acr old {self.reference} --before {now - timedelta(days=30):%Y-%m-%d}"
        try:
            before = in_utc(self.before, zone) if self.before else now - (self.older_than or timedelta())
        except OverflowError:
            before = None
        if before is None or before < _EARLIEST:
            raise BadInputError(
                f"{self._age()} is not within the years that can be asked for.",
                expected=f"Nothing in a registry is from before {_EARLIEST:%Y}.",
                example=example,
            )
        if before > now:
            raise BadInputError(
                f"{self._age()} is still to come.", expected="Give a moment that has passed.", example=example
            )
        return replace(self, before=before, older_than=None)

    def rule(self, now: datetime, protection: Protection) -> Rule:
        """Say which manifests it selects."""
        return Rule(
            untagged=self.untagged or not self.tags,
            tagged=bool(self.tags) or not self.untagged,
            before=self.fixed(now).before,
            tags=self.tags,
            keep_newest=self.keep,
            protection=protection,
        )

    @property
    def narrower(self) -> str:
        """Give a command that selects less."""
        return f"/acr old {self.reference} --older-than 365d"

    def to_json(self) -> dict[str, Any]:
        """Give a form of a fixed request that a button can carry."""
        return {
            "cmd": "old",
            "repo": self.reference.repository,
            "registry": self.registry,
            "before": self.before.isoformat() if self.before else None,
            "tags": self.tags,
            "untagged": self.untagged,
            "keep": self.keep,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Old":
        """Read what ``to_json`` gave. Raises ValueError, TypeError, KeyError or BadInputError on anything else."""
        before = datetime.fromisoformat(data["before"])
        if before.tzinfo is None:
            raise ValueError("a moment without a zone")
        return cls(
            reference=parse_reference(data["repo"]),
            registry=str(data["registry"]),
            before=before,
            tags=str(data["tags"]),
            untagged=bool(data["untagged"]),
            keep=int(data["keep"]),
        )

    def __str__(self) -> str:
        parts = [f"/acr old {self.reference}"]
        if self.older_than is not None:
            parts.append(f"--older-than {self._age()}")
        if self.before is not None:
            parts.append(f"--before {self._age()}")
        if self.tags:
            parts.append(f"--tags={shlex.quote(self.tags)}")
        if self.untagged:
            parts.append("--untagged")
        if self.keep:
            parts.append(f"--keep {self.keep}")
        if self.registry:
            parts.append(f"--registry {self.registry}")
        return " ".join(parts)

    def _age(self) -> str:
        return self.before.isoformat() if self.before else format_duration(self.older_than or timedelta())


@dataclass(frozen=True, slots=True)
class Delete:
    """``/acr delete REPO:TAG`` or ``REPO@DIGEST``: one manifest, with all its tags.

    The digest of ``reference`` may be the beginning of one: see ``bot.domain.lookup``. ``digest`` is the whole one,
    which the reference meant when it was looked at; empty before.
    """

    reference: Reference
    registry: str = ""
    digest: str = ""

    def rule(self, _now: datetime, protection: Protection) -> Rule:
        """Say which manifest it selects, once that is known."""
        return Rule(named=frozenset({self.digest}), protection=protection)

    @property
    def narrower(self) -> str:
        """Give a command that says more."""
        return f"/acr explain {self.reference}"

    def to_json(self) -> dict[str, Any]:
        """Give a form that a button can carry, once the digest is known."""
        return {
            "cmd": "delete",
            "repo": self.reference.repository,
            "registry": self.registry,
            "tag": self.reference.tag,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Delete":
        """Read what ``to_json`` gave. Raises ValueError, TypeError, KeyError or BadInputError on anything else."""
        digest, tag = str(data["digest"]), str(data["tag"])
        if not DIGEST.fullmatch(digest):
            raise ValueError("no digest")
        repository = str(data["repo"])
        reference = parse_reference(f"{repository}:{tag}" if tag else f"{repository}@{digest}")
        return cls(reference, str(data["registry"]), digest)

    def __str__(self) -> str:
        return f"/acr delete {self.reference}" + (f" --registry {self.registry}" if self.registry else "")
