"""Strategies of hypothesis: random repositories, rules for them, and repositories whose digests lie."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import strategies as st

from bot.domain.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, UNLOCKED, Locks, Tag
from bot.domain.rule import Protection, Rule
from tests.domain.build import (
    IMAGE_LAYER,
    NO_DELETE,
    NO_WRITE,
    SIMPLE_SIGNING,
    Repo,
    cosign_tag,
    days_ago,
    elsewhere,
)
from tests.domain.oracle import Registry

# Few and round, so that ages meet each other, the cutoffs and the grace time exactly. The pools begin with what is
# simplest, which is where hypothesis ends when it has found a fault, and repeat what should come up often.
AGES = (30.0, 30.0, 31.0, 90.0, 90.0, 7.0, 7.0, 1.0, 0.5)
TAGS = ("",) * 7 + ("v{}", "pr-{}", "pr-{}", "stable-{}")
SUFFIXES = (".sig", ".att", ".sbom", "", ".other")
LOCKS = (UNLOCKED,) * 24 + (NO_DELETE, NO_WRITE)
FATES = ("here",) * 14 + ("gone", "vanished")
KINDS = (
    *("image", "image", "docker", "index", "index", "index", "list"),
    *("referrer", "referrer", "oras", "signature", "bundle", "fallback"),
)
SIGNATURES_ONLY = ("signature", "signature", "referrer", "oras", "leftover")
SIZES = (1, 2, 3, 4, 6, 8, 10, 12)
RULES = ("untagged", "untagged", "untagged", "all", "all", "tagged", "pattern", "search", "named")
PATTERN = "pr-.*"


@dataclass(frozen=True)
class Draft:
    """What is drawn for one manifest. ``links`` are taken modulo how many manifests there are to link to."""

    kind: str
    links: tuple[int, ...]
    age: float
    tag: str
    names: tuple[tuple[int, str], ...]
    locks: Locks
    tag_locks: Locks
    fate: str


def _draft(raw: bytes, kinds: tuple[str, ...]) -> Draft:
    """Read a draft out of bytes: one draw of hypothesis instead of a dozen makes examples several times as cheap."""
    named = ((raw[8], SUFFIXES[raw[9] % len(SUFFIXES)]),) if raw[10] % 6 == 1 else ()
    return Draft(
        kind=kinds[raw[0] % len(kinds)],
        links=tuple(raw[1 : 1 + raw[4] % 4]),
        age=AGES[raw[5] % len(AGES)],
        tag=TAGS[raw[6] % len(TAGS)],
        names=named,
        locks=LOCKS[raw[7] % len(LOCKS)],
        tag_locks=LOCKS[raw[11] % len(LOCKS)],
        fate=FATES[raw[12] % len(FATES)],
    )


def _drafts(draw: st.DrawFn, kinds: tuple[str, ...]) -> list[Draft]:
    size = draw(st.sampled_from(SIZES))
    raws = draw(st.lists(st.binary(min_size=13, max_size=13), min_size=size, max_size=size))
    return [_draft(raw, kinds) for raw in raws]


@st.composite
def repositories(draw: st.DrawFn) -> Repo:
    """Draw a repository, each manifest with its true digest, so that no cycle of digests can come about."""
    drafts = _drafts(draw, draw(st.sampled_from((KINDS,) * 7 + (SIGNATURES_ONLY,))))
    repo = Repo(locks=draw(st.sampled_from((UNLOCKED,) * 24 + (NO_DELETE, NO_WRITE))))
    digests: list[str] = []
    for draft in drafts:
        digests.append(_push(repo, draft, digests))
    for digest, draft in zip(digests, drafts, strict=True):
        for link, suffix in draft.names:
            _tag(repo, digest, cosign_tag(digests[link % len(digests)], suffix), draft.tag_locks)
    _settle(repo, digests, drafts)
    return repo


def _push(repo: Repo, draft: Draft, digests: list[str]) -> str:
    """Push one manifest that links back to those before it, or to nothing known where there are none."""
    linked = [digests[link % len(digests)] for link in draft.links] if digests else [elsewhere("first")]
    target = linked[0] if linked else elsewhere("unlinked")
    number = len(digests)
    days, locks = draft.age, draft.locks
    if draft.kind == "docker":
        digest = repo.image(media_type=DOCKER_MANIFEST, days=days, locks=locks)
    elif draft.kind in {"image", "signature", "leftover"}:
        layer = IMAGE_LAYER if draft.kind == "image" else SIMPLE_SIGNING
        digest = repo.image(days=days, locks=locks, layer=layer)
    elif draft.kind == "referrer":
        digest = repo.image(subject=target, days=days, locks=locks)
    elif draft.kind == "oras":
        digest = repo.oras(target, days=days)
    elif draft.kind == "bundle":
        digest = repo.index(*linked[1:], subject=target, days=days, locks=locks)
    elif draft.kind == "fallback":
        digest = repo.index(*_referrers(repo, target), days=days, locks=locks)
        _tag(repo, digest, cosign_tag(target, ""), draft.tag_locks)
    else:
        media_type = DOCKER_LIST if draft.kind == "list" else OCI_INDEX
        entry_type = (None, OCI_MANIFEST, "application/x-made-up")[number % 3]
        digest = repo.index(*linked, media_type=media_type, entry_type=entry_type, days=days, locks=locks)
    if draft.kind == "signature":
        _tag(repo, digest, cosign_tag(target), draft.tag_locks)
    if draft.tag and draft.kind not in {"leftover", "fallback"}:
        _tag(repo, digest, draft.tag.format(number), draft.tag_locks)
    return digest


def _referrers(repo: Repo, subject: str) -> list[str]:
    """List what clients put under a referrers tag; without any it lists something that can't be one."""
    bodies = {digest: json.loads(content) for digest, content in repo.content.items()}
    found = [digest for digest, body in bodies.items() if body.get("subject", {}).get("digest") == subject]
    return found or list(bodies)[:1]


def _tag(repo: Repo, digest: str, tag: str, locks: Locks) -> None:
    """Put a tag on a manifest as registries do: whatever carried it before carries it no more."""
    for holder, manifest in repo.manifests.items():
        if tag in manifest.tags:
            repo.manifests[holder] = replace(manifest, tags=tuple(name for name in manifest.tags if name != tag))
    repo.tags = [held for held in repo.tags if held.name != tag]
    manifest = repo.manifests[digest]
    repo.manifests[digest] = replace(manifest, tags=(*manifest.tags, tag))
    repo.tags.append(Tag(tag, digest, locks))


def _settle(repo: Repo, digests: list[str], drafts: list[Draft]) -> None:
    """Take away what is not there any more, and what a listing still shows although nobody can pull it."""
    fates = dict(zip(digests, (draft.fate for draft in drafts), strict=True))
    repo.delete(*(digest for digest, fate in fates.items() if fate == "gone"))
    repo.vanished |= {digest for digest, fate in fates.items() if fate == "vanished"}


@st.composite
def lying_repositories(draw: st.DrawFn) -> Repo:
    """Draw a repository whose digests don't belong to the bodies: anything may list anything, itself too."""
    drafts = _drafts(draw, ("lie",))
    repo = Repo()
    known = [elsewhere(f"lie {number}") for number in range(len(drafts))]
    for number, draft in enumerate(drafts):
        linked = [known[link % len(known)] for link in draft.links]
        document: dict[str, object] = {"manifests": [{"digest": digest} for digest in linked[:2]]}
        if linked[2:]:
            document["subject"] = {"digest": linked[2]}
        repo.push(document, OCI_INDEX, days=draft.age, locks=draft.locks, as_digest=known[number])
        if draft.tag:
            _tag(repo, known[number], draft.tag.format(number), draft.tag_locks)
    _settle(repo, known, drafts)
    return repo


@st.composite
def rules(draw: st.DrawFn, repo: Repo) -> Rule:
    """Draw a rule of any kind for a repository."""
    protection = Protection(
        grace=timedelta(days=draw(st.sampled_from((0, 0, 1, 8)))),
        keep_tags=draw(st.sampled_from(((), (), ("stable-*",), ("*.att", "v1*")))),
        keep_repositories=draw(st.sampled_from(((),) * 30 + (("team/*",),))),
    )
    cutoff = draw(st.sampled_from((None, None, None, 1.0, 7.0, 30.0)))
    rule = Rule(
        before=None if cutoff is None else days_ago(cutoff),
        keep_newest=draw(st.sampled_from((0, 0, 1, 2, 3))),
        protection=protection,
    )
    kind = draw(
        st.sampled_from(("untagged", "untagged", "untagged", "all", "all", "tagged", "pattern", "search", "named"))
    )
    if kind == "tagged":
        return replace(rule, untagged=False, tagged=True)
    if kind == "all":
        return replace(rule, tagged=True)
    if kind in {"pattern", "search"}:
        search = kind == "search"
        return replace(rule, untagged=draw(st.booleans()), tagged=True, tags="r-" if search else PATTERN, search=search)
    if kind == "named":
        return Rule(named=draw(st.frozensets(st.sampled_from(sorted(repo.content)), min_size=1)), protection=protection)
    return rule


@st.composite
def repositories_and_rules(draw: st.DrawFn, *, lies: bool = False) -> tuple[Repo, Rule]:
    """Draw a repository and a rule for it."""
    repo = draw(lying_repositories() if lies else repositories())
    return repo, draw(rules(repo))


def registry_of(repo: Repo) -> Registry:
    """Stand up the registry that the repository is in: what has vanished is listed, but nobody can pull it."""
    bodies = {digest: repo.content[digest] for digest in repo.manifests if digest not in repo.vanished}
    locked = {digest for digest, manifest in repo.manifests.items() if manifest.locks.forbid_delete}
    locked |= {tag.digest for tag in repo.tags if tag.locks.forbid_delete}
    if not repo.locks.write_enabled:
        locked |= bodies.keys()
    return Registry(bodies, {tag.name: tag.digest for tag in repo.tags}, locked)


def left_in(registry: Registry, repo: Repo) -> Repo:
    """Give the repository that is left after deletes in its registry."""
    manifests = {d: m for d, m in repo.manifests.items() if d in registry.bodies or d in repo.vanished}
    return replace(repo, manifests=manifests, tags=[tag for tag in repo.tags if tag.digest in manifests])


def with_manifest(repo: Repo, digest: str, *, locks: Locks) -> Repo:
    """Give the same repository with other locks on one manifest."""
    return replace(repo, manifests={**repo.manifests, digest: replace(repo.manifests[digest], locks=locks)})


def with_tag(repo: Repo, digest: str, tag: str, locks: Locks = UNLOCKED) -> Repo:
    """Give the same repository with one tag more."""
    changed = replace(repo, manifests=dict(repo.manifests), tags=list(repo.tags))
    _tag(changed, digest, tag, locks)
    return changed
