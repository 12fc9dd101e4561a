"""The heart: a snapshot, a rule and a moment in, a verdict with its reason for every manifest out.

The steps, in this order:

1. A repository that can't be fully understood is kept as it is (promise 6).
2. The rule selects. What belongs to a selected manifest and carries no tag of its own is selected with it: an index's
   children, an image's signatures and other attachments.
3. Whatever is not selected, or is protected (locked, kept by a pattern, among the newest, within the grace time), is
   kept at the start.
4. Kept spreads along what a manifest holds (``Graph.needed_by``) until nothing changes.
5. Where that would take every tagged image there is, the latest of them stays, with what it needs (``last``).
6. What is left goes.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.graph import Graph
from bot.domain.last import LAST, is_guarded, last_tagged, tagged_images
from bot.domain.manifest import Kind, Manifest, Snapshot
from bot.domain.order import ranks
from bot.domain.reason import KEEPING, Reason, Verdict, Why, at, short
from bot.domain.rule import Rule, TagFilter

# Reasons that pass with time or with another question.
_PASSING = frozenset({Why.TOO_NEW, Why.NOT_SELECTED, Why.SIGNATURE_STORE})

# What cosign's signatures and attestations are made of.
_SIGNATURE_LAYERS = frozenset(
    {
        "application/vnd.dev.cosign.simplesigning.v1+json",
        "application/vnd.dsse.envelope.v1+json",
        "application/vnd.in-toto+json",
    }
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on one repository.

    ``verdicts`` has one for each manifest of the snapshot, by digest. ``ranks`` orders what goes: a lower rank must be
    gone before the next one is begun. ``broken`` maps each kept index that was incomplete before we came to the digests
    that it lists and the repository lacks. ``fault`` says why the whole repository is kept, where it is. ``tagged`` has
    the tags of each tagged image (see ``last``) by its digest, where anything was judged one by one.
    """

    repository: str
    taken: datetime
    verdicts: Mapping[str, Verdict]
    ranks: Mapping[str, int] = field(default_factory=dict)
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fault: str = ""
    tagged: Mapping[str, frozenset[str]] = field(default_factory=dict)

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
        return _keep_all(snapshot, whole)
    graph = Graph(snapshot)
    selected, passed_over = _Selector(snapshot, rule, graph).select()
    kept = _keep(snapshot, rule, graph, passed_over, now=now)
    verdicts = {}
    for digest, manifest in snapshot.manifests.items():
        reason = kept.get(digest) or selected.get(digest) or Reason(Why.VANISHED)
        verdicts[digest] = Verdict(manifest, reason)
    going = graph.live - kept.keys()
    broken = {d: missing for d, missing in graph.missing.items() if d in kept}
    tagged = {image.digest: frozenset(image.tags) for image in tagged_images(snapshot, graph)}
    return Judgement(snapshot.repository, snapshot.taken, verdicts, ranks(graph, going), broken, tagged=tagged)


def _kept_as_it_is(snapshot: Snapshot, rule: Rule) -> Reason | None:
    """Give the reason why nothing of this repository may go at all, if there is one."""
    # The lock that only keeps a repository itself from being deleted says nothing of its images, unless all are to go.
    if not snapshot.locks.write_enabled or (rule.whole and snapshot.locks.forbid_delete):
        return Reason(Why.LOCKED, detail="the whole repository is")
    pattern = rule.protection.pattern_for_repository(snapshot.repository)
    if pattern and not rule.by_name:
        return Reason(Why.PATTERN, detail=f"keep_repositories: {pattern}")
    for digest, cause in snapshot.unreadable.items():
        return Reason(Why.UNREADABLE, because=digest, detail=cause)
    for digest, manifest in snapshot.manifests.items():
        if digest in snapshot.vanished:
            if manifest.tags:
                # A 404 may pass (replicas lag), and then this is a tagged image again, with all that it holds.
                cause = f"its tag {manifest.tags[0]} is there, but the registry does not find the manifest (404)"
                return Reason(Why.UNREADABLE, because=digest, detail=cause)
            continue
        if manifest.kind is Kind.UNKNOWN:
            cause = f"its media type is unknown: {manifest.media_type or '(none)'}"
            return Reason(Why.UNREADABLE, because=digest, detail=cause)
        if manifest.needs_body and digest not in snapshot.bodies:
            return Reason(Why.UNREADABLE, because=digest, detail="its body was not read")
    return None


def _keep_all(snapshot: Snapshot, whole: Reason) -> Judgement:
    """Give every manifest that is still there the same reason."""
    vanished = Reason(Why.VANISHED)
    verdicts = {
        digest: Verdict(manifest, vanished if digest in snapshot.vanished else whole)
        for digest, manifest in snapshot.manifests.items()
    }
    fault = ""
    if whole.why is Why.UNREADABLE:
        fault = f"{short(whole.because)}: {whole.detail}" if whole.because else whole.detail
    return Judgement(snapshot.repository, snapshot.taken, verdicts, fault=fault)


class _Selector:
    """Step 2: what the rule selects, and for the rest why not."""

    def __init__(self, snapshot: Snapshot, rule: Rule, graph: Graph) -> None:
        self.snapshot, self.rule, self.graph = snapshot, rule, graph
        self.matches = TagFilter(rule.tags, search=rule.search)
        self.store_of_signatures = bool(graph.attached) and all(map(self._is_signature, graph.live))
        # A cosign tag says nothing of the repository that its image is in. Where none of them has its image here, the
        # images may all be elsewhere, and ordinary images that happen to lie beside them prove nothing.
        self.signed_here = any(subject in graph.live for subjects in graph.signs.values() for subject in subjects)

    def select(self) -> tuple[dict[str, Reason], dict[str, Reason]]:
        selected: dict[str, Reason] = {}
        passed_over: dict[str, Reason] = {}
        for digest in self.graph.live:
            reason = self._direct(self.snapshot.manifests[digest])
            (passed_over if reason.why in KEEPING else selected)[digest] = reason
        self._follow(selected, passed_over)
        return selected, passed_over

    def _is_signature(self, digest: str) -> bool:
        # A repository of nothing else holds the signatures of images that live elsewhere (cosign's COSIGN_REPOSITORY):
        # that those are not here does not make orphans of them. When cosign adds a signature it moves the tag to a new
        # manifest, and the one before stays behind with nothing to tell what it belonged to but its layers.
        if digest in self.graph.attached:
            return True
        body = self.snapshot.bodies.get(digest)
        return body is not None and any(blob.media_type in _SIGNATURE_LAYERS for blob in body.blobs)

    def too_new(self, manifest: Manifest) -> bool:
        return self.rule.before is not None and manifest.changed >= self.rule.before

    def _direct(self, manifest: Manifest) -> Reason:
        if manifest.digest in self.rule.named:
            return Reason(Why.NAMED)
        if self.rule.whole:
            return Reason(Why.WHOLE)
        if self.graph.is_loose(manifest):
            return self._direct_loose(manifest)
        if self.rule.named or not self.rule.tagged:
            return Reason(Why.TAGGED, detail=_some(manifest.tags))
        others = [tag for tag in manifest.tags if not self.matches(tag)]
        if others:
            return Reason(Why.OTHER_TAGS, detail=_some(others))
        if self.too_new(manifest):
            return Reason(Why.TOO_NEW, detail=at(manifest.changed))
        if self.rule.tags or self.rule.before is None:
            return Reason(Why.TAGS_MATCH, detail=_some(manifest.tags))
        return Reason(Why.OLD, detail=at(manifest.changed))

    def _direct_loose(self, manifest: Manifest) -> Reason:
        subjects = self.graph.subjects(manifest.digest)
        if any(subject in self.graph.live for subject in subjects):
            return Reason(Why.NOT_SELECTED)  # it shares the fate of its subject: see _follow
        if self.rule.named or not self.rule.untagged:
            return Reason(Why.NOT_SELECTED)
        if self.too_new(manifest):
            return Reason(Why.TOO_NEW, detail=at(manifest.changed))
        if subjects:
            by_tag_alone = manifest.digest not in self.graph.subject
            if self.store_of_signatures or (by_tag_alone and not self.signed_here):
                return Reason(Why.SIGNATURE_STORE)
            return Reason(Why.ORPHAN, because=subjects[0])
        if self.rule.tagged and self.rule.before is not None:
            return Reason(Why.OLD, detail=at(manifest.changed))
        return Reason(Why.UNTAGGED)

    def _follow(self, selected: dict[str, Reason], passed_over: dict[str, Reason]) -> None:
        frontier = list(selected)
        while frontier:
            digest = frontier.pop()
            children = (c for c in self.graph.children.get(digest, ()) if self._child_follows(c))
            attachments = self.graph.attachments.get(digest, ())
            for follower in (*children, *attachments):
                if follower in passed_over and self.graph.is_loose(self.snapshot.manifests[follower]):
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
    since = now - rule.protection.grace
    for digest in graph.live:
        manifest = snapshot.manifests[digest]
        reason = passed_over.get(digest)
        if reason is not None and reason.why not in _PASSING:
            lasting[digest] = reason
        elif manifest.locks.forbid_delete:
            lasting[digest] = Reason(Why.LOCKED, detail="the manifest is")
        elif digest in locked_tags:
            lasting[digest] = Reason(Why.LOCKED, detail=f"its tag {locked_tags[digest]} is")
        elif not rule.by_name and (pattern := rule.protection.pattern_for(manifest.tags)):
            lasting[digest] = Reason(Why.PATTERN, detail=f"keep_tags: {pattern}")
        elif reason is not None:
            passing[digest] = reason
        elif rule.protection.grace and manifest.changed > since:
            passing[digest] = Reason(Why.GRACE, detail=at(manifest.changed))
    kept: dict[str, Reason] = {}
    _add(graph, kept, lasting)
    _add(graph, kept, passing)
    newest = _newest(snapshot, rule, graph, kept.keys())
    _add(graph, kept, {digest: Reason(Why.NEWEST, detail=f"of {rule.keep_newest} to keep") for digest in newest})
    if is_guarded(rule) and (last := last_tagged(snapshot, graph, kept)):
        _add(graph, kept, {last: LAST})
    return kept


def _add(graph: Graph, kept: dict[str, Reason], more: Mapping[str, Reason]) -> None:
    """Keep ``more`` as well, and all that it needs."""
    fresh = {digest: reason for digest, reason in more.items() if digest not in kept}
    kept |= fresh
    kept |= graph.spread(fresh, kept)


def _newest(snapshot: Snapshot, rule: Rule, graph: Graph, kept: AbstractSet[str]) -> list[str]:
    """Give the newest N of the images that the rule is about, whatever their age.

    An index counts as one image; what it lists or needs is no further one, nor is what belongs to something in
    ``kept``, and attachments are none at all. A rule about tags counts the images all of whose tags match; a rule about
    untagged manifests counts those.
    """
    if not rule.keep_newest or rule.by_name:
        return []
    matches = TagFilter(rule.tags, search=rule.search)
    pool = []
    for digest in graph.live:
        manifest = snapshot.manifests[digest]
        if graph.is_loose(manifest):
            counts = not rule.tagged and not graph.subjects(digest)
        else:
            counts = rule.tagged and all(map(matches, manifest.tags))
        if counts:
            pool.append(manifest)
    # Where an index is as old as its children, other indexes among them, it comes first, and covers them.
    pool.sort(key=lambda found: (found.changed, graph.parts(found.digest), found.digest), reverse=True)
    covered = {child for digest in kept for child in graph.children.get(digest, ())}
    covered |= graph.spread(covered, ()).keys()
    newest: list[str] = []
    for manifest in pool:
        if len(newest) == rule.keep_newest:
            break
        if manifest.digest not in covered:
            newest.append(manifest.digest)
            covered |= {manifest.digest, *graph.spread([manifest.digest], covered)}
    return newest


def _some(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
