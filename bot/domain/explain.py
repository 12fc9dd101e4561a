"""Why a manifest is kept or could go, as a small tree; and how the reasons work out over a whole repository."""

import enum
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from bot.domain.graph import Graph
from bot.domain.reason import Verdict, Why
from bot.domain.selection import Judgement

# So much of an image's surroundings can be taken in at a glance; an index may list hundreds of manifests.
NODES_MOST = 24
BESIDE_MOST = 12
ABOVE_MOST = 4
BROKEN_MOST = 5


class Role(enum.Enum):
    """What a manifest is to the one above it in the tree."""

    PART = "part"
    ATTACHED = "attached"


@dataclass(frozen=True, slots=True)
class Branch:
    """What hangs from one place in the tree. What is not in ``nodes`` is counted: kept, going, missing."""

    nodes: tuple["Node", ...] = ()
    kept: int = 0
    going: int = 0
    missing: int = 0

    @property
    def hidden(self) -> int:
        """How many are only counted."""
        return self.kept + self.going + self.missing


@dataclass(frozen=True, slots=True)
class Node:
    """One manifest in the tree.

    ``verdict`` is None where the repository does not have it. ``with_it``: its reason is the manifest above it.
    """

    digest: str
    role: Role
    verdict: Verdict | None
    with_it: bool = False
    below: Branch = field(default_factory=Branch)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One manifest with all that explains its verdict.

    ``steps`` leads from the manifest itself, which is first, to where the reasons begin; ``leads_out`` is the digest
    that the last step points to and the repository does not have, or empty. ``lacks``: how many of its parts the
    repository does not have. ``above``: what lists it and what it is attached to, there or not. ``below``: what it
    lists (missing parts, too) and what is attached to it, at any depth.
    """

    judgement: Judgement
    verdict: Verdict
    steps: tuple[Verdict, ...]
    leads_out: str = ""
    lacks: int = 0
    above: Branch = field(default_factory=Branch)
    below: Branch = field(default_factory=Branch)


@dataclass(frozen=True, slots=True)
class Share:
    """What one reason comes to: how many manifests, and the steps that lead to it for one of them."""

    why: Why
    count: int
    example: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """How the reasons work out over a repository: the most frequent first.

    ``broken``: the first kept indexes that lack parts, with how many; ``broken_count`` counts all of them.
    """

    judgement: Judgement
    going: tuple[Share, ...] = ()
    kept: tuple[Share, ...] = ()
    gone: int = 0
    broken: tuple[tuple[Verdict, int], ...] = ()
    broken_count: int = 0


def explain_manifest(judgement: Judgement, graph: Graph, digest: str) -> Explanation:
    """Explain one manifest of a judged repository. ``digest`` must be one of the judgement's."""
    steps = judgement.chain(digest)
    end = steps[-1].reason.because
    return Explanation(
        judgement=judgement,
        verdict=judgement.verdicts[digest],
        steps=tuple(steps),
        leads_out=end if end not in judgement.verdicts else "",
        lacks=len(graph.missing.get(digest, ())),
        above=_above(judgement, graph, digest),
        below=_Below(judgement, graph).grow(digest),
    )


def explain_repository(judgement: Judgement) -> Overview:
    """Explain a whole repository: each reason with its count and one example."""
    counts = Counter(verdict.reason.why for verdict in judgement.verdicts.values())
    gone = counts.pop(Why.VANISHED, 0)
    examples: dict[Why, Verdict] = {}
    for verdict in judgement.verdicts.values():
        best = examples.get(verdict.reason.why)
        if best is None or _newness(verdict) > _newness(best):
            examples[verdict.reason.why] = verdict
    shares = [
        Share(why, count, tuple(judgement.chain(examples[why].manifest.digest)))
        for why, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].value))
    ]
    broken = [(judgement.verdicts[digest], len(missing)) for digest, missing in judgement.broken.items()]
    return Overview(
        judgement=judgement,
        going=tuple(share for share in shares if share.example[0].goes),
        kept=tuple(share for share in shares if not share.example[0].goes),
        gone=gone,
        broken=tuple(broken[:BROKEN_MOST]),
        broken_count=len(broken),
    )


def _newness(verdict: Verdict) -> tuple[object, ...]:
    # An example with tags of its own is easier to recognise.
    return bool(verdict.manifest.tags), verdict.manifest.changed, verdict.manifest.digest


def _above(judgement: Judgement, graph: Graph, digest: str) -> Branch:
    """Find what lists a manifest and what it is attached to, but for what its own reason names already."""
    held = {index: Role.PART for index, children in graph.children.items() if digest in children}
    held |= {subject: Role.ATTACHED for subject, attached in graph.attachments.items() if digest in attached}
    held.pop(judgement.verdicts[digest].reason.because, None)
    return _branch(judgement, digest, held, ABOVE_MOST, lambda _: Branch())


class _Below:
    """Grows the tree below a manifest. What is nearest is shown first, and each manifest is unfolded once."""

    def __init__(self, judgement: Judgement, graph: Graph) -> None:
        self._judgement, self._graph = judgement, graph
        self._beside: dict[str, int] = {}
        self._unfolded: set[str] = set()

    def grow(self, root: str) -> Branch:
        room = NODES_MOST
        frontier = [root]
        for digest in frontier:
            held = self._held(digest)
            beside = min(len(held), BESIDE_MOST, room)
            room -= beside
            self._beside[digest] = beside
            shown = _telling(self._judgement, digest, held, beside)
            frontier += [other for other in held if other in shown and other not in frontier]
        return self._unfold(root)

    def _held(self, digest: str) -> dict[str, Role]:
        # What an index lists and what is attached to it as well is told as its part.
        parts = (*self._graph.children.get(digest, ()), *self._graph.missing.get(digest, ()))
        held = dict.fromkeys(parts, Role.PART)
        for other in self._graph.attachments.get(digest, ()):
            held.setdefault(other, Role.ATTACHED)
        return held

    def _unfold(self, digest: str) -> Branch:
        if digest in self._unfolded or digest not in self._beside:
            return Branch()
        self._unfolded.add(digest)
        return _branch(self._judgement, digest, self._held(digest), self._beside[digest], self._unfold)


def _branch(
    judgement: Judgement, top: str, held: Mapping[str, Role], most: int, below: Callable[[str], Branch]
) -> Branch:
    """Show what tells most of what hangs from ``top``, in its own order, and count the rest."""
    verdicts = judgement.verdicts
    shown = _telling(judgement, top, held, most)
    nodes = []
    for digest, role in held.items():
        if digest in shown:
            verdict = verdicts.get(digest)
            with_it = verdict is not None and verdict.reason.because == top
            nodes.append(Node(digest, role, verdict, with_it, below(digest)))
    hidden = [digest for digest in held if digest not in shown]
    there = [verdicts[digest] for digest in hidden if digest in verdicts]
    going = sum(verdict.goes for verdict in there)
    return Branch(tuple(nodes), kept=len(there) - going, going=going, missing=len(hidden) - len(there))


def _telling(judgement: Judgement, top: str, held: Mapping[str, Role], most: int) -> AbstractSet[str]:
    """Pick what tells most: what is missing, what has another verdict, what is attached, what has other reasons."""
    above = judgement.verdicts.get(top)

    def dullness(digest: str) -> tuple[bool, ...]:
        verdict = judgement.verdicts.get(digest)
        if verdict is None:
            return (False,)
        same = above is None or verdict.goes == above.goes
        return True, same, held[digest] is Role.PART, verdict.reason.because == top

    return set(sorted(held, key=dullness)[:most])
