"""Judging again at the last moment: of what was approved, what may still go (promise 3)."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from bot.domain.graph import Graph
from bot.domain.manifest import Snapshot
from bot.domain.order import ranks
from bot.domain.reason import Reason
from bot.domain.rule import Rule
from bot.domain.selection import judge


@dataclass(frozen=True, slots=True)
class Recheck:
    """What became of the approved digests of one repository.

    ``gone``: no longer there. ``spared``: to be skipped, each with its reason. ``ranks``: what still goes; a rank must
    be gone before the next is begun. Every approved digest is in exactly one of the three.
    """

    gone: frozenset[str]
    spared: Mapping[str, Reason]
    ranks: Mapping[str, int]
    graph: Graph

    def waves(self) -> Iterator[list[str]]:
        """Give what still goes, rank by rank."""
        by_rank: dict[int, list[str]] = {}
        for digest, rank in self.ranks.items():
            by_rank.setdefault(rank, []).append(digest)
        for rank in sorted(by_rank):
            yield by_rank[rank]

    def held_by(self, digests: Iterable[str]) -> dict[str, Reason]:
        """Find all that must stay because ``digests`` stay after all (a delete failed)."""
        return self.graph.spread(digests, {})


def recheck(snapshot: Snapshot, rule: Rule, now: datetime, approved: AbstractSet[str]) -> Recheck:
    """Judge a fresh snapshot again and hold the approved digests against it.

    What the rule would select today but nobody approved stays, and keeps what it needs: an index that lists an approved
    manifest and has come since is such a case.
    """
    judgement = judge(snapshot, rule, now)
    graph = Graph(snapshot)
    going = judgement.ranks.keys()
    spared = {digest: judgement.verdicts[digest].reason for digest in approved & graph.live if digest not in going}
    spared |= {
        digest: reason
        for digest, reason in graph.spread(going - approved, {}).items()
        if digest in approved and digest not in spared
    }
    gone = approved - graph.live
    left = approved - gone - spared.keys()
    # A spared manifest keeps what it needs by the judgement already; this holds for those spared above.
    return Recheck(frozenset(gone), spared, ranks(graph, left), graph)
