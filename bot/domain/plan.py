"""A plan: exactly which digests and tags would go, in which order, and why each."""

import enum
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.manifest import Kind, kind_of
from bot.domain.reason import Verdict, Why
from bot.domain.rule import Rule
from bot.domain.selection import Judgement
from bot.domain.share import Share, hardest


class Action(enum.StrEnum):
    """What is to be done. The words are stored."""

    DELETE = "delete"
    UNTAG = "untag"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class Item:
    """One step of a plan. Written once and never changed.

    ``position`` counts from 0 in the order of the steps; all deletes of a ``rank`` may go at once. ``size`` is ACR's
    imageSize in bytes. ``tags`` are all that the manifest had.

    DELETE is about the manifest with all its tags. UNTAG removes ``tag`` and nothing else; ``digest`` is what it
    pointed to. UNLOCK lifts the lock of ``tag`` where there is one, else of the manifest, else (where ``digest`` is
    empty too) of the repository.
    """

    position: int
    rank: int
    repository: str
    digest: str
    media_type: str
    platform: str
    size: int
    created: datetime
    updated: datetime
    why: Why
    reason: str
    tags: tuple[str, ...] = ()
    action: Action = Action.DELETE
    tag: str = ""

    @property
    def changed(self) -> datetime:
        """The latest time that says somebody had touched it, as ``Manifest.changed``."""
        return max(self.created, self.updated)

    @property
    def counted_size(self) -> int:
        """The bytes that it adds to a sum: an index's size is the sum of its children's, so it adds none.

        Nor does what is not deleted: removing a tag or a lock frees nothing.
        """
        frees = self.action is Action.DELETE and kind_of(self.media_type) is not Kind.INDEX
        return self.size if frees else 0

    @property
    def about(self) -> str:
        """What it is about, as people write it: ``app:v1``, ``app@sha256:…`` or ``app``."""
        if self.tag:
            return f"{self.repository}:{self.tag}"
        return f"{self.repository}@{self.digest}" if self.digest else self.repository

    @property
    def key(self) -> str:
        """What tells it from the others of its repository: a delete's digest, or else the action and what it is on."""
        return self.digest if self.action is Action.DELETE else f"{self.action} {self.tag or self.digest}"

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What a checksum covers; a delete's is as it ever was, so that older cards still count."""
        if self.action is Action.DELETE:
            return (self.repository, self.digest)
        return (self.repository, self.digest, self.action.value, self.tag)


def count_actions(items: Iterable[Item]) -> dict[Action, int]:
    """Count items by what is to be done."""
    return dict(Counter(item.action for item in items))


@dataclass(frozen=True, slots=True)
class Staying:
    """How many manifests stay, by reason."""

    by_reason: Mapping[Why, int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.by_reason.values())

    def to_json(self) -> dict[str, int]:
        """Give a form that JSON can hold; ``from_json`` reads it back."""
        return {why.value: count for why, count in self.by_reason.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> "Staying":
        """Read what ``to_json`` gave."""
        return cls({Why(word): count for word, count in data.items()})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule selects in one or more repositories of one registry.

    ``target`` is the repository or the glob as it was asked for. ``kept`` counts what stays by reason. ``faults`` maps
    each repository that is not cleaned at all to the reason; ``broken`` counts by repository the kept indexes that were
    incomplete before we came. ``tagged`` has by repository and digest the tags of each tagged image there is.
    """

    registry: str
    target: str
    rule: Rule
    items: tuple[Item, ...]
    taken: datetime
    repositories: tuple[str, ...] = ()
    manifests: int = 0
    kept: Mapping[Why, int] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, int] = field(default_factory=dict)
    tagged: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    @property
    def upper_bytes(self) -> int:
        """The most that a deletion can free: layers that surviving images share stay."""
        return sum(item.counted_size for item in self.items)

    def share(self, percent: int) -> Share | None:
        """Say which repository loses more than ``percent`` of its tagged images, if one does.

        Of one that was named to be deleted as a whole that needs no telling.
        """
        if self.rule.whole:
            return None
        deeds = {Action.DELETE, Action.UNTAG}
        gone = ((item.repository, item.digest, item.tag) for item in self.items if item.action in deeds)
        return hardest(self.tagged, gone, percent)

    def needs_typed(self, percent: int = 100) -> str:
        """Say what whoever approves it has to type, so that nobody does so by the way; empty where a click will do.

        ``percent``: of what takes more of a repository's tagged images than that, its name.
        """
        share = self.share(percent)
        return self.target if self.rule.whole else share.repository if share else ""

    @property
    def staying(self) -> "Staying | None":
        """What stays of a repository that was to go as a whole; None where nothing does, or only a part was meant."""
        return Staying(dict(self.kept)) if self.rule.whole and self.kept else None

    @property
    def checksum(self) -> str:
        """A fingerprint of exactly what would be done where, whatever the order: 32 hexadecimal characters."""
        return checksum_of(self.registry, (item.fingerprint for item in self.items))


def checksum_of(registry: str, fingerprints: Iterable[tuple[str, ...]]) -> str:
    """Fingerprint a set of items of one registry, each given by its own: see ``Item.fingerprint``.

    A plan's own is of the registry as people call it, a proposal's of its login server.

    JSON keeps the parts apart, so that no two different sets can read alike; 128 bits of SHA-256 are enough, since
    nobody gains from finding two sets that collide without also passing a person's eyes.
    """
    text = json.dumps([registry, sorted(set(fingerprints))], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def make_plan(registry: str, target: str, rule: Rule, judgements: Iterable[Judgement], taken: datetime) -> Plan:
    """Put the judgements on one or more repositories together into one plan."""
    items: list[Item] = []
    kept: Counter[Why] = Counter()
    faults: dict[str, str] = {}
    broken: dict[str, int] = {}
    repositories: list[str] = []
    manifests = 0
    tagged: dict[str, Mapping[str, frozenset[str]]] = {}
    for judgement in judgements:
        repositories.append(judgement.repository)
        manifests += len(judgement.verdicts)
        tagged[judgement.repository] = judgement.tagged
        if judgement.fault:
            faults[judgement.repository] = judgement.fault
        if judgement.broken:
            broken[judgement.repository] = len(judgement.broken)
        for verdict in judgement.verdicts.values():
            if not verdict.goes:
                kept[verdict.reason.why] += 1
        for verdict in judgement.going:
            rank = judgement.ranks[verdict.manifest.digest]
            items.append(item_of(judgement.repository, verdict, position=len(items), rank=rank))
    kept.pop(Why.VANISHED, None)
    return Plan(
        registry=registry,
        target=target,
        rule=rule,
        items=tuple(items),
        taken=taken,
        repositories=tuple(repositories),
        manifests=manifests,
        kept=dict(kept),
        faults=faults,
        broken=broken,
        tagged=tagged,
    )


def item_of(repository: str, verdict: Verdict, *, position: int = 0, rank: int = 0) -> Item:
    """Write down one manifest with its verdict."""
    manifest = verdict.manifest
    return Item(
        position=position,
        rank=rank,
        repository=repository,
        digest=manifest.digest,
        media_type=manifest.media_type,
        platform=manifest.platform,
        size=manifest.size,
        created=manifest.created,
        updated=manifest.updated,
        why=verdict.reason.why,
        reason=str(verdict.reason),
        tags=manifest.tags,
    )
