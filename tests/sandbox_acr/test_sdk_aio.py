import hashlib
import io
import json

import pytest
from azure.containerregistry import ArtifactManifestOrder
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from sandbox.acr import AcrSandbox
from tests.sandbox_acr.clients import async_client


async def test_push_list_pull_update_delete(acr: AcrSandbox) -> None:
    """The unmodified aio client pushes, lists, pulls, locks and deletes."""
    async with async_client(acr.url) as client:
        config = json.dumps({"architecture": "amd64", "os": "linux"}).encode()
        config_digest, config_size = await client.upload_blob("team/app", io.BytesIO(config))
        layer = bytes(range(256)) * 40_000
        layer_digest, layer_size = await client.upload_blob("team/app", io.BytesIO(layer))
        assert layer_digest == "sha256:" + hashlib.sha256(layer).hexdigest()
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": config_digest,
                "size": config_size,
            },
            "layers": [
                {
                    "mediaType": "application/vnd.oci.image.layer.v1.tar",
                    "digest": layer_digest,
                    "size": layer_size,
                }
            ],
        }
        digest = await client.set_manifest("team/app", manifest, tag="v1")

        assert [name async for name in client.list_repository_names()] == ["team/app"]
        properties = await client.get_repository_properties("team/app")
        assert (properties.manifest_count, properties.tag_count) == (1, 1)
        listed = [
            found
            async for found in client.list_manifest_properties(
                "team/app", order_by=ArtifactManifestOrder.LAST_UPDATED_ON_DESCENDING
            )
        ]
        assert [(found.digest, found.tags, found.architecture) for found in listed] == [(digest, ["v1"], "amd64")]
        assert listed[0].size_in_bytes == config_size + layer_size
        assert [tag.name async for tag in client.list_tag_properties("team/app")] == ["v1"]

        pulled = await client.get_manifest("team/app", "v1")
        assert (pulled.digest, pulled.manifest) == (digest, manifest)
        stream = await client.download_blob("team/app", layer_digest)
        assert b"".join([chunk async for chunk in stream]) == layer

        await client.update_manifest_properties("team/app", "v1", can_delete=False)
        with pytest.raises(HttpResponseError) as refused:
            await client.delete_manifest("team/app", digest)
        assert refused.value.status_code == 405
        await client.update_manifest_properties("team/app", digest, can_delete=True)
        await client.update_tag_properties("team/app", "v1", can_write=False)
        with pytest.raises(HttpResponseError):
            await client.delete_tag("team/app", "v1")
        await client.update_tag_properties("team/app", "v1", can_write=True)
        await client.delete_tag("team/app", "v1")
        assert (await client.get_manifest_properties("team/app", digest)).tags is None
        await client.delete_blob("team/app", layer_digest)
        await client.delete_manifest("team/app", digest)
        with pytest.raises(ResourceNotFoundError):
            await client.get_repository_properties("team/app")


async def test_each_call_of_the_sdk_costs_four_requests(acr: AcrSandbox) -> None:
    """The SDK as shipped asks without a token, exchanges, gets a token, and asks again."""
    acr.registry.push_image("myrepo")
    async with async_client(acr.url) as client:
        await client.get_repository_properties("myrepo")
    assert [(entry.kind, entry.status) for entry in acr.log] == [
        ("challenge", 401),
        ("identity", 200),
        ("exchange", 200),
        ("token", 200),
        ("get_repository", 200),
    ]
    assert [entry.scope for entry in acr.log.entries("get_repository")] == ["repository:myrepo:metadata_read"]
