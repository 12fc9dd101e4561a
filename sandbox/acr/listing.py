"""Walking a repository's manifests and tags in the orders that the service offers.

``last`` is a key, not an offset: a walk goes on after it even when it is gone by now. By time, an entry that changes
meanwhile can be met twice or not at all, as in the service.
"""

from collections.abc import Iterator
from typing import Literal, TypeVar

from sandbox.acr.model import Manifest, Repository, Tag
from sandbox.acr.order import SortedKeys

Order = Literal["none", "timeasc", "timedesc"]

EntryT = TypeVar("EntryT", Manifest, Tag)


def walk_manifests(repository: Repository, last: str | None, order: Order, now: int) -> Iterator[Manifest]:
    """Walk the listed manifests after ``last`` (a digest); ``none`` orders by digest. ``now`` in ticks."""
    reap(repository, now)
    keys = _walk(repository, repository.digests, repository.by_time, repository.manifests, last=last, order=order)
    for digest in keys:
        found = repository.manifests.get(digest)
        entry = found if found is not None else repository.ghosts[digest][1]
        if entry.locks.list:
            yield entry


def walk_tags(repository: Repository, last: str | None, order: Order, now: int) -> Iterator[Tag]:
    """Walk the listed tags after ``last`` (a name); ``none`` orders by name. ``now`` in ticks."""
    reap(repository, now)
    keys = _walk(repository, repository.tag_names, repository.tags_by_time, repository.tags, last=last, order=order)
    for name in keys:
        found = repository.tags.get(name)
        entry = found if found is not None else repository.ghost_tags[name][1]
        if entry.locks.list:
            yield entry


def reap(repository: Repository, now: int) -> None:
    """Take what was deleted long enough ago out of the listings."""
    for digest in [key for key, (until, _) in repository.ghosts.items() if until <= now]:
        forget_manifest(repository, repository.ghosts.pop(digest)[1])
    for name in [key for key, (until, _) in repository.ghost_tags.items() if until <= now]:
        forget_tag(repository, repository.ghost_tags.pop(name)[1])


def forget_manifest(repository: Repository, manifest: Manifest) -> None:
    """Take a manifest out of the listings."""
    repository.digests.discard(manifest.digest)
    repository.by_time.discard(manifest.time_key)


def forget_tag(repository: Repository, tag: Tag) -> None:
    """Take a tag out of the listings."""
    repository.tag_names.discard(tag.name)
    repository.tags_by_time.discard(tag.time_key)


def _walk(
    repository: Repository,
    names: SortedKeys[str],
    times: SortedKeys[tuple[int, str]],
    live: dict[str, EntryT],
    *,
    last: str | None,
    order: Order,
) -> Iterator[str]:
    if order == "none":
        yield from names.above(last)
        return
    key: tuple[int, str] | None = None
    if last is not None:
        key = live[last].time_key if last in live else repository.last_keys.get(last)
        if key is None:
            # Assumed: nobody knows where a name stood that was never here, so there is nothing after it.
            return
    for _, name in times.above(key) if order == "timeasc" else times.below(key):
        yield name
