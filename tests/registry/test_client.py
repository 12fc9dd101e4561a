import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from azure.identity.aio import DefaultAzureCredential

from bot.domain.body import read_body
from bot.domain.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Kind, Locks, Tag
from bot.errors import BadInputError, ConfigurationError, LockedError, RegistryUnreachableError, RepositoryNotFoundError
from bot.registry import Deletion, RegistryClient
from sandbox.acr import LOCKED, AcrSandbox, Registry
from tests.registry.conftest import QUICK, MakeClient

REPO = "payments/api/v2"
WHEN = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
ABSENT = "sha256:" + "0" * 64


async def test_repositories_are_listed_over_all_pages(acr: AcrSandbox, client: RegistryClient) -> None:
    """All names come back in the registry's order, however many pages they take."""
    names = sorted(f"team-{n:04}/app" for n in range(1_050))
    for name in names:
        acr.registry.push_image(name)
    assert await client.repositories() == names
    assert acr.log.count("list_repositories") == 2


async def test_an_empty_registry_has_no_repositories(client: RegistryClient) -> None:
    """A page of null is an empty list."""
    assert await client.repositories() == []


async def test_a_repository_says_its_locks_counts_and_times(acr: AcrSandbox, client: RegistryClient) -> None:
    """What the registry knows of a repository arrives whole, for a name with slashes."""
    acr.registry.push_image(REPO, tags=["v1", "v2"], updated=WHEN)
    acr.registry.push_image(REPO, updated=WHEN)
    acr.registry.lock_repository(REPO)
    info = await client.repository(REPO)
    assert (info.name, info.manifest_count, info.tag_count) == (REPO, 2, 2)
    assert info.locks == Locks(delete_enabled=LOCKED.delete, write_enabled=LOCKED.write)
    assert info.created == info.updated == WHEN


async def test_manifests_arrive_with_all_that_a_listing_tells(acr: AcrSandbox, client: RegistryClient) -> None:
    """Media type, tags, size, times, platform and locks are those of the registry."""
    docker = acr.registry.push_image(REPO, tags=["v1"], media="docker", platform="windows/amd64", updated=WHEN)
    index = acr.registry.push_multi_arch(REPO, tags=["v2", "latest"], updated=WHEN)
    signature = acr.registry.push_artifact(REPO, index)
    acr.registry.lock_manifest(REPO, index)
    found = {manifest.digest: manifest for manifest in await client.manifests(REPO)}
    assert found.keys() == acr.registry.digests(REPO)
    assert (found[docker].media_type, found[docker].tags) == (DOCKER_MANIFEST, ("v1",))
    assert (found[docker].os, found[docker].architecture) == ("windows", "amd64")
    assert found[docker].created == found[docker].updated == WHEN
    assert found[docker].size == acr.registry.manifest(REPO, docker).image_size
    assert not found[docker].locks.forbid_delete
    assert found[index].media_type == OCI_INDEX
    assert set(found[index].tags) == {"v2", "latest"}
    assert found[index].locks.forbid_delete
    assert found[signature].kind is Kind.IMAGE
    assert found[signature].artifact_type
    assert found[signature].media_type == OCI_MANIFEST


async def test_changes_are_listed_down_to_a_moment(acr: AcrSandbox, client: RegistryClient) -> None:
    """What has changed since comes first, and no page is asked for behind the one that ends there."""
    for number in range(350):
        acr.registry.push_image(REPO, updated=WHEN - timedelta(minutes=number))
    image = acr.registry.push_image(REPO, updated=WHEN - timedelta(days=9))
    acr.registry.tag(REPO, image, "v1", updated=WHEN + timedelta(minutes=1))
    for since, pages in ((WHEN, 1), (WHEN - timedelta(minutes=120), 2), (WHEN - timedelta(days=99), 4)):
        acr.log.clear()
        found = await client.changes(REPO, since)
        assert (found[0].digest, found[0].tags) == (image, ("v1",))
        assert {m.digest for m in found} >= {m.digest for m in await client.manifests(REPO) if m.updated >= since}
        assert [entry.kind for entry in acr.log if "timedesc" in entry.query] == ["list_manifests"] * pages
    with pytest.raises(RepositoryNotFoundError):
        await client.changes("nosuch", WHEN)


async def test_2500_manifests_and_tags_are_listed_over_pages_of_1000(acr: AcrSandbox, client: RegistryClient) -> None:
    """Every entry of three pages arrives once, at one request a page."""
    digests = {acr.registry.push_image(REPO, tags=[f"v{n}"]) for n in range(2_500)}
    manifests = await client.manifests(REPO)
    tags = await client.tags(REPO)
    assert len(manifests) == len(tags) == 2_500
    assert {manifest.digest for manifest in manifests} == digests
    assert {tag.name: tag.digest for tag in tags} == acr.registry.tags(REPO)
    assert (acr.log.count("list_manifests"), acr.log.count("list_tags"), acr.log.count("challenge")) == (3, 3, 0)


async def test_tags_carry_their_digest_and_locks(acr: AcrSandbox, client: RegistryClient) -> None:
    """A tag's lock is its own, whatever its manifest's."""
    digest = acr.registry.push_image(REPO, tags=["v1", "v2"])
    acr.registry.lock_tag(REPO, "v2")
    locks = Locks(delete_enabled=LOCKED.delete, write_enabled=LOCKED.write)
    found = sorted(await client.tags(REPO), key=lambda tag: tag.name)
    assert [replace(tag, updated=None) for tag in found] == [Tag("v1", digest), Tag("v2", digest, locks)]
    assert all(tag.updated for tag in found)
    assert [await client.tag(REPO, tag.name) for tag in found] == found


async def test_a_tag_is_removed_and_nothing_else(acr: AcrSandbox, client: RegistryClient) -> None:
    """The manifest and its other tags stay; a second time the tag is gone; a locked one is refused."""
    digest = acr.registry.push_image(REPO, tags=["v1", "v2", "v3"])
    acr.registry.lock_tag(REPO, "v3")
    assert await client.delete_tag(REPO, "v1") is True
    assert await client.delete_tag(REPO, "v1") is False
    assert await client.tag(REPO, "v1") is None
    with pytest.raises(LockedError, match="remove the tag"):
        await client.delete_tag(REPO, "v3")
    assert acr.registry.tags(REPO) == {"v2": digest, "v3": digest}
    assert await client.delete_tag("no/such", "v1") is False
    assert await client.tag("no/such", "v1") is None
    for wrong in (digest, "../v2", "", "a b"):
        with pytest.raises(BadInputError, match="is not a tag"):
            await client.delete_tag(REPO, wrong)


async def test_each_lock_is_set_by_itself(acr: AcrSandbox, client: RegistryClient) -> None:
    """The lock of a repository, of a manifest and of a tag are three; what is gone is said to be."""
    digest = acr.registry.push_image(REPO, tags=["v1"])
    locked = Locks(delete_enabled=False, write_enabled=False)

    async def all_three() -> list[Locks]:
        tag, manifest = await client.tag(REPO, "v1"), await client.manifest(REPO, digest)
        assert tag
        assert manifest
        return [(await client.repository(REPO)).locks, manifest.locks, tag.locks]

    for turn, named in enumerate(({}, {"digest": digest}, {"tag": "v1"})):
        assert await client.set_locks(REPO, locked, **named)
        assert await all_three() == [locked if place == turn else Locks() for place in range(3)]
        assert await client.set_locks(REPO, Locks(), **named)
    assert await all_three() == [Locks()] * 3
    assert not await client.set_locks(REPO, locked, tag="gone")
    assert not await client.set_locks(REPO, locked, digest=ABSENT)
    assert not await client.set_locks("no/such", locked)


async def test_a_single_manifest_is_looked_up(acr: AcrSandbox, client: RegistryClient) -> None:
    """It reads as it does in a listing; one that is gone is None."""
    digest = acr.registry.push_image(REPO, tags=["v1"], updated=WHEN)
    assert [await client.manifest(REPO, digest)] == await client.manifests(REPO)
    assert await client.manifest(REPO, ABSENT) is None
    assert await client.manifest("no/such", ABSENT) is None


async def test_a_body_is_the_bytes_that_were_pushed(acr: AcrSandbox, client: RegistryClient) -> None:
    """The bytes have their digest, for every kind of manifest."""
    image = acr.registry.push_image(REPO, media="docker")
    index = acr.registry.push_multi_arch(REPO)
    for digest in (image, index):
        content = await client.body(REPO, digest)
        assert content is not None
        assert read_body(digest, content).digest == digest
        assert content == acr.registry.manifest(REPO, digest).body


async def test_a_body_that_is_gone_is_none(acr: AcrSandbox, client: RegistryClient) -> None:
    """404 on a listed digest is normal, and so is one for a repository that went with its last manifest."""
    digest = acr.registry.push_image(REPO)
    acr.registry.drop_body(REPO, digest)
    assert await client.body(REPO, digest) is None
    assert await client.body("no/such", ABSENT) is None


async def test_a_delete_says_whether_it_deleted(acr: AcrSandbox, client: RegistryClient) -> None:
    """Done the first time, gone the second; its tags go with it and nothing else does."""
    digest = acr.registry.push_image(REPO, tags=["v1", "v2"])
    other = acr.registry.push_image(REPO, tags=["v3"])
    assert await client.delete_manifest(REPO, digest) is Deletion.DONE
    assert await client.delete_manifest(REPO, digest) is Deletion.GONE
    assert acr.registry.digests(REPO) == {other}
    assert acr.registry.tags(REPO) == {"v3": other}


async def test_check_asks_for_one_name(acr: AcrSandbox, client: RegistryClient) -> None:
    """A check costs a token and one short page."""
    for n in range(3):
        acr.registry.push_image(f"app-{n}")
    await client.check()
    assert [entry.query for entry in acr.log.entries("list_repositories")] == ["n=1"]


@pytest.mark.parametrize("name", ["", "UPPER", "a//b", "/a", "a/", "../a", "a/../b", "_catalog", "a b", "x" * 40_000])
async def test_a_name_that_no_repository_can_have_never_leaves(
    acr: AcrSandbox, client: RegistryClient, name: str
) -> None:
    """Such a name is refused with an example, before anything is asked."""
    for call in (client.repository, client.manifests, client.tags):
        with pytest.raises(BadInputError, match="payments/api"):
            await call(name)
    assert len(acr.log) == 0


@pytest.mark.parametrize("digest", ["", "latest", "sha256:abc", "sha256:" + "g" * 64, ABSENT + "0"])
async def test_nothing_is_deleted_or_read_by_tag(acr: AcrSandbox, client: RegistryClient, digest: str) -> None:
    """What is no whole digest is refused, before anything is asked."""
    acr.registry.push_image(REPO, tags=["latest"])
    for call in (client.delete_manifest, client.body, client.manifest):
        with pytest.raises(BadInputError, match="whole digest"):
            await call(REPO, digest)
    assert len(acr.log) == 0


async def test_a_private_authority_is_trusted_by_its_bundle(
    credential: DefaultAzureCredential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS the named bundle, or SSL_CERT_FILE, makes a registry trusted; without either it is refused."""
    authority = trustme.CA()
    context = _server_context(authority)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    registry = Registry()
    digest = registry.push_image(REPO)
    acr = AcrSandbox(registry)
    await acr.start(ssl_context=context)
    for name, value in acr.identity_env.items():
        monkeypatch.setenv(name, value)
    async with DefaultAzureCredential() as own:
        async with RegistryClient("tls", acr.url, own, ca_bundle=bundle, patience=QUICK) as client:
            assert [manifest.digest for manifest in await client.manifests(REPO)] == [digest]
            assert await client.body(REPO, digest) == registry.manifest(REPO, digest).body
        async with RegistryClient("tls", acr.url, own, patience=QUICK) as client:
            with pytest.raises(RegistryUnreachableError, match=r"certificate.*ca_bundle.*SSL_CERT_FILE"):
                await client.repositories()
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        async with RegistryClient("tls", acr.url, own, patience=QUICK) as client:
            assert await client.repositories() == [REPO]
        async with RegistryClient("tls", acr.url.replace("https", "http"), own, patience=QUICK) as client:
            with pytest.raises(RegistryUnreachableError):
                await client.repositories()
    await acr.stop()


def _server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def test_a_bundle_that_is_none_is_a_fault_of_the_settings(make_client: MakeClient, tmp_path: Path) -> None:
    """A missing file, and a file without certificates, are named."""
    (tmp_path / "empty.pem").write_text("no certificate")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(ConfigurationError, match=path.name):
            make_client(endpoint="https://127.0.0.1:1", ca_bundle=path)


async def test_plain_http_is_for_loopback_alone(make_client: MakeClient) -> None:
    """A token never goes over the network in the clear."""
    with pytest.raises(ConfigurationError, match="loopback"):
        make_client(endpoint="http://myregistry.azurecr.io")


async def test_close_may_be_called_twice_and_ends_what_is_under_way(acr: AcrSandbox, make_client: MakeClient) -> None:
    """After close nothing is left open, not even by a call that was waiting."""
    acr.options.latency = 30
    client = make_client()
    waiting = asyncio.create_task(client.repositories())
    async with asyncio.timeout(5):
        while not client.pace.busy:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
    await client.close()
    await client.close()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert client.pace.busy == 0


async def test_a_client_shows_no_secret(client: RegistryClient) -> None:
    """Its repr is its name and address."""
    await client.check()
    assert repr(client) == f"<RegistryClient myregistry at {client.endpoint}>"


async def test_a_delete_costs_one_request(acr: AcrSandbox, client: RegistryClient) -> None:
    """A hundred deletes take a hundred requests and the few of signing in once."""
    digests = [acr.registry.push_image(REPO, media="docker") for _ in range(100)]
    assert all(await asyncio.gather(*(client.delete_manifest(REPO, digest) for digest in digests)))
    assert acr.log.count("delete_manifest") == 100
    assert len(acr.log) <= 105
