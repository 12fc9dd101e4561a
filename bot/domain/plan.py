"""A plan: exactly which digests would go, in which order, and why each."""

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


@dataclass(frozen=True, slots=True)
class Item:
    """One manifest of a plan. Written once and never changed.

    ``position`` counts from 0 in the order of deletion; all of a ``rank`` may go at once. ``size`` is ACR's imageSize
    in bytes.
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

    @property
    def changed(self) -> datetime:
        """The latest time that says somebody had touched it, as ``Manifest.changed``."""
        return max(self.created, self.updated)

    @property
    def counted_size(self) -> int:
        """The bytes that it adds to a sum: an index's size is the sum of its children's, so it adds none."""
        return 0 if kind_of(self.media_type) is Kind.INDEX else self.size


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule selects in one or more repositories of one registry.

    ``target`` is the repository or the glob as it was asked for. ``kept`` counts what stays by reason. ``faults`` maps
    each repository that is not cleaned at all to the reason; ``broken`` counts by repository the kept indexes that were
    incomplete before we came.
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

    @property
    def upper_bytes(self) -> int:
        """The most that a deletion can free: layers that surviving images share stay."""
        return sum(item.counted_size for item in self.items)

    @property
    def checksum(self) -> str:
        """A fingerprint of exactly what would be deleted where, whatever the order: 32 hexadecimal characters."""
        return checksum_of(self.registry, ((item.repository, item.digest) for item in self.items))


def checksum_of(registry: str, digests: Iterable[tuple[str, str]]) -> str:
    """Fingerprint a set of (repository, digest) of one registry.

    JSON keeps the parts apart, so that no two different sets can read alike; 128 bits of SHA-256 are enough, since
    nobody gains from finding two sets that collide without also passing a person's eyes.
    """
    text = json.dumps([registry, sorted(set(digests))], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def make_plan(registry: str, target: str, rule: Rule, judgements: Iterable[Judgement], taken: datetime) -> Plan:
    """Put the judgements on one or more repositories together into one plan."""
    items: list[Item] = []
    kept: Counter[Why] = Counter()
    faults: dict[str, str] = {}
    broken: dict[str, int] = {}
    repositories: list[str] = []
    manifests = 0
    for judgement in judgements:
        repositories.append(judgement.repository)
        manifests += len(judgement.verdicts)
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
    return Plan(registry, target, rule, tuple(items), taken, tuple(repositories), manifests, dict(kept), faults, broken)


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
