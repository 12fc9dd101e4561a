"""Requests about one tag or one lock: ``untag``, ``lock`` and ``unlock``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from bot.domain.body import DIGEST
from bot.domain.reference import Reference, parse_reference
from bot.domain.rule import Protection, Rule


@dataclass(frozen=True, slots=True)
class _AboutOne:
    """Something that a reference names. ``digest``: what it meant when it was looked at, empty before that."""

    reference: Reference
    registry: str = ""
    digest: str = ""

    def rule(self, _now: datetime, protection: Protection) -> Rule:
        """Give a rule that selects no manifest: none is deleted by this."""
        return Rule(untagged=False, protection=replace(protection, grace=timedelta()))

    @property
    def narrower(self) -> str:
        """Give a command that says more."""
        return f"/acr explain {self.reference}"

    def _json(self, command: str) -> dict[str, Any]:
        return {
            "cmd": command,
            "repo": self.reference.repository,
            "registry": self.registry,
            "tag": self.reference.tag,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` gave. Raises ValueError, TypeError, KeyError or BadInputError on anything else."""
        repository, tag, digest = str(data["repo"]), str(data["tag"]), str(data["digest"])
        if digest and not DIGEST.fullmatch(digest):
            raise ValueError("no digest")
        tail = f":{tag}" if tag else f"@{digest}" if digest else ""
        return cls(parse_reference(f"{repository}{tail}"), str(data["registry"]), digest)

    def _line(self, command: str) -> str:
        return f"/acr {command} {self.reference}" + (f" --registry {self.registry}" if self.registry else "")


@dataclass(frozen=True, slots=True)
class Untag(_AboutOne):
    """``/acr untag REPO:TAG``: the tag goes, its manifest stays."""

    def to_json(self) -> dict[str, Any]:
        """Give a form that a button can carry."""
        return self._json("untag")

    def __str__(self) -> str:
        return self._line("untag")


@dataclass(frozen=True, slots=True)
class Unlock(_AboutOne):
    """``/acr unlock REPO[:TAG|@DIGEST]``: the lock of one tag, one manifest or one repository goes."""

    def to_json(self) -> dict[str, Any]:
        """Give a form that a button can carry."""
        return self._json("unlock")

    def __str__(self) -> str:
        return self._line("unlock")


@dataclass(frozen=True, slots=True)
class Lock(_AboutOne):
    """``/acr lock REPO[:TAG|@DIGEST]``: done at once, by those who may approve."""

    def __str__(self) -> str:
        return self._line("lock")
