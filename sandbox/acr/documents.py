"""Manifest documents: writing them, and reading what a registry must know of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Media = Literal["oci", "docker"]

OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_ARTIFACT: Final = "application/vnd.oci.artifact.manifest.v1+json"
ORAS_ARTIFACT: Final = "application/vnd.cncf.oras.artifact.manifest.v1+json"

IMAGES: Final = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
INDEXES: Final = frozenset({OCI_INDEX, DOCKER_INDEX})
ARTIFACTS: Final = frozenset({OCI_ARTIFACT, ORAS_ARTIFACT})
KNOWN: Final = IMAGES | INDEXES | ARTIFACTS
IMAGE_CONFIGS: Final = frozenset({OCI_CONFIG, DOCKER_CONFIG})

EMPTY_CONFIG: Final = b"{}"


def digest_of(content: bytes) -> str:
    """Give ``sha256:`` and the content's hash."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def encode(document: Mapping[str, Any]) -> bytes:
    """Write a document as compact JSON bytes."""
    return json.dumps(document, separators=(",", ":")).encode()


def descriptor(media_type: str, digest: str, size: int) -> dict[str, Any]:
    """Make an OCI descriptor; size in bytes."""
    return {"mediaType": media_type, "digest": digest, "size": size}


def image_document(
    media: Media,
    config: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
    *,
    subject: Mapping[str, Any] | None = None,
    artifact_type: str | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Make an image manifest from descriptors; ``subject`` and ``artifact_type`` are OCI 1.1."""
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST if media == "oci" else DOCKER_MANIFEST,
    }
    if artifact_type is not None:
        document["artifactType"] = artifact_type
    document["config"] = config
    document["layers"] = list(layers)
    if subject is not None:
        document["subject"] = subject
    if annotations:
        document["annotations"] = dict(annotations)
    return document


def index_document(
    media: Media,
    entries: Sequence[Mapping[str, Any]],
    *,
    subject: Mapping[str, Any] | None = None,
    artifact_type: str | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Make an index, or a Docker manifest list, from descriptors."""
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX if media == "oci" else DOCKER_INDEX,
    }
    if artifact_type is not None:
        document["artifactType"] = artifact_type
    document["manifests"] = list(entries)
    if subject is not None:
        document["subject"] = subject
    if annotations:
        document["annotations"] = dict(annotations)
    return document


@dataclass(frozen=True, slots=True)
class Outline:
    """What a registry reads out of a manifest; everything may be missing from an odd one."""

    config: tuple[str, int] | None = None
    config_media_type: str | None = None
    #: Digest and size of each layer, or blob of an old artifact manifest, that must be in the repository.
    layers: tuple[tuple[str, int], ...] = ()
    children: tuple[str, ...] = ()
    subject: str | None = None
    artifact_type: str | None = None
    annotations: Mapping[str, str] | None = None


def outline(body: bytes) -> Outline:
    """Read a manifest's references. Never fails: what can't be read is left out."""
    try:
        document = json.loads(body)
    except ValueError:
        return Outline()
    if not isinstance(document, dict):
        return Outline()
    config = _descriptor(document.get("config"))
    config_media_type = document["config"].get("mediaType") if config else None
    subject = _descriptor(document.get("subject"))
    artifact_type = document.get("artifactType")
    if not artifact_type and config_media_type not in IMAGE_CONFIGS:
        artifact_type = config_media_type
    annotations = document.get("annotations")
    return Outline(
        config=config,
        config_media_type=config_media_type,
        layers=tuple(
            found
            for entry in (*_entries(document, "layers"), *_entries(document, "blobs"))
            # A foreign layer is fetched from its own addresses; registries don't hold it.
            if (found := _descriptor(entry)) and not entry.get("urls")
        ),
        children=tuple(found[0] for e in _entries(document, "manifests") if (found := _descriptor(e))),
        subject=subject[0] if subject else None,
        artifact_type=artifact_type if isinstance(artifact_type, str) else None,
        annotations=annotations if isinstance(annotations, dict) else None,
    )


def platform_of(config: bytes) -> tuple[str | None, str | None]:
    """Read ``architecture`` and ``os`` of an image configuration."""
    try:
        document = json.loads(config)
    except ValueError:
        return None, None
    if not isinstance(document, dict):
        return None, None
    return document.get("architecture"), document.get("os")


def _entries(document: Mapping[str, Any], key: str) -> list[Any]:
    entries = document.get(key)
    return entries if isinstance(entries, list) else []


def _descriptor(value: Any) -> tuple[str, int] | None:
    if not isinstance(value, dict) or not isinstance(value.get("digest"), str):
        return None
    size = value.get("size")
    return value["digest"], size if isinstance(size, int) else 0
