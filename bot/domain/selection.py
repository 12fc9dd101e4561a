"""The heart: a snapshot, a rule and a moment in, a verdict with its reason for every manifest out.

The steps, in this order:

1. A repository that can't be fully understood is kept as it is (promise 6).
2. The rule selects. What belongs to a selected manifest and carries no tag of its own is selected with it: an index's
   children, an image's signatures and other attachments.
3. Whatever is not selected, or is protected (locked, kept by a pattern, among the newest, within the grace time), is
   kept at the start.
4. Kept spreads along what a manifest holds (``Graph.needed_by``) until nothing changes.
5. What is left goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.graph import Graph
from bot.domain.manifest import Kind, Manifest, Snapshot
from bot.domain.order import ranks
from bot.domain.reason import KEEPING, Reason, Verdict, Why, short
from bot.domain.rule import Rule, TagFilter


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on one repository.

    ``verdicts`` has one for each manifest of the snapshot, by digest. ``ranks`` orders what goes: a lower rank must be
    gone before the next one is begun. ``broken`` maps each kept index that was incomplete before we came to the digests
    that it lists and the repository lacks. ``fault`` says why the whole repository is kept, where it is.
    """

    repository: str
    taken: datetime
    verdicts: Mapping[str, Verdict]
    ranks: Mapping[str, int] = field(default_factory=dict)
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fault: str = ""

    @property
    def going(self) -> list[Verdict]:
        """What may go, in the order of deletion: by rank, then the oldest first."""
        verdicts = (self.verdicts[digest] for digest in self.ranks)
        return sorted(verdicts, key=lambda v: (self.ranks[v.manifest.digest], v.manifest.changed, v.manifest.digest))

    def chain(self, digest: str) -> list[Verdict]:
        """Follow the reasons from one manifest to where they begin, the manifest itself first."""
        steps: list[Verdict] = []
        while digest in self.verdicts and all(step.manifest.digest != digest for step in steps):
            steps.append(self.verdicts[digest])
            digest = steps[-1].reason.because
        return steps


def judge(snapshot: Snapshot, rule: Rule, now: datetime) -> Judgement:
    """Judge every manifest of a repository. ``now`` must carry a time zone.

    Raises BadInputError when the rule's tag pattern can't be used.
    """
    whole = _kept_as_it_is(snapshot, rule)
    if whole is not None:
        verdicts = {digest: Verdict(manifest, whole) for digest, manifest in snapshot.manifests.items()}
        fault = whole.detail if whole.why is Why.UNREADABLE else ""
        return Judgement(snapshot.repository, snapshot.taken, verdicts, fault=fault)

    graph = Graph(snapshot)
    selected, passed_over = _Selector(snapshot, rule, graph).select()
    kept = _keep(snapshot, rule, graph, passed_over, now=now)
    verdicts = {}
    for digest, manifest in snapshot.manifests.items():
        reason = kept.get(digest) or selected.get(digest) or Reason(Why.VANISHED)
        verdicts[digest] = Verdict(manifest, reason)
    going = graph.live - kept.keys()
    broken = {d: missing for d, missing in graph.missing.items() if d in kept}
    return Judgement(snapshot.repository, snapshot.taken, verdicts, ranks(graph, going), broken)


def _kept_as_it_is(snapshot: Snapshot, rule: Rule) -> Reason | None:
    """Give the reason why nothing of this repository may go at all, if there is one."""
    if not snapshot.locks.write_enabled:
        return Reason(Why.LOCKED, detail="the whole repository is")
    pattern = rule.protection.pattern_for_repository(snapshot.repository)
    if pattern and not rule.named:
        return Reason(Why.PATTERN, detail=f"keep_repositories: {pattern}")
    for digest, cause in snapshot.unreadable.items():
        return Reason(Why.UNREADABLE, because=digest, detail=f"{short(digest)}: {cause}" if digest else cause)
    for digest, manifest in snapshot.manifests.items():
        if manifest.kind is Kind.UNKNOWN and digest not in snapshot.vanished:
            cause = f"{short(digest)} has the unknown media type {manifest.media_type or '(none)'}"
            return Reason(Why.UNREADABLE, because=digest, detail=cause)
        if manifest.needs_body and digest not in snapshot.bodies and digest not in snapshot.vanished:
            return Reason(Why.UNREADABLE, because=digest, detail=f"the body of {short(digest)} was not read")
    return None


class _Selector:
    """Step 2: what the rule selects, and for the rest why not."""

    def __init__(self, snapshot: Snapshot, rule: Rule, graph: Graph) -> None:
        self.snapshot, self.rule, self.graph = snapshot, rule, graph
        self.matches = TagFilter(rule.tags, search=rule.search)
        # A repository of nothing but cosign tags holds the signatures of images that live elsewhere (cosign's
        # COSIGN_REPOSITORY): that those are not here does not make them orphans.
        self.store_of_signatures = bool(graph.signs) and all(
            digest in graph.signs or digest in graph.subject for digest in graph.live
        )

    def select(self) -> tuple[dict[str, Reason], dict[str, Reason]]:
        selected: dict[str, Reason] = {}
        passed_over: dict[str, Reason] = {}
        for digest in self.graph.live:
            reason = self._direct(self.snapshot.manifests[digest])
            (passed_over if reason.why in KEEPING else selected)[digest] = reason
        self._follow(selected, passed_over)
        return selected, passed_over

    def is_loose(self, manifest: Manifest) -> bool:
        """Whether it carries no tag that somebody gave it: none at all, or only tags named after a digest."""
        return not manifest.tags or manifest.digest in self.graph.signs

    def too_new(self, manifest: Manifest) -> bool:
        return self.rule.before is not None and manifest.changed >= self.rule.before

    def _direct(self, manifest: Manifest) -> Reason:
        if self.rule.named:
            return Reason(Why.NAMED if manifest.digest in self.rule.named else Why.NOT_SELECTED)
        if self.is_loose(manifest):
            return self._direct_loose(manifest)
        if not self.rule.tagged:
            return Reason(Why.TAGGED, detail=_some(manifest.tags))
        others = [tag for tag in manifest.tags if not self.matches(tag)]
        if others:
            return Reason(Why.OTHER_TAGS, detail=_some(others))
        if self.too_new(manifest):
            return Reason(Why.TOO_NEW, detail=_when(manifest.changed))
        if self.rule.tags:
            return Reason(Why.TAGS_MATCH, detail=_some(manifest.tags))
        return Reason(Why.OLD, detail=_when(manifest.changed))

    def _direct_loose(self, manifest: Manifest) -> Reason:
        subjects = self.graph.subjects(manifest.digest)
        if any(subject in self.graph.live for subject in subjects):
            return Reason(Why.NOT_SELECTED)  # it shares the fate of its subject: see _follow
        if not self.rule.untagged:
            return Reason(Why.NOT_SELECTED)
        if self.too_new(manifest):
            return Reason(Why.TOO_NEW, detail=_when(manifest.changed))
        if subjects:
            if self.store_of_signatures and manifest.digest in self.graph.signs:
                return Reason(Why.SIGNATURE_STORE)
            return Reason(Why.ORPHAN, because=subjects[0])
        if self.rule.tagged:
            return Reason(Why.OLD, detail=_when(manifest.changed))
        return Reason(Why.UNTAGGED)

    def _follow(self, selected: dict[str, Reason], passed_over: dict[str, Reason]) -> None:
        frontier = list(selected)
        while frontier:
            digest = frontier.pop()
            children = (c for c in self.graph.children.get(digest, ()) if self._child_follows(c))
            attachments = self.graph.attachments.get(digest, ())
            for follower in (*children, *attachments):
                if follower in passed_over and self.is_loose(self.snapshot.manifests[follower]):
                    del passed_over[follower]
                    selected[follower] = Reason(Why.FOLLOWS, because=digest)
                    frontier.append(follower)

    def _child_follows(self, digest: str) -> bool:
        # A child keeps to the rule's age by itself, since it may be part of something newer. An attachment does not: a
        # scanner that adds a report to an old image each week would keep that image for ever.
        return bool(self.rule.named) or not self.too_new(self.snapshot.manifests[digest])


def _keep(
    snapshot: Snapshot,
    rule: Rule,
    graph: Graph,
    passed_over: dict[str, Reason],
    *,
    now: datetime,
) -> dict[str, Reason]:
    """Do steps 3 and 4. Lasting reasons spread before passing ones: each manifest shows its most lasting one."""
    lasting: dict[str, Reason] = {}
    passing: dict[str, Reason] = {}
    locked_tags = {tag.digest: tag.name for tag in snapshot.tags if tag.locks.forbid_delete}
    newest = _newest(snapshot, rule, graph)
    since = now - rule.protection.grace
    for digest in graph.live:
        manifest = snapshot.manifests[digest]
        reason = passed_over.get(digest)
        if reason is not None:
            fleeting = reason.why in {Why.TOO_NEW, Why.NOT_SELECTED, Why.SIGNATURE_STORE}
            (passing if fleeting else lasting)[digest] = reason
        elif manifest.locks.forbid_delete:
            lasting[digest] = Reason(Why.LOCKED, detail="the manifest is")
        elif digest in locked_tags:
            lasting[digest] = Reason(Why.LOCKED, detail=f"its tag {locked_tags[digest]} is")
        elif not rule.named and (pattern := rule.protection.pattern_for(manifest.tags)):
            lasting[digest] = Reason(Why.PATTERN, detail=f"keep_tags: {pattern}")
        elif digest in newest:
            lasting[digest] = Reason(Why.NEWEST, detail=f"of {rule.keep_newest} to keep")
        elif rule.protection.grace and manifest.changed > since:
            passing[digest] = Reason(Why.GRACE, detail=_when(manifest.changed))
    kept = lasting | graph.spread(lasting, lasting)
    passing = {digest: reason for digest, reason in passing.items() if digest not in kept}
    kept |= passing
    return kept | graph.spread(passing, kept)


def _newest(snapshot: Snapshot, rule: Rule, graph: Graph) -> frozenset[str]:
    """Give the newest N of the images that the rule is about, whatever their age.

    An index counts as one image and its children not at all; neither do attachments. A rule about tags counts the
    images all of whose tags match; a rule about untagged manifests counts those.
    """
    if not rule.keep_newest or rule.named:
        return frozenset()
    matches = TagFilter(rule.tags, search=rule.search)
    listed = {child for children in graph.children.values() for child in children}
    pool = []
    for digest in graph.live:
        manifest = snapshot.manifests[digest]
        if manifest.tags and digest not in graph.signs:
            counts = rule.tagged and all(map(matches, manifest.tags))
        else:
            counts = not rule.tagged and digest not in listed and not graph.subjects(digest)
        if counts:
            pool.append(manifest)
    pool.sort(key=lambda manifest: (manifest.changed, manifest.digest), reverse=True)
    return frozenset(manifest.digest for manifest in pool[: rule.keep_newest])


def _when(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _some(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
