"""What needs what within one repository: indexes and children, subjects and referrers, images and cosign tags."""

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.domain.manifest import Snapshot
from bot.domain.reason import Reason, Why

# cosign names its tags after the digest that they sign ("sha256-<hex>.sig", ".att", ".sbom"); clients of registries
# without a referrers API keep the list of referrers under "sha256-<hex>" (OCI distribution 1.1, "Referrers Tag
# Schema").
_ATTACHMENT_TAG = re.compile(r"(sha256)-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?")


def subject_of_tag(tag: str) -> str:
    """Give the digest that an attachment tag names, or an empty string for an ordinary tag."""
    match = _ATTACHMENT_TAG.fullmatch(tag)
    return f"{match[1]}:{match[2]}" if match else ""


class Graph:
    """The edges between the manifests of a snapshot that still exist.

    ``children``: index to what it lists and the repository has; ``missing``: index to what it lists and the repository
    does not have; ``subject``: referrer to its subject, there or not; ``attachments``: image to what is attached to it,
    by subject or by cosign tag; ``signs``: what carries nothing but attachment tags, to the digests that those name.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.live = snapshot.manifests.keys() - snapshot.vanished
        self.children: dict[str, tuple[str, ...]] = {}
        self.missing: dict[str, tuple[str, ...]] = {}
        self.subject: dict[str, str] = {}
        self.attachments: dict[str, list[str]] = {}
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
                self.attachments.setdefault(body.subject, []).append(digest)

    def _read_tags(self, snapshot: Snapshot) -> None:
        for digest in self.live:
            tags = snapshot.manifests[digest].tags
            subjects = [subject for tag in tags if (subject := subject_of_tag(tag))]
            for subject in subjects:
                if subject != digest:
                    self.attachments.setdefault(subject, []).append(digest)
            if tags and len(subjects) == len(tags):
                self.signs[digest] = tuple(dict.fromkeys(subjects))

    def subjects(self, digest: str) -> tuple[str, ...]:
        """Give what a manifest is attached to, by its subject field or by its cosign tags, there or not."""
        subject = self.subject.get(digest)
        return ((subject,) if subject else ()) + self.signs.get(digest, ())

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

    def spread(self, start: Iterable[str], kept: Mapping[str, Reason]) -> dict[str, Reason]:
        """Find all that must be kept for ``start``, to any depth, leaving out what is in ``kept`` or ``start``."""
        found: dict[str, Reason] = {}
        frontier = list(start)
        seen = set(frontier)
        while frontier:
            digest = frontier.pop()
            for needed, why in self.needed_by(digest):
                if needed not in seen and needed not in kept:
                    seen.add(needed)
                    found[needed] = Reason(why, because=digest)
                    frontier.append(needed)
        return found
