import asyncio
import io
import ssl
import sys
from pathlib import Path

import pytest
import trustme
from azure.containerregistry import ArtifactTagOrder
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from sandbox.acr import APP_IDENTITY, AcrOptions, AcrSandbox, Registry
from tests.sandbox_acr.clients import async_client, sync_client


def _use_everything(url: str, digest: str) -> list[str]:
    """Push, list, pull, change and delete through the sync client; give what was listed."""
    with sync_client(url) as client:
        config, size = client.upload_blob("team/app", io.BytesIO(b"{}"))
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": size},
            "layers": [],
        }
        pushed = client.set_manifest("team/app", manifest, tag="pushed")
        assert client.get_manifest("team/app", "pushed").digest == pushed
        assert list(client.list_repository_names()) == ["team/app"]
        assert client.get_manifest_properties("team/app", "v1").digest == digest
        assert client.get_tag_properties("team/app", "v1").digest == digest
        listed = [found.digest for found in client.list_manifest_properties("team/app", results_per_page=1)]
        tags = client.list_tag_properties("team/app", order_by=ArtifactTagOrder.LAST_UPDATED_ON_ASCENDING)
        assert [tag.name for tag in tags] == ["v1", "pushed"]
        changed = client.update_repository_properties("team/app", can_write=False)
        assert (changed.can_write, changed.can_delete) == (False, True)
        with pytest.raises(HttpResponseError) as refused:
            client.delete_manifest("team/app", pushed)
        assert refused.value.status_code == 405
        client.update_repository_properties("team/app", can_write=True)
        client.delete_tag("team/app", "pushed")
        client.delete_manifest("team/app", pushed)
        # The SDK swallows the 404 of what is gone already.
        client.delete_manifest("team/app", pushed)
        client.delete_repository("team/app")
        with pytest.raises(ResourceNotFoundError):
            client.get_manifest_properties("team/app", digest)
        return listed


async def test_push_list_pull_update_delete(acr: AcrSandbox) -> None:
    """The unmodified sync client pushes, lists, pulls, locks and deletes."""
    digest = acr.registry.push_image("team/app", tags=["v1"])
    listed = await asyncio.to_thread(_use_everything, acr.url, digest)
    assert len(listed) == 2
    assert acr.registry.repositories() == []


_AIO_PROGRAM = """
import asyncio, sys
from azure.containerregistry.aio import ContainerRegistryClient
from azure.identity.aio import DefaultAzureCredential

async def main():
    async with DefaultAzureCredential() as credential, ContainerRegistryClient(sys.argv[1], credential) as client:
        print((await client.get_manifest("myrepo", "v1")).digest)

asyncio.run(main())
"""


async def test_https_with_a_private_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients talk https to a certificate of a private authority, with no policy of ours."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    acr = AcrSandbox(Registry())
    await acr.start(ssl_context=context)
    for name, value in acr.identity_env.items():
        monkeypatch.setenv(name, value)
    digest = acr.registry.push_image("myrepo", tags=["v1"])

    def by_sync() -> str | None:
        with sync_client(acr.url, per_call_policies=[]) as client:
            return client.get_manifest_properties("myrepo", "v1").digest

    try:
        assert acr.url.startswith("https://")
        assert await asyncio.to_thread(by_sync) == digest
        # aiohttp reads SSL_CERT_FILE when it is imported, so the aio client needs a process of its own.
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _AIO_PROGRAM, acr.url, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await program.communicate()
        assert out.decode().strip() == digest
    finally:
        await acr.stop()


async def test_a_principal_without_delete_is_refused(acr: AcrSandbox, options: AcrOptions) -> None:
    """An identity that may not delete gets ClientAuthenticationError for a delete, and reads as ever."""
    options.principals[0] = APP_IDENTITY.without("delete")
    digest = acr.registry.push_image("myrepo")
    async with async_client(acr.url) as client:
        assert (await client.get_repository_properties("myrepo")).manifest_count == 1
        with pytest.raises(ClientAuthenticationError):
            await client.delete_manifest("myrepo", digest)
    assert acr.registry.digests("myrepo") == {digest}
