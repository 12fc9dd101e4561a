import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.manifest import Body, Locks, Snapshot
from bot.domain.rule import Protection, Rule
from bot.domain.selection import judge
from bot.errors import (
    RegistryDeniedError,
    RegistryError,
    RegistryThrottledError,
    RegistryUnreachableError,
    RepositoryNotFoundError,
)
from bot.registry import RegistryClient, take_snapshot
from sandbox.acr import LOCKED, AcrOptions, AcrSandbox, Fault
from sandbox.acr import Locks as Flags
from tests.registry.conftest import MakeClient, MemoryCache

REPO = "payments/api"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
# Nothing but what the snapshot itself says protects anything.
RULE = Rule(protection=Protection(grace=timedelta()))


async def test_a_snapshot_holds_all_that_is_needed_to_judge(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """Children, subjects, tags and locks are those of the registry; a Docker image needs no body."""
    index = acr.registry.push_multi_arch(REPO, tags=["v1"], platforms=("linux/amd64", "linux/arm64"))
    signature = acr.registry.push_artifact(REPO, index)
    docker = acr.registry.push_image(REPO, media="docker")
    acr.registry.lock_tag(REPO, "v1")
    acr.registry.lock_repository(REPO)
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert (snapshot.registry, snapshot.repository, snapshot.taken) == ("myregistry", REPO, NOW)
    assert snapshot.manifests.keys() == acr.registry.digests(REPO)
    assert snapshot.bodies.keys() == acr.registry.digests(REPO) - {docker}
    children = {child.digest for child in snapshot.bodies[index].children}
    assert children == acr.registry.digests(REPO) - {docker, signature, index}
    assert {child.platform for child in snapshot.bodies[index].children} == {"linux/amd64", "linux/arm64"}
    assert snapshot.bodies[signature].subject == index
    assert snapshot.locks == Locks(delete_enabled=LOCKED.delete, write_enabled=LOCKED.write)
    assert [(tag.name, tag.digest, tag.locks.forbid_delete) for tag in snapshot.tags] == [("v1", index, True)]
    assert (snapshot.unreadable, snapshot.vanished) == ({}, frozenset())
    assert acr.log.count("get_manifest") == 4


async def test_a_body_is_fetched_once_and_for_all(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """A second look asks for the listings alone, and for the bodies of what is new."""
    for _ in range(20):
        acr.registry.push_multi_arch(REPO)
    first = await take_snapshot(client, cache, REPO, NOW)
    assert (acr.log.count("get_manifest"), len(cache.bodies)) == (60, 60)
    acr.log.clear()
    assert await take_snapshot(client, cache, REPO, NOW) == first
    assert acr.log.kinds() == {"get_repository": 1, "list_manifests": 1, "list_tags": 1}
    acr.registry.push_image(REPO)
    await take_snapshot(client, cache, REPO, NOW)
    assert acr.log.count("get_manifest") == 1


async def test_the_cache_is_asked_and_filled_in_batches(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """However many bodies there are, no question to the database grows with them."""
    for _ in range(1_200):
        acr.registry.push_image(REPO)
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert len(snapshot.bodies) == len(cache.bodies) == sum(cache.puts) == 1_200
    assert cache.largest <= 500
    assert max(cache.puts) <= 250


async def test_images_that_share_layers_share_them_in_memory(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """A layer's descriptor is there once, whatever number of bodies names it."""
    layers = [b"base", b"runtime"]
    for _ in range(10):
        acr.registry.push_image(REPO, layers=layers)
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    descriptors = [blob for body in snapshot.bodies.values() for blob in body.blobs]
    assert len(descriptors) == 30
    assert len({id(blob) for blob in descriptors}) == 12


async def test_a_body_that_is_gone_is_vanished(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """404 on a listed digest is no failure."""
    kept = acr.registry.push_image(REPO)
    gone = acr.registry.push_image(REPO)
    acr.registry.drop_body(REPO, gone)
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert snapshot.vanished == {gone}
    assert snapshot.bodies.keys() == cache.bodies.keys() == {kept}
    assert snapshot.unreadable == {}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"no json", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"manifests": "x"}', "not a list"),
        (b'{"subject": {"digest": "sha256:short"}}', "no digest that can be read"),
    ],
)
async def test_a_body_that_cannot_be_understood_is_unreadable(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache, body: bytes, reason: str
) -> None:
    """The reason is kept with its digest, and nothing of it gets into the cache."""
    good = acr.registry.push_image(REPO)
    bad = acr.registry.push_raw(REPO, "application/vnd.oci.image.index.v1+json", body)
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert snapshot.unreadable.keys() == {bad}
    assert cache.bodies.keys() == {good}
    assert snapshot.unreadable[bad]
    # The SDK finds what is no JSON before we do, and says it in its own way.
    assert reason in snapshot.unreadable[bad] or "JSON" in snapshot.unreadable[bad]


async def test_a_body_that_may_not_be_pulled_is_unreadable(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """A read lock hides what a manifest holds, so the repository can't be judged."""
    digest = acr.registry.push_multi_arch(REPO, tags=["v1"])
    acr.registry.lock_manifest(REPO, digest, Flags(read=False))
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert "readEnabled" in snapshot.unreadable[digest]
    judgement = judge(snapshot, RULE, NOW)
    assert judgement.going == []
    assert "readEnabled" in judgement.fault


async def test_a_wrong_body_is_unreadable(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """Bytes that have another digest are never believed."""
    digest = acr.registry.push_multi_arch(REPO, platforms=("linux/amd64",))
    acr.faults.add(Fault(status=200, kind="get_manifest", path=digest, body={"schemaVersion": 2}))
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert snapshot.unreadable.keys() == {digest}
    assert "digest" in snapshot.unreadable[digest]
    assert digest not in cache.bodies


async def test_a_few_unreadable_bodies_are_enough(acr: AcrSandbox, make_client: MakeClient, cache: MemoryCache) -> None:
    """One keeps the repository; when many are unreadable, the rest is not asked for."""
    for _ in range(300):
        acr.registry.push_image(REPO)
    acr.registry.lock_repository(REPO, Flags(read=False))
    snapshot = await take_snapshot(make_client(concurrency=4), cache, REPO, NOW)
    assert 10 <= len(snapshot.unreadable) <= 14
    assert acr.log.count("get_manifest") <= 14


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "600"}), RegistryThrottledError),
        (Fault(action="reset"), RegistryUnreachableError),
        (Fault(action="hang"), RegistryUnreachableError),
        (Fault(status=403), RegistryDeniedError),
    ],
)
@pytest.mark.parametrize("kind", ["get_repository", "list_manifests", "list_tags", "get_manifest"])
async def test_a_registry_that_fails_as_a_whole_raises(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache, *, kind: str, fault: Fault, error: type[RegistryError]
) -> None:
    """Whichever part of the look fails, the error comes out by itself and nothing stays under way."""
    for _ in range(20):
        acr.registry.push_image(REPO, tags=["v1"])
    acr.faults.add(Fault(action=fault.action, status=fault.status, headers=fault.headers, kind=kind))
    with pytest.raises(error) as caught:
        await take_snapshot(client, cache, REPO, NOW)
    assert type(caught.value) is error
    assert caught.value.__cause__ is not None
    assert (client.pace.busy, client.pace.waiting) == (0, 0)


async def test_what_was_read_before_a_failure_is_kept(
    acr: AcrSandbox, make_client: MakeClient, cache: MemoryCache
) -> None:
    """The next look begins where this one ended."""
    for _ in range(50):
        acr.registry.push_image(REPO)
    acr.faults.add(Fault(status=403, kind="get_manifest", skip=30))
    with pytest.raises(RegistryDeniedError):
        await take_snapshot(make_client(concurrency=1), cache, REPO, NOW)
    assert len(cache.bodies) == 30
    acr.faults.clear()
    acr.log.clear()
    await take_snapshot(make_client(), cache, REPO, NOW)
    assert acr.log.count("get_manifest") == 20


async def test_an_unknown_repository_raises(client: RegistryClient, cache: MemoryCache) -> None:
    """The error names it."""
    with pytest.raises(RepositoryNotFoundError, match="payments/api"):
        await take_snapshot(client, cache, REPO, NOW)


async def test_a_hidden_manifest_that_is_tagged_is_looked_up(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """An index that listings hide still protects its children, since its tag tells of it."""
    index = acr.registry.push_multi_arch(REPO, tags=["v1"])
    acr.registry.lock_manifest(REPO, index, Flags(list=False))
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert snapshot.manifests.keys() == acr.registry.digests(REPO)
    assert snapshot.manifests[index].tags == ("v1",)
    assert snapshot.unreadable == {}
    assert judge(snapshot, RULE, NOW).going == []


async def test_a_hidden_manifest_without_a_tag_keeps_the_repository(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """What the count betrays and no listing shows could hold anything."""
    index = acr.registry.push_multi_arch(REPO)
    acr.registry.lock_manifest(REPO, index, Flags(list=False))
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert "1 of its manifests are not listed" in snapshot.unreadable[""]
    assert judge(snapshot, RULE, NOW).going == []


async def test_a_page_that_lost_its_link_keeps_the_repository(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """A listing that ends too soon without a word is found out by the count."""
    for n in range(5):
        acr.registry.push_image(REPO, tags=[f"v{n}"])
    entries = await client.manifests(REPO)
    page = {
        "imageName": REPO,
        "manifests": [
            {
                "digest": entry.digest,
                "imageSize": 1,
                "createdTime": "2026-01-01T00:00:00Z",
                "lastUpdateTime": "2026-01-01T00:00:00.1234567Z",
                "mediaType": entry.media_type,
                "changeableAttributes": {"deleteEnabled": True, "writeEnabled": True},
            }
            for entry in entries[:3]
        ],
    }
    acr.registry.push_image(REPO)
    acr.faults.add(Fault(status=200, kind="list_manifests", body=page))
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    # Two that are tagged were looked up one by one; the one that is not is missing.
    assert len(snapshot.manifests) == 5
    assert "1 of its manifests" in snapshot.unreadable[""]
    assert {tag for manifest in snapshot.manifests.values() for tag in manifest.tags} == {f"v{n}" for n in range(5)}


async def test_a_hidden_tag_keeps_the_repository(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """A manifest whose only tag is hidden looks untagged, and is not taken for it."""
    acr.registry.push_image(REPO, tags=["secret"])
    acr.registry.lock_tag(REPO, "secret", Flags(list=False))
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert judge(snapshot, RULE, NOW).going == []


async def test_a_push_or_a_delete_meanwhile_is_no_fault(
    acr: AcrSandbox, client: RegistryClient, cache: MemoryCache
) -> None:
    """Counts that moved while we looked keep nothing."""
    digests = [acr.registry.push_image(REPO, tags=[f"v{n}"]) for n in range(10)]

    async def look(slow: str, change: Callable[[], object]) -> Snapshot:
        acr.log.clear()
        fault = acr.faults.add(Fault(action="hang", seconds=0.3, kind=slow, count=1))
        looking = asyncio.create_task(take_snapshot(client, cache, REPO, NOW))
        async with asyncio.timeout(5):
            while not fault.hits:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.01)
        change()
        return await looking

    deleted = await look("list_manifests", lambda: acr.registry.delete_manifest(REPO, digests[0]))
    assert (len(deleted.manifests), deleted.unreadable) == (9, {})
    pushed = await look("list_tags", lambda: acr.registry.push_image(REPO, tags=["new"]))
    assert (len(pushed.manifests), pushed.unreadable) == (10, {})
    untagged = await look("list_manifests", lambda: acr.registry.push_image(REPO))
    assert (len(untagged.manifests), untagged.unreadable) == (11, {})


async def test_what_nothing_protects_may_go(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """The rule of these tests does select, so that keeping everything means something."""
    index = acr.registry.push_multi_arch(REPO)
    judgement = judge(await take_snapshot(client, cache, REPO, NOW), RULE, NOW)
    assert judgement.going[0].manifest.digest == index
    assert len(judgement.going) == 3


async def test_a_cached_body_is_believed(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """The cache is the database's own, and what is in it was checked when it was put there."""
    digest = acr.registry.push_image(REPO)
    cache.bodies[digest] = Body(digest, subject="sha256:" + "1" * 64)
    snapshot = await take_snapshot(client, cache, REPO, NOW)
    assert snapshot.bodies[digest] == cache.bodies[digest]
    assert acr.log.count("get_manifest") == 0


async def test_a_missing_right_to_pull_raises(
    acr: AcrSandbox, options: AcrOptions, client: RegistryClient, cache: MemoryCache
) -> None:
    """Without leave to pull no body can be read, and the words name the role."""
    acr.registry.push_image(REPO)
    options.principals[0] = options.principals[0].without("pull")
    with pytest.raises(RegistryDeniedError, match="AcrPull"):
        await take_snapshot(client, cache, REPO, NOW)
