"""In which order things go, so that stopping after any step breaks nothing that is still there."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.domain.graph import Graph


def ranks(graph: Graph, going: AbstractSet[str]) -> dict[str, int]:
    """Give each digest its rank: all of a rank may go at once, and must be gone before the next rank is begun.

    An index goes before what it lists, and before the subjects of what it lists: ACR takes referrers along with their
    subject, listed or not. A subject goes before what is attached to it, so that one that is tagged again half way
    still has its signatures. Where both can't hold (an index that lists what is attached to its own subject, as a list
    of referrers does), the index goes first.
    """
    lists = {digest: tuple(_outlived(graph, digest)) for digest in going if digest in graph.children}
    carries = {
        digest: tuple(other for other in graph.attachments[digest] if digest not in lists.get(other, ()))
        for digest in going
        if digest in graph.attachments
    }
    hard = _count(lists, going)
    soft = _count(carries, going)
    result: dict[str, int] = {}
    left = dict.fromkeys(going)
    wave = [digest for digest in going if not hard[digest] and not soft[digest]]
    rank = 0
    while left:
        # A circle is left. One of tags alone can come about, since a tag may name anything; one of containment only
        # where a registry lies about digests: then the rest goes at once.
        wave = wave or [digest for digest in left if not hard[digest]] or list(left)
        for digest in wave:
            del left[digest]
            result[digest] = rank
        following: dict[str, None] = {}
        for edges, waiting in ((lists, hard), (carries, soft)):
            for other in (other for digest in wave for other in edges.get(digest, ()) if other in left):
                waiting[other] -= 1
                following[other] = None
        wave = [digest for digest in following if not hard[digest] and not soft[digest]]
        rank += 1
    return result


def _outlived(graph: Graph, index: str) -> Iterator[str]:
    """Give all that must still be there when an index goes: its children, and what these are attached to."""
    seen = {index}
    for child in graph.children[index]:
        digest = child
        while digest and digest not in seen:
            seen.add(digest)
            yield digest
            digest = graph.subject.get(digest, "")


def _count(edges: Mapping[str, Sequence[str]], going: AbstractSet[str]) -> dict[str, int]:
    """Count for each digest by how many others of ``going`` it is held."""
    counts = dict.fromkeys(going, 0)
    for others in edges.values():
        for other in others:
            if other in counts:
                counts[other] += 1
    return counts
