"""Who may approve what: the approvers of a repository, and how many of them it takes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.domain.workspace import Workspace

_WILD = "*?["

_NOWHERE = Workspace("")

Covers = Mapping[str, Collection[str]]
"""The users who have approved, each with the sources of the needs that their approval counts for."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An entry of the settings: who approves for the repositories that one of the globs matches.

    ``required``: how many of them it takes, None for as many as anywhere else. ``registries``: their names, none for
    all. ``team``: the name of the team whose entry it is, empty for one of ``approvals.by_repository``.
    """

    globs: tuple[str, ...]
    approvers: tuple[str, ...]
    required: int | None = None
    registries: tuple[str, ...] = ()
    team: str = ""

    @property
    def source(self) -> str:
        """Name the entry, the same for as long as it stands in the settings."""
        where = f" of {', '.join(self.registries)}" if self.registries else ""
        return (f"team {self.team}" if self.team else ", ".join(self.globs)) + where

    def is_in(self, registry: str) -> bool:
        """Whether it is for this registry."""
        return not self.registries or registry.lower() in {name.lower() for name in self.registries}


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry that holds for a repository, and the one of its globs by which it does."""

    grant: Grant
    glob: str


@dataclass(frozen=True, slots=True)
class Need:
    """So many distinct people of these approvers have to approve, for these repositories.

    The approvers are ids of ``workspace``, and mean nobody in another.

    ``source`` tells the needs of one proposal apart: the entry of the settings that says so, empty for the default.
    """

    source: str
    approvers: tuple[str, ...]
    required: int
    repositories: tuple[str, ...]
    workspace: Workspace = _NOWHERE

    def given(self, covers: Covers) -> list[str]:
        """Name those who have approved it, in their order."""
        return [user for user, sources in covers.items() if self.source in sources]


def enough(needs: Iterable[Need], covers: Covers) -> bool:
    """Whether all that is needed has been given; never where nothing is needed, since nobody can have been asked."""
    found = list(needs)
    return bool(found) and all(len(need.given(covers)) >= need.required for need in found)


@dataclass(frozen=True, slots=True)
class Rights:
    """What the settings say of approving in a workspace: the default, and what outranks it for some repositories."""

    approvers: tuple[str, ...] = ()
    required: int = 1
    grants: tuple[Grant, ...] = ()
    workspace: Workspace = _NOWHERE

    @property
    def anybody(self) -> bool:
        """Whether there is anybody at all who may approve anything."""
        return bool(self.approvers) or any(grant.approvers for grant in self.grants)

    def of(self, registry: str, repository: str) -> Need:
        """Say what one repository needs: by the entry that holds for it, else as anywhere."""
        entry = self.entry(registry, repository)
        if entry is None:
            return Need("", self.approvers, self.required, (repository,), self.workspace)
        grant = entry.grant
        required = self.required if grant.required is None else grant.required
        return Need(grant.source, grant.approvers, required, (repository,), self.workspace)

    def entry(self, registry: str, repository: str) -> "Entry | None":
        """Give the entry that says who approves for a repository; None where the approvers of all do.

        Of those that match it the most specific one holds, and it alone. A name outranks a glob; of globs the one with
        more characters before its first wildcard, then the longer one; then what names registries, what stands in
        ``approvals.by_repository``, and what stands first.
        """
        best: tuple[tuple[bool, int, int, bool, bool], Entry] | None = None
        for grant in self.grants:
            if not grant.is_in(registry):
                continue
            for glob in grant.globs:
                if fnmatchcase(repository, glob):
                    rank = (*_rank(glob), bool(grant.registries), not grant.team)
                    if best is None or rank > best[0]:
                        best = rank, Entry(grant, glob)
        return None if best is None else best[1]

    @property
    def all(self) -> tuple[Need, ...]:
        """Give a need for every entry, for what anybody may see or do who may approve something."""
        return (
            Need("", self.approvers, self.required, (), self.workspace),
            *(
                Need(grant.source, grant.approvers, grant.required or self.required, (), self.workspace)
                for grant in self.grants
            ),
        )

    def whole(self, registry: str) -> tuple[Need, ...]:
        """Give a need for every entry that is for all of a registry, whatever outranks it for some repositories.

        For what is done to the registry itself: the approvers of all, and those of the patterns that match any name.
        """
        return (
            Need("", self.approvers, self.required, (), self.workspace),
            *(
                Need(grant.source, grant.approvers, grant.required or self.required, (), self.workspace)
                for grant in self.grants
                if grant.is_in(registry) and any(glob.strip("*") == "" for glob in grant.globs)
            ),
        )

    def needs(self, registry: str, repositories: Iterable[str]) -> tuple[Need, ...]:
        """Say what several repositories need together: each has to be approved by those who may approve it.

        Entries with the same approvers and the same number are one need.
        """
        found: dict[tuple[tuple[str, ...], int], tuple[str, list[str]]] = {}
        for repository in repositories:
            need = self.of(registry, repository)
            found.setdefault((need.approvers, need.required), (need.source, []))[1].append(repository)
        return tuple(
            Need(source, approvers, required, tuple(names), self.workspace)
            for (approvers, required), (source, names) in found.items()
        )


def _rank(glob: str) -> tuple[bool, int, int]:
    literal = next((at for at, character in enumerate(glob) if character in _WILD), len(glob))
    return literal == len(glob), literal, len(glob)
