"""Reading a manifest's body: what it lists, what it belongs to, and which blobs it needs."""

import hashlib
import json
import re
from typing import Any

from bot.domain.manifest import Body, Descriptor

DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")

_LARGEST = 2**63 - 1  # the OCI image specification's size is an int64, and so are the databases'


class UnreadableBodyError(ValueError):
    """A body that this version can't understand. Its repository is then not cleaned (promise 6)."""


def read_body(digest: str, content: bytes) -> Body:
    """Read the raw bytes of a manifest.

    The bytes are checked against the digest first, so that a registry or a proxy that lies is found out. Fields are
    looked for by their presence, not by the media type that the body claims: an entry may claim any type, and an
    index may have a subject (OCI image specification 1.1, "image-index.md").

    Raises UnreadableBodyError with a reason fit for people.
    """
    check_digest(digest, content)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableBodyError("its body is not JSON") from error
    if not isinstance(document, dict):
        raise UnreadableBodyError("its body is not a JSON object")
    children = _descriptors(document, "manifests")
    blobs = [*_descriptors(document, "layers"), *_descriptors(document, "blobs")]
    config = document.get("config")
    if config is not None:
        blobs.append(_descriptor(config, "config"))
    subject = document.get("subject")
    return Body(
        digest=digest,
        children=children,
        subject=_descriptor(subject, "subject").digest if subject is not None else "",
        blobs=tuple(blobs),
        artifact_type=_text(document.get("artifactType")),
    )


def check_digest(digest: str, content: bytes) -> None:
    """Raise UnreadableBodyError unless ``content`` has that digest."""
    algorithm, _, expected = digest.partition(":")
    if algorithm not in {"sha256", "sha512"}:
        raise UnreadableBodyError(f"its digest uses {algorithm}, which this version can't check")
    if hashlib.new(algorithm, content).hexdigest() != expected:
        raise UnreadableBodyError("its body does not have the digest that the registry lists it under")


def _descriptors(document: dict[str, Any], key: str) -> tuple[Descriptor, ...]:
    entries = document.get(key)
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise UnreadableBodyError(f"its {key} is not a list")
    return tuple(_descriptor(entry, key) for entry in entries)


def _descriptor(entry: Any, key: str) -> Descriptor:
    if not isinstance(entry, dict):
        raise UnreadableBodyError(f"an entry of its {key} is not an object")
    digest = entry.get("digest")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise UnreadableBodyError(f"an entry of its {key} has no digest that can be read")
    size = entry.get("size", 0)
    platform = entry.get("platform")
    return Descriptor(
        digest=digest,
        size=size if type(size) is int and 0 < size <= _LARGEST else 0,
        media_type=_text(entry.get("mediaType")),
        platform=_platform(platform) if isinstance(platform, dict) else "",
    )


def _platform(platform: dict[str, Any]) -> str:
    parts = (_text(platform.get(key)) for key in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def _text(value: Any) -> str:
    """Give a text that can be stored and sent: JSON may hold NUL and halves of surrogate pairs, which can't be."""
    return value if isinstance(value, str) and value.isprintable() else ""
