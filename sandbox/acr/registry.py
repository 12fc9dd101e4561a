"""A registry that tests, scenarios and benchmarks fill and inspect without HTTP."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.acr import documents
from sandbox.acr.clock import ticks, utc_now
from sandbox.acr.documents import Media, descriptor, encode
from sandbox.acr.model import LOCKED, Locks, Manifest
from sandbox.acr.state import RegistryState

#: The layer of an image that nobody gave layers to.
SMALL_LAYER: Final = 2_048
SIGNATURE_TYPE: Final = "application/vnd.cncf.notary.signature"
SBOM_TYPE: Final = "application/spdx+json"
_COSIGN_LAYER: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
_IN_TOTO: Final = "application/vnd.in-toto+json"


class Registry(RegistryState):
    """The state of one registry, with a method for everything that people push, tag and lock.

    The methods here skip authorisation, locks and content checks, as history has been written before the first
    request. Manifests and configurations are real bytes with true digests. Layers are given as ``bytes`` or as a
    size: up to ``sandbox.acr.blobs.PULLABLE_LAYER`` bytes a layer has real content that clients can pull; a bigger
    one is only declared (HEAD knows it, GET answers 404), so give big sizes only to images that nobody pulls.

    ``updated`` is when it was pushed and last changed, by default now. Every ``push_*`` gives the digest.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(clock)
        self._serial = 0

    def push_image(
        self,
        repo: str,
        *,
        tags: Iterable[str] = (),
        layers: Sequence[int | bytes] = (SMALL_LAYER,),
        platform: str = "linux/amd64",
        media: Media = "oci",
        updated: datetime | None = None,
        created: datetime | None = None,
        subject: str | None = None,
        artifact_type: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> str:
        """Push an image; ``platform`` is ``os/architecture[/variant]``, and no two calls give the same digest."""
        config = self._image_config(platform, updated)
        config_type = documents.OCI_CONFIG if media == "oci" else documents.DOCKER_CONFIG
        layer_type = documents.OCI_LAYER if media == "oci" else documents.DOCKER_LAYER
        document = documents.image_document(
            media,
            self._blob(repo, config_type, config),
            [self._blob(repo, layer_type, layer) for layer in layers],
            subject=self._subject(repo, subject),
            artifact_type=artifact_type,
            annotations=annotations,
        )
        return self._keep(repo, document, tags, updated, created)

    def push_index(
        self,
        repo: str,
        children: Sequence[str],
        *,
        tags: Iterable[str] = (),
        media: Media = "oci",
        attestations: Mapping[str, str] | None = None,
        subject: str | None = None,
        artifact_type: str | None = None,
        annotations: Mapping[str, str] | None = None,
        updated: datetime | None = None,
        created: datetime | None = None,
    ) -> str:
        """Push an index over digests; one that is not there is listed all the same, as a broken index does.

        ``attestations`` maps the digest of an attestation manifest to that of its image; they are listed after the
        children with the platform ``unknown/unknown``, as buildx writes them.
        """
        entries = [self._entry(repo, child) for child in children]
        for attestation, image in (attestations or {}).items():
            entry = self._entry(repo, attestation)
            entry["annotations"] = {
                "vnd.docker.reference.digest": image,
                "vnd.docker.reference.type": "attestation-manifest",
            }
            entries.append(entry)
        document = documents.index_document(
            media,
            entries,
            subject=self._subject(repo, subject),
            artifact_type=artifact_type,
            annotations=annotations,
        )
        return self._keep(repo, document, tags, updated, created)

    def push_attestation(self, repo: str, image: str, *, updated: datetime | None = None) -> str:
        """Push what buildx adds for an image: an untagged manifest for ``unknown/unknown`` with in-toto layers.

        Nothing in it names the image; only the index that lists both does.
        """
        statement = encode({"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"name": image}]})
        config = encode({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers"}})
        document = documents.image_document(
            "oci",
            self._blob(repo, documents.OCI_CONFIG, config),
            [self._blob(repo, _IN_TOTO, statement)],
        )
        return self._keep(repo, document, (), updated)

    def push_multi_arch(
        self,
        repo: str,
        *,
        platforms: Sequence[str] = ("linux/amd64", "linux/arm64"),
        tags: Iterable[str] = (),
        layers: Sequence[int | bytes] = (SMALL_LAYER,),
        media: Media = "oci",
        attested: bool = False,
        updated: datetime | None = None,
    ) -> str:
        """Push an image for each platform, by digest, and the index over them."""
        images = [
            self.push_image(repo, layers=layers, platform=name, media=media, updated=updated) for name in platforms
        ]
        attestations = (
            {self.push_attestation(repo, image, updated=updated): image for image in images} if attested else None
        )
        return self.push_index(repo, images, tags=tags, media=media, attestations=attestations, updated=updated)

    def push_artifact(
        self,
        repo: str,
        subject: str | None,
        *,
        artifact_type: str = SIGNATURE_TYPE,
        content: bytes = b"{}",
        tags: Iterable[str] = (),
        annotations: Mapping[str, str] | None = None,
        updated: datetime | None = None,
    ) -> str:
        """Push an OCI 1.1 artifact: a signature or an SBOM that refers to its subject, present or not."""
        self._serial += 1
        document = documents.image_document(
            "oci",
            self._blob(repo, documents.OCI_EMPTY, documents.EMPTY_CONFIG),
            [self._blob(repo, artifact_type, content)],
            subject=self._subject(repo, subject),
            artifact_type=artifact_type,
            annotations={"org.opencontainers.image.revision": self._revision(), **(annotations or {})},
        )
        return self._keep(repo, document, tags, updated)

    def push_cosign_signature(
        self, repo: str, digest: str, *, suffix: str = "sig", updated: datetime | None = None
    ) -> str:
        """Push what ``cosign sign`` does: a tag ``sha256-<hex>.sig`` without a subject (``att``, ``sbom`` too)."""
        claim = encode(
            {
                "critical": {
                    "identity": {"docker-reference": repo},
                    "image": {"docker-manifest-digest": digest},
                    "type": "cosign container image signature",
                },
                "optional": None,
            }
        )
        config = encode({"architecture": "", "created": "0001-01-01T00:00:00Z", "os": "", "config": {}})
        document = documents.image_document(
            "oci",
            self._blob(repo, documents.OCI_CONFIG, config),
            [self._blob(repo, _COSIGN_LAYER, claim)],
        )
        return self._keep(repo, document, [f"{digest.replace(':', '-')}.{suffix}"], updated)

    def push_raw(
        self,
        repo: str,
        media_type: str,
        body: bytes | Mapping[str, Any],
        tags: Iterable[str] = (),
        updated: datetime | None = None,
    ) -> str:
        """Push any bytes under any media type: unknown, odd or broken manifests."""
        content = body if isinstance(body, bytes) else encode(body)
        return self.store(repo, content, media_type, tags=tags, updated=updated).digest

    def tag(self, repo: str, digest: str, tag: str, updated: datetime | None = None) -> None:
        """Point a tag to a digest; what it pointed to before loses it."""
        found = self.manifest(repo, digest)
        self.store(repo, found.body, found.media_type, tags=[tag], updated=updated)

    def lock_repository(self, repo: str, locks: Locks = LOCKED) -> None:
        """Set a repository's four flags; by default its write lock. Moves no time."""
        self.repository(repo).locks = locks

    def lock_manifest(self, repo: str, digest: str, locks: Locks = LOCKED) -> None:
        """Set a manifest's four flags; by default its write lock. Moves no time."""
        self.manifest(repo, digest).locks = locks

    def lock_tag(self, repo: str, tag: str, locks: Locks = LOCKED) -> None:
        """Set a tag's four flags; by default its write lock. Moves no time."""
        self.tag_entry(repo, tag).locks = locks

    def set_updated(self, repo: str, digest: str, when: datetime) -> None:
        """Date a manifest: its last update, and its creation if that were later."""
        at = ticks(when, digest)
        found = self.manifest(repo, digest)
        self._touch(self.repository(repo), found, at)
        found.created = min(found.created, at)

    def set_listing_lag(self, lag: timedelta) -> None:
        """Let listings show what was deleted for so long; reads by digest or tag see the delete at once."""
        self.listing_lag = lag

    def drop_body(self, repo: str, digest: str) -> None:
        """Leave a manifest listed while its body answers 404; deleting it works."""
        self.manifest(repo, digest).lost = True

    # Looking

    def repositories(self) -> list[str]:
        """Give the names of all repositories, hidden ones too."""
        return sorted(self._repositories)

    def digests(self, repo: str) -> set[str]:
        """Give the digests in a repository; empty when it does not exist."""
        return set(self._repositories[repo].manifests) if repo in self._repositories else set()

    def tags(self, repo: str) -> dict[str, str]:
        """Give tag -> digest; empty when the repository does not exist."""
        if repo not in self._repositories:
            return {}
        return {tag.name: tag.digest for tag in self._repositories[repo].tags.values()}

    def manifests(self, repo: str) -> list[Manifest]:
        """Give the manifests of a repository by digest; empty when it does not exist. Not for changing."""
        if repo not in self._repositories:
            return []
        return sorted(self._repositories[repo].manifests.values(), key=lambda found: found.digest)

    def __len__(self) -> int:
        """Count the manifests of all repositories."""
        return sum(len(repository.manifests) for repository in self._repositories.values())

    # The writing below

    def _keep(
        self,
        repo: str,
        document: dict[str, Any],
        tags: Iterable[str],
        updated: datetime | None,
        created: datetime | None = None,
    ) -> str:
        body = encode(document)
        return self.store(repo, body, document["mediaType"], tags=tags, updated=updated, created=created).digest

    def _blob(self, repo: str, media_type: str, content: int | bytes) -> dict[str, Any]:
        digest, size = self.blobs.add_layer(content)
        self.link_blob(repo, digest)
        return descriptor(media_type, digest, size)

    def _image_config(self, platform: str, updated: datetime | None) -> bytes:
        os, _, rest = platform.partition("/")
        architecture, _, variant = rest.partition("/")
        if not os or not architecture:
            raise ValueError(f"platform {platform!r}: write os/architecture, such as linux/amd64")
        self._serial += 1
        config: dict[str, Any] = {"architecture": architecture, "os": os}
        if variant:
            config["variant"] = variant
        if updated is not None:
            config["created"] = updated.isoformat()
        config["config"] = {"Labels": {"org.opencontainers.image.revision": self._revision()}}
        config["rootfs"] = {"type": "layers", "diff_ids": []}
        return encode(config)

    def _revision(self) -> str:
        return f"{self._serial:040x}"

    def _subject(self, repo: str, digest: str | None) -> dict[str, Any] | None:
        return None if digest is None else self._describe_known(repo, digest)

    def _describe_known(self, repo: str, digest: str) -> dict[str, Any]:
        found = self._repositories[repo].manifests.get(digest) if repo in self._repositories else None
        if found is None:
            return descriptor(documents.OCI_MANIFEST, digest, 525)
        return descriptor(found.media_type, digest, len(found.body))

    def _entry(self, repo: str, digest: str) -> dict[str, Any]:
        entry = self._describe_known(repo, digest)
        found = self._repositories[repo].manifests.get(digest) if repo in self._repositories else None
        if found is not None and found.architecture is not None:
            entry["platform"] = {"architecture": found.architecture, "os": found.os}
        return entry
