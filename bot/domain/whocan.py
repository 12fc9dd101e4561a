"""``/acr whocan REPO``: who may approve there, asked before anything is proposed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bot.domain.reference import Reference
from bot.domain.rights import Entry, Need, Rights


@dataclass(frozen=True, slots=True)
class WhoCan:
    """The request. A tag or a digest may be named, and makes no difference: people approve for repositories."""

    command: ClassVar[str] = "/acr whocan"
    reference: Reference
    registry: str = ""

    def __str__(self) -> str:
        return f"{self.command} {self.reference}" + (f" --registry {self.registry}" if self.registry else "")


@dataclass(frozen=True, slots=True)
class Part:
    """Repositories for which the same entry of the settings says who approves; None: those who approve everywhere."""

    need: Need
    entry: Entry | None


def parts_of(rights: Rights, registry: str, repositories: Iterable[str]) -> tuple[Part, ...]:
    """Say for each repository who may approve there. Those that the same entry decides about are one part."""
    found: dict[tuple[str, str], tuple[Entry | None, Need, list[str]]] = {}
    for repository in repositories:
        entry, need = rights.entry(registry, repository), rights.of(registry, repository)
        key = (need.source, entry.glob if entry else "")
        found.setdefault(key, (entry, need, []))[2].append(repository)
    return tuple(
        Part(Need(need.source, need.approvers, need.required, tuple(names), need.workspace), entry)
        for entry, need, names in found.values()
    )
