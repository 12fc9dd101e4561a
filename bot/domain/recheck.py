"""Judging again at the last moment: of what was approved, what may still go (promise 3)."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from bot.domain.graph import Graph
from bot.domain.manifest import Snapshot
from bot.domain.order import ranks
from bot.domain.plan import Item
from bot.domain.reason import Reason, Why, at
from bot.domain.rule import Rule
from bot.domain.selection import judge

_TAGS_MOST = 3
# A tag that comes or goes also counts as a change of the manifest; that it did says more than when.
_BY_TIME = frozenset({Why.GRACE, Why.TOO_NEW})
_FOLLOWING = frozenset({Why.FOLLOWS, Why.ORPHAN})
# What a follower is kept by once its leader is gone: the rule by itself does not ask for it, or others like it hold it.
_LEADERLESS = frozenset(
    {
        Why.NOT_SELECTED,
        Why.SIGNATURE_STORE,
        Why.TOO_NEW,
        Why.PART_OF_INDEX,
        Why.ATTACHED,
        Why.HOLDS_ATTACHMENT,
    }
)


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


def recheck(snapshot: Snapshot, rule: Rule, now: datetime, approved: Mapping[str, Item]) -> Recheck:
    """Judge a fresh snapshot again and hold the approved digests, each as it was approved, against it.

    What the rule would select today but nobody approved stays, and keeps what it needs: an index that lists an approved
    manifest and has come since is such a case. So does what has other tags than were approved, where the rule takes
    tagged manifests at all: whoever approved ``app:latest`` meant what had that tag then, under these names only. So
    does what has changed in any other way: somebody has had to do with it since, if only to tag and untag it.

    The leader of what was approved as belonging to something else that goes may be gone already, deleted before an
    interruption: then the follower goes all the same, unless it has changed since or something that stays needs it.
    """
    judgement = judge(snapshot, rule, now)
    graph = Graph(snapshot)
    going = judgement.ranks.keys()
    digests = approved.keys()
    spared = {digest: judgement.verdicts[digest].reason for digest in digests & graph.live if digest not in going}
    if rule.tagged or rule.named:
        spared |= {
            digest: Reason(Why.RETAGGED, detail=_now(tags))
            for digest, tags in ((d, snapshot.manifests[d].tags) for d in digests & graph.live)
            if set(tags) != set(approved[digest].tags) and (digest in going or spared[digest].why in _BY_TIME)
        }
    spared |= {
        digest: Reason(Why.CHANGED, detail=at(manifest.changed))
        for digest, manifest in ((d, snapshot.manifests[d]) for d in digests & going)
        if manifest.changed > approved[digest].changed and digest not in spared
    }
    stays = (going - digests) | {digest for digest in spared if digest in going}
    spared |= {
        digest: reason
        for digest, reason in graph.spread(stays, {}).items()
        if digest in digests and digest not in spared
    }
    followers = {
        digest
        for digest in spared
        if approved[digest].why in _FOLLOWING and snapshot.manifests[digest].changed <= approved[digest].changed
    }
    for digest in _leaderless(graph, spared, followers, staying=graph.live - (going - stays)):
        del spared[digest]
    gone = digests - graph.live
    left = digests - gone - spared.keys()
    # A spared manifest keeps what it needs by the judgement already; this holds for those spared above.
    return Recheck(frozenset(gone), spared, ranks(graph, left), graph)


def _leaderless(
    graph: Graph, spared: Mapping[str, Reason], followers: AbstractSet[str], *, staying: AbstractSet[str]
) -> set[str]:
    """Find those of the spared followers that nothing which stays needs: only their leader asked for them."""
    free = {digest for digest in followers if spared[digest].why in _LEADERLESS}
    return free - graph.spread(staying - free, ()).keys() if free else free


def _now(tags: Sequence[str]) -> str:
    rest = len(tags) - _TAGS_MOST
    more = f" and {rest} more" if rest > 0 else ""
    return f"now {', '.join(tags[:_TAGS_MOST])}{more}" if tags else "now untagged"
