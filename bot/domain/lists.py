"""Requests that only look: lists of what there is, what waits, and what was done. ``str`` gives the command again."""

from dataclasses import dataclass
from typing import ClassVar

from bot.domain.reference import Reference

ALL = Reference("*")


def _line(*parts: str, registry: str) -> str:
    return " ".join([*filter(None, parts), *(["--registry", registry] if registry else [])])


def _pattern(reference: Reference) -> str:
    return "" if reference == ALL else str(reference)


@dataclass(frozen=True, slots=True)
class Repos:
    """``/acr repos [GLOB]``: repositories and what is stale in each."""

    command: ClassVar[str] = "/acr repos"
    reference: Reference = ALL
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, _pattern(self.reference), registry=self.registry)


@dataclass(frozen=True, slots=True)
class Usage:
    """``/acr usage [GLOB]``: how large each repository is."""

    command: ClassVar[str] = "/acr usage"
    reference: Reference = ALL
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, _pattern(self.reference), registry=self.registry)


@dataclass(frozen=True, slots=True)
class Manifests:
    """``/acr manifests REPO``: the manifests of one repository by time, the newest first unless ``oldest``."""

    command: ClassVar[str] = "/acr manifests"
    reference: Reference
    registry: str = ""
    oldest: bool = False

    def __str__(self) -> str:
        return _line(self.command, str(self.reference), "--oldest" if self.oldest else "", registry=self.registry)


@dataclass(frozen=True, slots=True)
class Pending:
    """``/acr pending``: the workspace's proposals that wait for a decision."""

    command: ClassVar[str] = "/acr pending"
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, registry=self.registry)


@dataclass(frozen=True, slots=True)
class History:
    """``/acr history [REPO]``: what was deleted of one repository, or of all."""

    command: ClassVar[str] = "/acr history"
    reference: Reference = ALL
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, _pattern(self.reference), registry=self.registry)


@dataclass(frozen=True, slots=True)
class Rules:
    """``/acr rules``: the standing rules and what each would free now, with ``registry`` those that can be about it."""

    command: ClassVar[str] = "/acr rules"
    registry: str = ""

    def __str__(self) -> str:
        return _line(self.command, registry=self.registry)


ListRequest = Repos | Usage | Manifests | Pending | History | Rules
