"""Whether what is left after a clean-up is whole: every tag with all its platforms and attachments."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.graph import Graph
from bot.domain.manifest import Snapshot


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a look at the remaining tags found.

    ``tags``: how many were looked at. ``incomplete`` maps a tag to the digests that it needs and the registry lacks;
    ``ours`` holds those of these digests that the clean-up itself deleted. That must never be: it is looked for because
    a promise that nobody checks is none. ``fault`` says why the look could not be finished, where it could not.
    ``gone``: the repositories that went with their last manifest. ``unasked``: how many manifests are still in a
    repository that was to go as a whole and were not on its card; ``unasked_tags`` are the first of their tags.
    """

    tags: int
    incomplete: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ours: tuple[str, ...] = ()
    fault: str = ""
    gone: tuple[str, ...] = ()
    unasked: int = 0
    unasked_tags: tuple[str, ...] = ()

    def merge(self, other: "Completeness") -> "Completeness":
        """Add the finding on another repository."""
        return Completeness(
            self.tags + other.tags,
            {**self.incomplete, **other.incomplete},
            (*self.ours, *other.ours),
            self.fault or other.fault,
            (*self.gone, *other.gone),
            self.unasked + other.unasked,
            (*self.unasked_tags, *other.unasked_tags),
        )

    def of(self, repository: str) -> "Completeness":
        """Put the repository before each tag, so that findings on several can be told apart."""
        named = {f"{repository}:{tag}": missing for tag, missing in self.incomplete.items()}
        return replace(self, incomplete=named)

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON can hold; ``from_json`` reads it back."""
        return {
            "tags": self.tags,
            "incomplete": {tag: list(missing) for tag, missing in self.incomplete.items()},
            "ours": list(self.ours),
            "fault": self.fault,
            "gone": list(self.gone),
            "unasked": self.unasked,
            "unasked_tags": list(self.unasked_tags),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Completeness":
        """Read what ``to_json`` gave."""
        incomplete = {tag: tuple(missing) for tag, missing in data["incomplete"].items()}
        return cls(
            data["tags"],
            incomplete,
            tuple(data["ours"]),
            data["fault"],
            # What was found before there were these has them not.
            tuple(data.get("gone", ())),
            data.get("unasked", 0),
            tuple(data.get("unasked_tags", ())),
        )


def needed_by_tags(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give for each tag all that a pull of it with everything attached would fetch, itself first; at any depth."""
    graph = Graph(snapshot)
    result: dict[str, frozenset[str]] = {}
    for digest, manifest in snapshot.manifests.items():
        if manifest.tags:
            reached = {digest}
            frontier = [digest]
            while frontier:
                current = frontier.pop()
                held = (*graph.children.get(current, ()), *graph.attachments.get(current, ()))
                new = [other for other in held if other not in reached]
                reached.update(new)
                frontier.extend(new)
            for tag in manifest.tags:
                result[tag] = frozenset(reached)
    return result


def check_complete(
    snapshot: Snapshot,
    deleted: AbstractSet[str] = frozenset(),
    attached: Mapping[str, str] | None = None,
    not_pulled: AbstractSet[str] = frozenset(),
) -> Completeness:
    """Look at every tag that remains.

    ``deleted`` is what the clean-up deleted here, ``attached`` maps those of it that were attachments to their subject.
    ``not_pulled`` holds digests that are listed and could not be pulled all the same: a listing lags behind deletes.
    """
    graph = Graph(snapshot)
    lost: dict[str, list[str]] = {}
    for attachment, subject in (attached or {}).items():
        if attachment not in graph.live:
            lost.setdefault(subject, []).append(attachment)
    incomplete: dict[str, tuple[str, ...]] = {}
    ours: dict[str, None] = {}
    needed = needed_by_tags(snapshot)
    for tag, digests in needed.items():
        missing: dict[str, None] = {}
        for digest in digests:
            missing |= dict.fromkeys(graph.missing.get(digest, ()))
            missing |= dict.fromkeys(lost.get(digest, ()))
            if digest in not_pulled or digest in snapshot.vanished:
                missing[digest] = None
        if missing:
            incomplete[tag] = tuple(sorted(missing))
            ours |= dict.fromkeys(digest for digest in incomplete[tag] if digest in deleted)
    return Completeness(len(needed), incomplete, tuple(ours))
