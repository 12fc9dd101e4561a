"""In which order things go, so that stopping after any step breaks nothing that is still there."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.domain.graph import Graph


def ranks(graph: Graph, going: AbstractSet[str]) -> dict[str, int]:
    """Give each digest its rank: all of a rank may go at once, and must be gone before the next rank is begun.

    An index goes before what it lists. A subject goes before what is attached to it: ACR then takes its referrers
    along, and a subject that is tagged again half way still has its signatures. Where both can't hold (an index that
    lists its own subject), the index goes first.
    """
    hard = _count(graph.children, going)
    soft = _count(graph.attachments, going)
    result: dict[str, int] = {}
    left = dict.fromkeys(going)
    wave = [digest for digest in going if not hard[digest] and not soft[digest]]
    rank = 0
    while left:
        # Digests can't form a cycle of containment, but a lying registry could serve one: then the rest goes at once.
        wave = wave or [digest for digest in left if not hard[digest]] or list(left)
        for digest in wave:
            del left[digest]
            result[digest] = rank
        following: dict[str, None] = {}
        for edges, waiting in ((graph.children, hard), (graph.attachments, soft)):
            for other in (other for digest in wave for other in edges.get(digest, ()) if other in left):
                waiting[other] -= 1
                following[other] = None
        wave = [digest for digest in following if not hard[digest] and not soft[digest]]
        rank += 1
    return result


def _count(edges: Mapping[str, Sequence[str]], going: AbstractSet[str]) -> dict[str, int]:
    """Count for each digest by how many others of ``going`` it is held."""
    counts = dict.fromkeys(going, 0)
    for digest in going:
        for other in edges.get(digest, ()):
            if other in counts:
                counts[other] += 1
    return counts
