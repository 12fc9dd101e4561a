"""What needs what within one repository: indexes and children, subjects and referrers, images and cosign tags."""

import re
from collections.abc import Container, Iterable, Iterator

from bot.domain.manifest import Kind, Manifest, Snapshot
from bot.domain.reason import Reason, Why

# cosign names its tags after the digest that they sign ("sha256-<hex>.sig", ".att", ".sbom"); clients of registries
# without a referrers API keep the list of referrers under "sha256-<hex>" (OCI distribution 1.1, "Referrers Tag
# Schema").
_ATTACHMENT_TAG = re.compile(r"(sha256)-([0-9a-f]{64})(\.(?:sig|att|sbom))?")
# cosign puts a prefix before these where it is told to (--attachment-tag-prefix), and other tools have suffixes of
# their own. Such a tag stays with what it names, but it counts as a tag that somebody gave.
_NAMES_A_DIGEST = re.compile(r"(sha256)-([0-9a-f]{64})")


def subject_of_tag(tag: str) -> str:
    """Give the digest that an attachment tag names, or an empty string for an ordinary tag."""
    match = _ATTACHMENT_TAG.fullmatch(tag)
    return f"{match[1]}:{match[2]}" if match else ""


def named_in_tag(tag: str) -> str:
    """Give the digest that a tag names anywhere in it, as those of signatures do; empty where it names none."""
    match = _NAMES_A_DIGEST.search(tag)
    return f"{match[1]}:{match[2]}" if match else ""


class Graph:
    """The edges between the manifests of a snapshot that still exist.

    ``live``: what exists, in the order of the snapshot; ``children``: index to what it lists and the repository has;
    ``missing``: index to what it lists and the repository does not have; ``subject``: referrer to its subject, there or
    not; ``attachments``: image to what is attached to it, by subject or by a tag that names it; ``attached``: all that
    is attached to something, there or not; ``signs``: what carries nothing but attachment tags, to the digests that
    those name.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        # Not a set: what is listed first is looked at first, so that equal snapshots get equal reasons.
        self.live = {digest: None for digest in snapshot.manifests if digest not in snapshot.vanished}.keys()
        self.children: dict[str, tuple[str, ...]] = {}
        self.missing: dict[str, tuple[str, ...]] = {}
        self.subject: dict[str, str] = {}
        self.attachments: dict[str, list[str]] = {}
        self.attached: set[str] = set()
        self.signs: dict[str, tuple[str, ...]] = {}
        self._read_bodies(snapshot)
        self._read_tags(snapshot)

    def _read_bodies(self, snapshot: Snapshot) -> None:
        for digest in self.live:
            body = snapshot.bodies.get(digest)
            if body is None:
                continue
            if body.children:
                listed = dict.fromkeys(child.digest for child in body.children)
                self.children[digest] = tuple(d for d in listed if d in self.live and d != digest)
                missing = tuple(d for d in listed if d not in self.live)
                if missing:
                    self.missing[digest] = missing
            if body.subject and body.subject != digest:
                self.subject[digest] = body.subject
                self._attach(digest, body.subject)

    def _read_tags(self, snapshot: Snapshot) -> None:
        for digest in self.live:
            manifest = snapshot.manifests[digest]
            signed: list[str] = []
            for tag in manifest.tags:
                match = _NAMES_A_DIGEST.search(tag)
                if match:
                    self._attach(digest, f"{match[1]}:{match[2]}")
                    if self._is_attachment_tag(tag, manifest):
                        signed.append(subject_of_tag(tag))
            if signed and len(signed) == len(manifest.tags):
                self.signs[digest] = tuple(dict.fromkeys(signed))

    def _attach(self, digest: str, subject: str) -> None:
        if subject != digest:
            self.attached.add(digest)
            self.attachments.setdefault(subject, []).append(digest)

    def _is_attachment_tag(self, tag: str, manifest: Manifest) -> bool:
        match = _ATTACHMENT_TAG.fullmatch(tag)
        if not match or match[3]:
            return match is not None
        # A copy of an image may be tagged with the digest that the original has. It is a list of referrers only if it
        # lists nothing else.
        children = self.children.get(manifest.digest, ())
        return manifest.kind is Kind.INDEX and all(self.subject.get(child) == subject_of_tag(tag) for child in children)

    def is_loose(self, manifest: Manifest) -> bool:
        """Whether it carries no tag that somebody gave it: none at all, or only tags named after a digest."""
        return not manifest.tags or manifest.digest in self.signs

    def subjects(self, digest: str) -> tuple[str, ...]:
        """Give what a manifest is attached to, by its subject field or by its cosign tags, there or not."""
        subject = self.subject.get(digest)
        return ((subject,) if subject else ()) + self.signs.get(digest, ())

    def parts(self, digest: str) -> int:
        """Count what an index lists at any depth: more than anything that it lists does."""
        parts: set[str] = set()
        frontier = [digest]
        while frontier:
            fresh = set(self.children.get(frontier.pop(), ())) - parts
            parts |= fresh
            frontier += fresh
        return len(parts)

    def needed_by(self, digest: str) -> Iterator[tuple[str, Why]]:
        """Go one step from a kept manifest to what must be kept for it, with the reason why."""
        for child in self.children.get(digest, ()):
            yield child, Why.PART_OF_INDEX
        for attachment in self.attachments.get(digest, ()):
            yield attachment, Why.ATTACHED
        # ACR deletes the referrers of a manifest with it, so a referrer stays only where its subject stays.
        subject = self.subject.get(digest)
        if subject and subject in self.live:
            yield subject, Why.HOLDS_ATTACHMENT

    def spread(self, start: Iterable[str], kept: Container[str]) -> dict[str, Reason]:
        """Find all that must be kept for ``start``, to any depth, leaving out what is in ``kept`` or ``start``.

        What is nearest gives the reason, so that a chain of reasons is as short as it can be.
        """
        found: dict[str, Reason] = {}
        frontier = list(start)
        seen = set(frontier)
        while frontier:
            following: list[str] = []
            for digest in frontier:
                for needed, why in self.needed_by(digest):
                    if needed not in seen and needed not in kept:
                        seen.add(needed)
                        found[needed] = Reason(why, because=digest)
                        following.append(needed)
            frontier = following
        return found
