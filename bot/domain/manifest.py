"""What a registry holds, as values: manifests, tags, locks, bodies, and a snapshot of one repository."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"
ORAS_ARTIFACT = "application/vnd.cncf.oras.artifact.manifest.v1+json"


class Kind(enum.Enum):
    """What a media type makes of a manifest."""

    IMAGE = "image"
    INDEX = "index"
    ARTIFACT = "artifact"
    UNKNOWN = "unknown"


_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        DOCKER_MANIFEST: Kind.IMAGE,
        DOCKER_LIST: Kind.INDEX,
        OCI_MANIFEST: Kind.IMAGE,
        OCI_INDEX: Kind.INDEX,
        OCI_ARTIFACT: Kind.ARTIFACT,
        ORAS_ARTIFACT: Kind.ARTIFACT,
    }
)


def kind_of(media_type: str) -> Kind:
    """Tell what a media type stands for; UNKNOWN for all that this version has not learnt."""
    return _KINDS.get(media_type, Kind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Locks:
    """ACR's changeable attributes. A lock is the flag being False."""

    delete_enabled: bool = True
    write_enabled: bool = True

    @property
    def forbid_delete(self) -> bool:
        """Whether a delete of the thing itself would be refused (``writeEnabled`` false refuses it too)."""
        return not (self.delete_enabled and self.write_enabled)


UNLOCKED = Locks()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with the digest that it pointed to when it was listed.

    ``updated``: when it was last pushed, or its attributes were changed; None where that is not known.
    """

    name: str
    digest: str
    locks: Locks = UNLOCKED
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest as a listing shows it.

    ``size`` is ACR's imageSize in bytes: config plus layers for an image, the sum over its children for an index.
    ``architecture`` and ``os`` are empty where the listing has none (indexes, artifacts).
    """

    digest: str
    media_type: str
    size: int
    created: datetime
    updated: datetime
    tags: tuple[str, ...] = ()
    locks: Locks = UNLOCKED
    architecture: str = ""
    os: str = ""
    artifact_type: str = ""
    config_media_type: str = ""

    @property
    def kind(self) -> Kind:
        """What the media type makes of it."""
        return kind_of(self.media_type)

    @property
    def changed(self) -> datetime:
        """The latest time that says somebody touched it: a push, a tag, an untag, an attribute."""
        return max(self.created, self.updated)

    @property
    def platform(self) -> str:
        """``linux/arm64`` or what the kind is called, for people."""
        if self.os or self.architecture:
            return "/".join(part for part in (self.os, self.architecture) if part)
        return {Kind.INDEX: "multi-arch", Kind.ARTIFACT: "artifact"}.get(self.kind, "")

    @property
    def needs_body(self) -> bool:
        """Whether it can hold or refer to another manifest, so that its body must be known before judging.

        A Docker schema 2 image can't: its format has neither children nor a subject.
        """
        return self.media_type != DOCKER_MANIFEST


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A pointer inside a body: to a child manifest or to a blob. ``size`` in bytes."""

    digest: str
    size: int = 0
    media_type: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What matters of a manifest's body: the manifests that it lists, its subject, and its blobs.

    Bodies never change for a digest, so this can be kept for ever.
    """

    digest: str
    children: tuple[Descriptor, ...] = ()
    subject: str = ""
    blobs: tuple[Descriptor, ...] = ()
    artifact_type: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every manifest of one repository at one moment, and what is needed to judge them.

    ``bodies`` holds a body for each manifest that needs one, except for those in ``unreadable`` (digest to the
    reason: promise 6 keeps the whole repository; the digest "" stands for the repository itself) and those in
    ``vanished`` (listed, but 404 when asked for: gone).

    Whoever makes one answers for its being whole: a manifest has the tags of both listings, and what a tag points to is
    among the manifests even where their own listing hides it. What isn't here can't keep anything.
    """

    registry: str
    repository: str
    taken: datetime
    manifests: Mapping[str, Manifest]
    bodies: Mapping[str, Body] = field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    locks: Locks = UNLOCKED
    unreadable: Mapping[str, str] = field(default_factory=dict)
    vanished: frozenset[str] = frozenset()
