"""Builds repositories out of real manifest bodies with their real digests, so that tests read as the situations do."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.body import read_body
from bot.domain.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    ORAS_ARTIFACT,
    UNLOCKED,
    Body,
    Locks,
    Manifest,
    Snapshot,
    Tag,
)
from bot.domain.plan import Item, item_of
from bot.domain.reason import Reason, Verdict, Why
from bot.domain.rule import Protection, Rule
from bot.domain.selection import Judgement, judge

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
UNPROTECTED = Protection(grace=timedelta())
UNTAGGED = Rule(protection=UNPROTECTED)
NO_DELETE = Locks(delete_enabled=False)
NO_WRITE = Locks(write_enabled=False)
IMAGE_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"


def days_ago(days: float) -> datetime:
    """Give the moment that many days before NOW."""
    return NOW - timedelta(days=days)


def older_than(days: float, **more: Any) -> Rule:
    """Give a rule for all that is so old, tagged or not, without a grace time."""
    return Rule(**{"tagged": True, "before": days_ago(days), "protection": UNPROTECTED, **more})


def digest_of(content: bytes) -> str:
    """Give the digest that a registry would file these bytes under."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def elsewhere(name: str) -> str:
    """Give the digest of something that the repository does not have."""
    return digest_of(f"elsewhere {name}".encode())


def cosign_tag(digest: str, suffix: str = ".sig") -> str:
    """Give the tag that cosign would put on an attachment of ``digest``."""
    return digest.replace(":", "-") + suffix


@dataclass
class Repo:
    """A repository in the making. Each method pushes one manifest and gives its digest."""

    name: str = "team/app"
    manifests: dict[str, Manifest] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    locks: Locks = UNLOCKED
    unreadable: dict[str, str] = field(default_factory=dict)
    vanished: set[str] = field(default_factory=set)

    def push(
        self,
        document: dict[str, Any],
        media_type: str,
        *tags: str,
        days: float = 10,
        locks: Locks = UNLOCKED,
        tag_locks: Locks = UNLOCKED,
        as_digest: str = "",
    ) -> str:
        """Push a body as it is, last changed ``days`` before NOW; ``as_digest`` makes the registry lie."""
        content = json.dumps(document).encode()
        digest = as_digest or digest_of(content)
        when = days_ago(days)
        self.content[digest] = content
        self.manifests[digest] = Manifest(digest, media_type, 1000, when, when, tags, locks)
        self.tags += [Tag(tag, digest, tag_locks, when) for tag in tags]
        return digest

    def image(
        self,
        *tags: str,
        media_type: str = OCI_MANIFEST,
        subject: str = "",
        layer: str = IMAGE_LAYER,
        days: float = 10,
        locks: Locks = UNLOCKED,
        tag_locks: Locks = UNLOCKED,
    ) -> str:
        """Push an image that is like no other; with ``subject`` it is a referrer."""
        config = digest_of(f"config {len(self.content)} of {self.name}".encode())
        document = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 100},
            "layers": [{"mediaType": layer, "digest": digest_of(b"a layer"), "size": 900}],
        }
        if subject:
            document["subject"] = {"mediaType": OCI_MANIFEST, "digest": subject, "size": 500}
        return self.push(document, media_type, *tags, days=days, locks=locks, tag_locks=tag_locks)

    def docker_image(self, *tags: str, days: float = 10) -> str:
        """Push a Docker schema 2 image, whose body nobody has to read."""
        return self.image(*tags, media_type=DOCKER_MANIFEST, days=days)

    def index(
        self,
        *children: str,
        tags: tuple[str, ...] = (),
        media_type: str = OCI_INDEX,
        entry_type: str | None = OCI_MANIFEST,
        subject: str = "",
        days: float = 10,
        locks: Locks = UNLOCKED,
        tag_locks: Locks = UNLOCKED,
    ) -> str:
        """Push an index of ``children``, each entry claiming ``entry_type`` (None: no media type at all)."""
        claimed = {} if entry_type is None else {"mediaType": entry_type}
        entries = [{**claimed, "digest": child, "size": 500} for child in children]
        document: dict[str, Any] = {"schemaVersion": 2, "mediaType": media_type, "manifests": entries}
        document["annotations"] = {"made": f"as number {len(self.content)}"}
        if subject:
            document["subject"] = {"mediaType": OCI_MANIFEST, "digest": subject, "size": 500}
        return self.push(document, media_type, *tags, days=days, locks=locks, tag_locks=tag_locks)

    def docker_list(self, *children: str, tags: tuple[str, ...] = ()) -> str:
        """Push a Docker manifest list."""
        return self.index(*children, tags=tags, media_type=DOCKER_LIST, entry_type=DOCKER_MANIFEST)

    def oras(self, subject: str, *, days: float = 10) -> str:
        """Push an ORAS artifact manifest: blobs instead of layers, and no config."""
        blobs = [{"mediaType": "text/plain", "digest": digest_of(b"a blob"), "size": 10}]
        document = {"mediaType": ORAS_ARTIFACT, "blobs": blobs, "subject": {"digest": subject, "size": 500}}
        return self.push(document, ORAS_ARTIFACT, days=days)

    def signature(self, of: str, suffix: str = ".sig", *, days: float = 10, locks: Locks = UNLOCKED) -> str:
        """Push what cosign pushes: a manifest without a subject under a tag that names the signed digest."""
        return self.image(cosign_tag(of, suffix), layer=SIMPLE_SIGNING, days=days, locks=locks)

    def delete(self, *digests: str) -> None:
        """Forget manifests as a registry does: their tags go, what names them stays."""
        for digest in digests:
            del self.manifests[digest]
        self.tags = [tag for tag in self.tags if tag.digest not in digests]

    def snapshot(self) -> Snapshot:
        """Take the snapshot that the product would take, each body read from its bytes."""
        return Snapshot(
            registry="example",
            repository=self.name,
            taken=NOW,
            manifests=dict(self.manifests),
            bodies={digest: body for digest in self.manifests if (body := self._body(digest)) is not None},
            tags=tuple(self.tags),
            locks=self.locks,
            unreadable=dict(self.unreadable),
            vanished=frozenset(self.vanished),
        )

    def item(self, digest: str) -> Item:
        """Give a manifest as it would be approved now."""
        return item_of(self.name, Verdict(self.manifests[digest], Reason(Why.NAMED)))

    def _body(self, digest: str) -> Body | None:
        if digest in self.unreadable or digest in self.vanished or not self.manifests[digest].needs_body:
            return None
        content = self.content[digest]
        # Always the manifest's own digest, save where a test lets a registry lie about it.
        return replace(read_body(digest_of(content), content), digest=digest)

    def judge(self, rule: Rule = UNTAGGED) -> Judgement:
        """Judge the repository as it stands at NOW."""
        return judge(self.snapshot(), rule, NOW)

    def reason(self, digest: str, rule: Rule = UNTAGGED) -> Reason:
        """Give the reason of one verdict."""
        return self.judge(rule).verdicts[digest].reason

    def going(self, rule: Rule = UNTAGGED) -> list[str]:
        """Give what would be deleted, in order."""
        return [verdict.manifest.digest for verdict in self.judge(rule).going]
