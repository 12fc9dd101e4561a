"""A snapshot of one repository: all that is needed to judge every manifest in it, or the reason why it isn't."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.domain.body import UnreadableBodyError, read_body
from bot.domain.manifest import Body, Descriptor, Manifest, Snapshot, Tag
from bot.errors import (
    LockedError,
    RegistryDeniedError,
    RegistryError,
    RegistryThrottledError,
    RegistryUnreachableError,
    RepositoryNotFoundError,
)
from bot.registry.client import RegistryClient
from bot.registry.documents import RepositoryInfo

_log = structlog.get_logger(__name__)

_ASK = 500  # digests asked of the cache at once
_PUT = 200  # bodies given to the cache at once
# One unreadable body keeps the whole repository; some more tell whether it is one or all of them.
_ENOUGH = 10
_UNLISTED = 50


class BodyCache(Protocol):
    """Where bodies are kept. They never change for a digest, so what is in it is never asked of a registry again."""

    async def get(self, digests: Collection[str]) -> dict[str, Body]:
        """Give those that it has; at most 500 are asked for at once."""
        ...

    async def put(self, bodies: Iterable[Body]) -> None:
        """Keep these; one that is there already is no fault."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """Every manifest and tag of a repository, without bodies. ``fault`` says what is missing, where anything is."""

    info: RepositoryInfo
    manifests: dict[str, Manifest]
    tags: tuple[Tag, ...]
    fault: str


async def take_listing(client: RegistryClient, repository: str) -> Listing:
    """List a repository: its locks, every manifest and tag.

    What the listings leave out is looked for too: manifests that only a tag tells of, and counts that are higher than
    what is listed (``listEnabled`` false hides things, and ACR's listings have been incomplete: Azure/acr#257; a
    manifest's entry may lack some of its tags: Azure/azure-cli#7438).

    Raises RepositoryNotFoundError, and RegistryError where the registry could not be asked to the end.
    """
    info = await client.repository(repository)  # before the listings: see _compare_counts
    async with _workers() as group:
        listing = group.create_task(client.manifests(repository))
        tagging = group.create_task(client.tags(repository))
    manifests = {manifest.digest: manifest for manifest in listing.result()}
    tags = tagging.result()
    fault = await _find_unlisted(client, repository, manifests, tags)
    _add_tags(manifests, tags)
    fault = fault or await _compare_counts(client, info, manifests)
    return Listing(info, manifests, tuple(tags), fault)


async def take_snapshot(client: RegistryClient, cache: BodyCache, repository: str, now: datetime) -> Snapshot:
    """Look at a repository: what ``take_listing`` gives, and the body of each that can hold or need another.

    The digest "" in ``unreadable`` stands for the repository as a whole. Raises what ``take_listing`` raises, and
    RegistryError where the bodies could not be read to the end. A single body that can't be had does not raise: it is
    ``unreadable`` or, where it is gone, ``vanished``.
    """
    listing = await take_listing(client, repository)
    reader = _BodyReader(client, cache, repository)
    if not listing.fault:
        await reader.read([digest for digest, manifest in listing.manifests.items() if manifest.needs_body])
    unreadable = ({"": listing.fault} if listing.fault else {}) | reader.unreadable
    if unreadable:
        _log.warning("snapshot_unreadable", repository=repository, bodies=len(reader.unreadable), fault=listing.fault)
    return Snapshot(
        registry=client.name,
        repository=repository,
        taken=now,
        manifests=listing.manifests,
        bodies=reader.bodies,
        tags=listing.tags,
        locks=listing.info.locks,
        unreadable=unreadable,
        vanished=frozenset(reader.vanished),
    )


async def _find_unlisted(
    client: RegistryClient, repository: str, manifests: dict[str, Manifest], tags: Sequence[Tag]
) -> str:
    """Add what tags point to and the listing lacks: hidden, or pushed a moment ago. Give a reason to give up, or ""."""
    unlisted = list(dict.fromkeys(tag.digest for tag in tags if tag.digest not in manifests))
    if len(unlisted) > _UNLISTED:
        return f"{len(unlisted)} of its tags point to manifests that are not listed"
    async with _workers() as group:
        found = [group.create_task(client.manifest(repository, digest)) for digest in unlisted]
    for task in found:
        manifest = task.result()
        if manifest is not None:
            manifests[manifest.digest] = manifest
    return ""


def _add_tags(manifests: dict[str, Manifest], tags: Sequence[Tag]) -> None:
    """Give each manifest the tags of both listings: what one of them calls tagged is tagged."""
    more: dict[str, list[str]] = {}
    for tag in tags:
        manifest = manifests.get(tag.digest)
        if manifest is not None and tag.name not in manifest.tags:
            more.setdefault(tag.digest, []).append(tag.name)
    for digest, names in more.items():
        manifests[digest] = replace(manifests[digest], tags=(*manifests[digest].tags, *names))


async def _compare_counts(client: RegistryClient, info: RepositoryInfo, manifests: dict[str, Manifest]) -> str:
    """Say what is missing from the listings by the registry's own count, or ""."""
    listed = len(manifests)
    named = len({tag for manifest in manifests.values() for tag in manifest.tags})
    if info.manifest_count <= listed and info.tag_count <= named:
        return ""
    # A delete meanwhile makes the count from before too high, a push the one from after: only both together tell.
    after = await client.repository(info.name)
    hidden = min(info.manifest_count, after.manifest_count) - listed
    if hidden > 0:
        return f"{hidden} of its manifests are not listed (listEnabled false hides them, or a listing lags)"
    hidden = min(info.tag_count, after.tag_count) - named
    if hidden > 0:
        return f"{hidden} of its tags are not listed (listEnabled false hides them, or a listing lags)"
    return ""


async def read_bodies(
    client: RegistryClient, cache: BodyCache, repository: str, digests: Sequence[str]
) -> tuple[dict[str, Body], int]:
    """Give the bodies of these manifests, and of how many there is none to be had though they are still there.

    Raises RegistryError where the registry could not be asked to the end; what was read by then is in the cache.
    """
    reader = _BodyReader(client, cache, repository)
    await reader.read(digests)
    return reader.bodies, len(digests) - len(reader.bodies) - len(reader.vanished)


class _BodyReader:
    """Gets bodies from the cache, else from the registry, as many at once as the registry takes."""

    def __init__(self, client: RegistryClient, cache: BodyCache, repository: str) -> None:
        self._client = client
        self._cache = cache
        self._repository = repository
        self._fresh: list[Body] = []
        # Images of one repository share most of their layers; so do their bodies here.
        self._shared: dict[Descriptor, Descriptor] = {}
        self.bodies: dict[str, Body] = {}
        self.unreadable: dict[str, str] = {}
        self.vanished: set[str] = set()

    async def read(self, digests: Sequence[str]) -> None:
        for start in range(0, len(digests), _ASK):
            for body in (await self._cache.get(digests[start : start + _ASK])).values():
                self._add(body)
        missing = [digest for digest in digests if digest not in self.bodies]
        todo = iter(missing)
        try:
            async with _workers() as group:
                for _ in range(min(self._client.concurrency, len(missing))):
                    group.create_task(self._work(todo))
        finally:
            # What was read is kept even if the rest can't be: the next look then begins where this one ended.
            await self._flush(0)

    async def _work(self, todo: Iterator[str]) -> None:
        for digest in todo:
            if len(self.unreadable) >= _ENOUGH:
                return
            await self._fetch(digest)
            await self._flush(_PUT)

    async def _fetch(self, digest: str) -> None:
        try:
            content = await self._client.body(self._repository, digest)
            if content is None:
                self.vanished.add(digest)
                return
            body = read_body(digest, content)
        except UnreadableBodyError as error:
            self.unreadable[digest] = str(error)
        except LockedError:
            self.unreadable[digest] = "reading its body is switched off (readEnabled is false)"
        except (RegistryUnreachableError, RegistryDeniedError, RegistryThrottledError, RepositoryNotFoundError):
            raise
        except RegistryError as error:
            self.unreadable[digest] = error.problem
        else:
            self._add(body)
            self._fresh.append(body)

    def _add(self, body: Body) -> None:
        shared = tuple(self._shared.setdefault(blob, blob) for blob in body.blobs)
        self.bodies[body.digest] = replace(body, blobs=shared)

    async def _flush(self, least: int) -> None:
        if len(self._fresh) > least:
            fresh, self._fresh = self._fresh, []
            await self._cache.put(fresh)


@asynccontextmanager
async def _workers() -> AsyncIterator[asyncio.TaskGroup]:
    """Open a task group whose first failure ends the others and comes out by itself, with its own cause."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except ExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__
