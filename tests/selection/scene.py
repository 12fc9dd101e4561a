"""What situations are made of: a repository to fill, with the verdict that each manifest is to get."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.reason import KEEPING, Why
from bot.domain.rule import Rule
from sandbox.acr import LOCKED, Locks, Registry
from sandbox.acr.documents import OCI_INDEX, OCI_MANIFEST, Media

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
REPOSITORY = "team/app"
UNTAGGED = Rule()
OPEN = Locks()
NO_DELETE = Locks(delete=False)
UNREADABLE = Locks(read=False)
HIDDEN = Locks(list=False)


class Loop(enum.Enum):
    """What comes of deleting each untagged manifest in a loop. The value is how its cell in the table begins."""

    BREAKS = "Breaks it."  # something that had to stay is no longer whole
    SAME = "The same."  # it deletes what acr-janitor deletes
    LESS = "Does less."  # it leaves some of that, and breaks nothing
    MORE = "Does more."  # it deletes what acr-janitor keeps, and nothing that can be pulled is missing
    NO_CHOICE = "No such choice."  # the situation is about a rule that the loop doesn't know


def days_ago(days: float) -> datetime:
    """Give the moment that many days before NOW."""
    return NOW - timedelta(days=days)


def older_than(days: float, **more: Any) -> Rule:
    """Give a rule for all that is so old, tagged or not."""
    return Rule(tagged=True, before=days_ago(days), **more)


@dataclass
class Scene:
    """A repository in a registry. Each method pushes one manifest and says which verdict it is to get.

    ``expected``: the verdict by digest. ``broken``: what stays and was incomplete before, to what it lacks. ``fault``:
    part of the reason why the whole repository is kept. ``odd``: what no client can pull. ``unreadable``: what can't be
    pulled while it is locked. ``hidden``: what no listing shows. ``named``: what the rule names by hand.
    """

    registry: Registry
    expected: dict[str, Why] = field(default_factory=dict)
    broken: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fault: str = ""
    odd: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    @property
    def goes(self) -> set[str]:
        """What is to be deleted."""
        return {d for d, why in self.expected.items() if why not in KEEPING and why is not Why.VANISHED}

    @property
    def stays(self) -> set[str]:
        """What is to be there afterwards."""
        return self.expected.keys() - self.goes

    @property
    def pulled(self) -> list[str]:
        """What has to be as whole afterwards as before: every digest that stays, and every tag on one."""
        stays = self.stays - self.odd
        tags = self.registry.tags(REPOSITORY)
        return [*sorted(stays), *sorted(tag for tag, digest in tags.items() if digest in stays)]

    @property
    def needed(self) -> list[str]:
        """What of it somebody has asked to keep: not what stays only because nobody can tell."""
        cautious = {digest for digest, why in self.expected.items() if why is Why.UNREADABLE} - self.hidden
        return [reference for reference in self.pulled if reference not in cautious]

    def image(
        self,
        why: Why,
        *tags: str,
        media: Media = "oci",
        platform: str = "linux/amd64",
        subject: str | None = None,
        days: float = 40,
    ) -> str:
        """Push an image, last changed ``days`` ago."""
        return self._add(
            why,
            self.registry.push_image(
                REPOSITORY, tags=tags, media=media, platform=platform, subject=subject, updated=days_ago(days)
            ),
        )

    def platforms(self, why: Why, *, media: Media = "oci", days: float = 40) -> tuple[str, str]:
        """Push an image for each of two platforms, untagged as builders leave them."""
        amd, arm = (self.image(why, media=media, platform=name, days=days) for name in ("linux/amd64", "linux/arm64"))
        return amd, arm

    def index(
        self,
        why: Why,
        *children: str,
        tags: tuple[str, ...] = (),
        media: Media = "oci",
        subject: str | None = None,
        days: float = 40,
        attestations: dict[str, str] | None = None,
    ) -> str:
        """Push an index over ``children``."""
        return self._add(
            why,
            self.registry.push_index(
                REPOSITORY,
                children,
                tags=tags,
                media=media,
                subject=subject,
                attestations=attestations,
                annotations={"number": str(len(self.expected))},
                updated=days_ago(days),
            ),
        )

    def index_claiming(self, why: Why, claim: str | None, *children: str, tags: tuple[str, ...] = ()) -> str:
        """Push an index whose entries claim a media type, or none at all, whatever they list."""
        claimed = {} if claim is None else {"mediaType": claim}
        entries = [{**claimed, "digest": child, "size": 525} for child in children]
        return self.raw(why, OCI_INDEX, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}, *tags)

    def attestation(self, why: Why, image: str) -> str:
        """Push what buildx adds for an image."""
        return self._add(why, self.registry.push_attestation(REPOSITORY, image, updated=days_ago(40)))

    def referrer(self, why: Why, subject: str, *tags: str, days: float = 40) -> str:
        """Push an OCI 1.1 artifact that refers to ``subject``, there or not."""
        return self._add(why, self.registry.push_artifact(REPOSITORY, subject, tags=tags, updated=days_ago(days)))

    def old_artifact(self, why: Why, media_type: str, subject: str) -> str:
        """Push an artifact manifest of the time before OCI 1.1: blobs instead of a config and layers."""
        refers = {"mediaType": OCI_MANIFEST, "digest": subject, "size": 525}
        document = {"mediaType": media_type, "artifactType": "application/spdx+json", "blobs": [], "subject": refers}
        return self.raw(why, media_type, document)

    def cosign(self, why: Why, signed: str, suffix: str = "sig") -> str:
        """Push what ``cosign sign`` does: a tag named after what it signs."""
        return self._add(
            why, self.registry.push_cosign_signature(REPOSITORY, signed, suffix=suffix, updated=days_ago(40))
        )

    def raw(self, why: Why, media_type: str, body: bytes | dict[str, Any], *tags: str) -> str:
        """Push these very bytes."""
        return self._add(why, self.registry.push_raw(REPOSITORY, media_type, body, tags, days_ago(40)))

    def tag(self, digest: str, tag: str) -> None:
        """Put one tag more on a manifest without making it any newer."""
        self.registry.tag(REPOSITORY, digest, tag, updated=days_ago(40))

    def lock(self, digest: str, locks: Locks = LOCKED) -> str:
        """Lock a manifest."""
        self.registry.lock_manifest(REPOSITORY, digest, locks)
        if not locks.read:
            self.unreadable.add(digest)
        if not locks.list:
            self.hidden.add(digest)
        return digest

    def lose_body(self, digest: str) -> str:
        """Let a listing go on showing what nobody can pull any more."""
        self.registry.drop_body(REPOSITORY, digest)
        return digest

    def delete(self, digest: str) -> str:
        """Delete a manifest before anybody looks; what names it stays. Gives the digest that is no more."""
        self.registry.delete_manifest(REPOSITORY, digest)
        del self.expected[digest]
        return digest

    def _add(self, why: Why, digest: str) -> str:
        self.expected[digest] = why
        return digest


@dataclass(frozen=True)
class Situation:
    """One row of the table."""

    name: str
    seed: Callable[[Scene], None]
    loop: Loop
    rule: Rule


def situation(loop: Loop, rule: Rule = UNTAGGED) -> Callable[[Callable[[Scene], None]], Situation]:
    """Make a situation of the function that seeds it; its name is that of the row."""

    def wrap(seed: Callable[[Scene], None]) -> Situation:
        return Situation(seed.__name__, seed, loop, rule)

    return wrap
