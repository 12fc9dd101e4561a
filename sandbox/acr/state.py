"""The registry's rules: what a push, a tag, a lock and a delete do to what is there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sandbox.acr import errors
from sandbox.acr.blobs import BlobStore
from sandbox.acr.clock import span_ticks, ticks, utc_now
from sandbox.acr.documents import IMAGE_CONFIGS, INDEXES, Outline, digest_of, outline, platform_of
from sandbox.acr.listing import forget_manifest, forget_tag, reap
from sandbox.acr.model import Manifest, Repository, Tag
from sandbox.acr.order import SortedKeys


class RegistryState:
    """Repositories and their content, changed only by the service's own rules. Not thread-safe: one event loop.

    ``clock`` gives the service's present as an aware datetime; tokens don't follow it, only what the registry holds.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self.blobs = BlobStore()
        #: How long listings still show what was deleted; a read by digest or tag sees the delete at once.
        self.listing_lag = timedelta()
        self._repositories: dict[str, Repository] = {}
        self._names: SortedKeys[str] = SortedKeys()
        #: Outlives no repository; stands apart since blobs are uploaded before the first manifest.
        self._blob_links: dict[str, set[str]] = {}

    # Reading

    def now(self, salt: str = "") -> int:
        """Read the present in ticks."""
        return ticks(self.clock(), salt)

    def repository(self, name: str) -> Repository:
        """Find a repository; raises NAME_UNKNOWN."""
        found = self._repositories.get(name)
        if found is None:
            raise errors.name_unknown(name)
        if found.ghosts:
            reap(found, self.now())
            if self._vanish_if_empty(found):
                raise errors.name_unknown(name)
        return found

    def repositories_after(self, last: str | None) -> Iterator[Repository]:
        """Walk every listed repository by name, after ``last``."""
        for name in list(self._names.above(last)):
            found = self._repositories[name]
            if found.ghosts:
                reap(found, self.now())
                if self._vanish_if_empty(found):
                    continue
            if found.locks.list:
                yield found

    def manifest(self, name: str, digest: str) -> Manifest:
        """Find a manifest by digest, for its properties; raises NAME_UNKNOWN, MANIFEST_UNKNOWN."""
        found = self.repository(name).manifests.get(digest)
        if found is None:
            raise errors.manifest_unknown(name, digest)
        return found

    def tag_entry(self, name: str, tag: str) -> Tag:
        """Find a tag; raises NAME_UNKNOWN, TAG_UNKNOWN."""
        found = self.repository(name).tags.get(tag)
        if found is None:
            raise errors.tag_unknown(name, tag)
        return found

    def pull(self, name: str, reference: str) -> Manifest:
        """Find a manifest by digest or tag, for its body; raises MANIFEST_UNKNOWN, 405 for a read lock."""
        repository = self.repository(name)
        readable = repository.locks.read
        digest = reference
        if ":" not in reference:
            tag = repository.tags.get(reference)
            if tag is None:
                raise errors.manifest_unknown(name, reference)
            readable = readable and tag.locks.read
            digest = tag.digest
        found = repository.manifests.get(digest)
        if found is None or found.lost:
            raise errors.manifest_unknown(name, reference)
        if not (readable and found.locks.read):
            raise errors.disallowed()
        return found

    def referrers(self, name: str, digest: str) -> list[Manifest]:
        """List what refers to a digest, oldest first; nothing for an unknown digest or repository."""
        repository = self._repositories.get(name)
        if repository is None:
            return []
        return [repository.manifests[key] for key in repository.referrers.get(digest, ())]

    def has_blob(self, name: str, digest: str) -> bool:
        """Whether this repository serves the blob."""
        return digest in self._blob_links.get(name, ())

    def link_blob(self, name: str, digest: str) -> None:
        """Let a repository serve a blob of the store."""
        self._blob_links.setdefault(name, set()).add(digest)

    def unlink_blob(self, name: str, digest: str) -> None:
        """Take a blob from a repository; its manifests stay and are broken by it."""
        self._blob_links.get(name, set()).discard(digest)

    def readable(self, name: str) -> bool:
        """Say whether a repository's read lock is open; one that is not there (yet) is open."""
        return name not in self._repositories or self._repositories[name].locks.read

    def writable(self, name: str) -> bool:
        """Say whether a repository takes pushes; one that is not there (yet) does."""
        return name not in self._repositories or self._repositories[name].locks.write

    # Pushing

    def store(
        self,
        name: str,
        body: bytes,
        media_type: str,
        *,
        tags: Iterable[str] = (),
        updated: datetime | None = None,
        created: datetime | None = None,
        read: Outline | None = None,
    ) -> Manifest:
        """Keep a manifest and let the tags point to it. Checks no lock and no content: that is the push's part."""
        digest = digest_of(body)
        at = ticks(updated, digest) if updated is not None else self.now(digest)
        repository = self._repositories.get(name)
        if repository is None:
            repository = self._repositories[name] = Repository(name, created=at, updated=at)
            self._names.add(name)
        repository.created = min(repository.created, at)
        repository.updated = max(repository.updated, at)
        found = repository.manifests.get(digest)
        if found is None:
            found = self._describe(repository, digest, body, media_type, read or outline(body))
            found.created = ticks(created, digest) if created is not None else at
            found.updated = at
            self._admit(repository, found)
        else:
            self._touch(repository, found, at)
        for tag in tags:
            self._point(repository, tag, found, at)
        return found

    def untag(self, name: str, tag: str) -> None:
        """Take a tag away; the manifest stays. Checks no lock."""
        repository = self.repository(name)
        entry = self.tag_entry(name, tag)
        at = self.now(entry.digest)
        self._drop_tag(repository, entry, at)
        found = repository.manifests[entry.digest]
        found.tags = tuple(other for other in found.tags if other != tag)
        self._touch(repository, found, at)
        repository.updated = max(repository.updated, at)

    # Attributes

    def patch_repository(self, name: str, attributes: Mapping[str, object]) -> Repository:
        """Change a repository's locks."""
        repository = self.repository(name)
        repository.locks = repository.locks.patched(attributes)
        repository.updated = self.now(name)
        return repository

    def patch_manifest(self, name: str, digest: str, attributes: Mapping[str, object]) -> Manifest:
        """Change a manifest's locks; moves its last update time."""
        found = self.manifest(name, digest)
        found.locks = found.locks.patched(attributes)
        self._touch(self.repository(name), found, self.now(digest))
        return found

    def patch_tag(self, name: str, tag: str, attributes: Mapping[str, object]) -> Tag:
        """Change a tag's locks; its manifest keeps its own."""
        repository, entry = self.repository(name), self.tag_entry(name, tag)
        entry.locks = entry.locks.patched(attributes)
        self._touch_tag(repository, entry, self.now(entry.digest))
        return entry

    # Deleting

    def delete_tag(self, name: str, tag: str) -> None:
        """Untag; raises 405 when the tag or the repository is locked."""
        entry = self.tag_entry(name, tag)
        if not (entry.locks.deletable and self.repository(name).locks.write):
            raise errors.disallowed()
        self.untag(name, tag)

    def delete_manifest(self, name: str, digest: str) -> list[str]:
        """Delete a manifest, its tags and, at any depth, its referrers; give all digests that went.

        Raises 405 when it, one of its tags or the whole repository is locked. Assumed: the locks of its referrers
        don't hold the cascade up. The children of an index stay, and a child of a live index may go.
        """
        repository, found = self.repository(name), self.manifest(name, digest)
        if not (found.locks.deletable and repository.locks.write):
            raise errors.disallowed()
        if not all(repository.tags[tag].locks.deletable for tag in found.tags):
            raise errors.disallowed()
        gone: list[str] = []
        waiting = [digest]
        while waiting:
            current = waiting.pop()
            waiting += repository.referrers.get(current, ())
            self._remove(repository, repository.manifests[current])
            gone.append(current)
        repository.updated = self.now(digest)
        self._vanish_if_empty(repository)
        return gone

    def delete_repository(self, name: str) -> tuple[list[str], list[str]]:
        """Delete a repository with all in it; give the digests and tags that went.

        Raises 405 when the repository or (assumed) anything in it is locked.
        """
        repository = self.repository(name)
        if not repository.locks.deletable:
            raise errors.disallowed()
        held = [entry.locks for entry in repository.manifests.values()]
        held += [entry.locks for entry in repository.tags.values()]
        if not all(locks.deletable for locks in held):
            raise errors.disallowed()
        gone = sorted(repository.manifests), sorted(repository.tags)
        for found in list(repository.manifests.values()):
            self._remove(repository, found)
        self._vanish_if_empty(repository)
        return gone

    # The bookkeeping below

    def _describe(self, repository: Repository, digest: str, body: bytes, media_type: str, read: Outline) -> Manifest:
        size = (read.config[1] if read.config else 0) + sum(size for _, size in read.layers)
        if media_type in INDEXES:
            children = (repository.manifests.get(child) for child in read.children)
            size = sum(child.image_size for child in children if child is not None)
        architecture = os = None
        if read.config and read.config_media_type in IMAGE_CONFIGS:
            config = self.blobs.read(read.config[0])
            architecture, os = platform_of(config) if config is not None else (None, None)
        return Manifest(
            digest,
            body,
            media_type,
            size,
            created=0,
            updated=0,
            architecture=architecture,
            os=os,
            config_media_type=read.config_media_type,
            artifact_type=read.artifact_type,
            subject=read.subject,
        )

    def _admit(self, repository: Repository, found: Manifest) -> None:
        ghost = repository.ghosts.pop(found.digest, None)
        if ghost is not None:
            forget_manifest(repository, ghost[1])
        repository.manifests[found.digest] = found
        repository.digests.add(found.digest)
        repository.by_time.add(found.time_key)
        if found.subject is not None:
            repository.referrers.setdefault(found.subject, {})[found.digest] = None

    def _point(self, repository: Repository, name: str, target: Manifest, at: int) -> None:
        entry = repository.tags.get(name)
        if entry is None:
            ghost = repository.ghost_tags.pop(name, None)
            if ghost is not None:
                forget_tag(repository, ghost[1])
            entry = repository.tags[name] = Tag(name, target.digest, created=at, updated=at)
            repository.tag_names.add(name)
            repository.tags_by_time.add(entry.time_key)
        else:
            if entry.digest != target.digest:
                loser = repository.manifests[entry.digest]
                loser.tags = tuple(other for other in loser.tags if other != name)
                self._touch(repository, loser, at)
            entry.digest = target.digest
            self._touch_tag(repository, entry, at)
        if name not in target.tags:
            target.tags = tuple(sorted((*target.tags, name)))

    def _touch(self, repository: Repository, found: Manifest, at: int) -> None:
        repository.by_time.discard(found.time_key)
        found.updated = at
        repository.by_time.add(found.time_key)

    def _touch_tag(self, repository: Repository, entry: Tag, at: int) -> None:
        repository.tags_by_time.discard(entry.time_key)
        entry.updated = at
        repository.tags_by_time.add(entry.time_key)

    def _remove(self, repository: Repository, found: Manifest) -> None:
        at = self.now(found.digest)
        for tag in found.tags:
            self._drop_tag(repository, repository.tags[tag], at)
        del repository.manifests[found.digest]
        repository.last_keys[found.digest] = found.time_key
        if self.listing_lag:
            until = at + span_ticks(self.listing_lag)
            repository.ghosts[found.digest] = (until, found)
        else:
            forget_manifest(repository, found)
        if found.subject is not None:
            siblings = repository.referrers.get(found.subject, {})
            siblings.pop(found.digest, None)
            if not siblings:
                repository.referrers.pop(found.subject, None)

    def _drop_tag(self, repository: Repository, entry: Tag, at: int) -> None:
        del repository.tags[entry.name]
        repository.last_keys[entry.name] = entry.time_key
        if self.listing_lag:
            repository.ghost_tags[entry.name] = (at + span_ticks(self.listing_lag), entry)
        else:
            forget_tag(repository, entry)

    def _vanish_if_empty(self, repository: Repository) -> bool:
        if repository.manifests or repository.ghosts:
            return False
        del self._repositories[repository.name]
        self._names.discard(repository.name)
        self._blob_links.pop(repository.name, None)
        return True
