import pytest

from sandbox.acr import AcrSandbox, Locks
from sandbox.acr.clock import stamp
from tests.sandbox_acr.raw import OCI_IMAGE, Raw

_NO_DELETE = Locks(delete=False)
_NO_WRITE = Locks(write=False)
_NO_READ = Locks(read=False)


@pytest.mark.parametrize("locks", [_NO_DELETE, _NO_WRITE])
async def test_a_locked_manifest_is_not_deleted(acr: AcrSandbox, raw: Raw, locks: Locks) -> None:
    """DeleteEnabled or writeEnabled false on a manifest refuses its delete with 405, and nothing changes."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    acr.registry.lock_manifest("myrepo", digest, locks)
    refused = await raw("DELETE", f"/v2/myrepo/manifests/{digest}")
    assert (refused.status, refused.code) == (405, "REGISTRY_DISALLOWED_OPERATION")
    assert "Retry-After" not in refused.headers
    assert acr.registry.tags("myrepo") == {"v1": digest}


@pytest.mark.parametrize("locks", [_NO_DELETE, _NO_WRITE])
async def test_a_locked_tag_holds_its_manifest(acr: AcrSandbox, raw: Raw, locks: Locks) -> None:
    """A manifest of whose tags one is locked can't be deleted, nor that tag; another tag can."""
    digest = acr.registry.push_image("myrepo", tags=["v1", "v2"])
    acr.registry.lock_tag("myrepo", "v1", locks)
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 405
    assert (await raw("DELETE", "/acr/v1/myrepo/_tags/v1")).status == 405
    assert (await raw("DELETE", "/acr/v1/myrepo/_tags/v2")).status == 202
    assert acr.registry.tags("myrepo") == {"v1": digest}


async def test_a_write_locked_repository_locks_all_in_it(acr: AcrSandbox, raw: Raw) -> None:
    """WriteEnabled false on a repository refuses deletes and pushes of anything in it."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    body = acr.registry.manifest("myrepo", digest).body
    acr.registry.lock_repository("myrepo", _NO_WRITE)
    for path in (f"/v2/myrepo/manifests/{digest}", "/acr/v1/myrepo/_tags/v1", "/acr/v1/myrepo"):
        assert (await raw("DELETE", path)).status == 405
    assert (await raw("PUT", "/v2/myrepo/manifests/v2", data=body, headers=OCI_IMAGE)).status == 405
    assert (await raw("POST", "/v2/myrepo/blobs/uploads/")).status == 405


async def test_a_delete_locked_repository_lets_its_images_go(acr: AcrSandbox, raw: Raw) -> None:
    """DeleteEnabled false on a repository keeps only the repository itself from being deleted."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    acr.registry.push_image("myrepo")
    acr.registry.lock_repository("myrepo", _NO_DELETE)
    assert (await raw("DELETE", "/acr/v1/myrepo")).status == 405
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 202


async def test_a_repository_with_something_locked_is_not_deleted(acr: AcrSandbox, raw: Raw) -> None:
    """One locked tag refuses the delete of its whole repository, and all of it stays."""
    acr.registry.push_image("myrepo")
    acr.registry.push_image("myrepo", tags=["v1"])
    acr.registry.lock_tag("myrepo", "v1", _NO_DELETE)
    assert (await raw("DELETE", "/acr/v1/myrepo")).status == 405
    assert len(acr.registry.digests("myrepo")) == 2


async def test_a_read_lock_refuses_the_pull(acr: AcrSandbox, raw: Raw) -> None:
    """ReadEnabled false on repository, manifest or tag refuses the pull; its properties can be read."""
    digest = acr.registry.push_image("myrepo", tags=["v1", "v2"])
    acr.registry.lock_tag("myrepo", "v1", _NO_READ)
    assert (await raw("GET", "/v2/myrepo/manifests/v1")).status == 405
    assert (await raw("GET", "/v2/myrepo/manifests/v2")).status == 200
    acr.registry.lock_manifest("myrepo", digest, _NO_READ)
    assert (await raw("GET", "/v2/myrepo/manifests/v2")).status == 405
    assert (await raw("GET", f"/acr/v1/myrepo/_manifests/{digest}")).status == 200
    acr.registry.lock_repository("myrepo", _NO_READ)
    config = next(iter(acr.registry._blob_links["myrepo"]))
    assert (await raw("HEAD", f"/v2/myrepo/blobs/{config}")).status == 405


async def test_pushing_over_a_lock_is_refused(acr: AcrSandbox, raw: Raw) -> None:
    """A write-locked tag can't be moved, and a write-locked manifest gets no new tag."""
    locked = acr.registry.push_image("myrepo", tags=["v1"])
    other = acr.registry.push_image("myrepo")
    bodies = {digest: acr.registry.manifest("myrepo", digest).body for digest in (locked, other)}
    acr.registry.lock_tag("myrepo", "v1", _NO_WRITE)
    assert (await raw("PUT", "/v2/myrepo/manifests/v1", data=bodies[other], headers=OCI_IMAGE)).status == 405
    acr.registry.lock_manifest("myrepo", locked, _NO_WRITE)
    assert (await raw("PUT", "/v2/myrepo/manifests/v9", data=bodies[locked], headers=OCI_IMAGE)).status == 405
    assert acr.registry.tags("myrepo") == {"v1": locked}


async def test_patch_changes_only_what_it_names(acr: AcrSandbox, raw: Raw) -> None:
    """PATCH answers with the new properties, leaves absent flags alone, and moves the update time."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    before = acr.registry.manifest("myrepo", digest).updated
    patched = await raw("PATCH", f"/acr/v1/myrepo/_manifests/{digest}", payload={"deleteEnabled": False})
    after = patched.json["manifest"]
    assert after["changeableAttributes"] == {
        "deleteEnabled": False,
        "writeEnabled": True,
        "readEnabled": True,
        "listEnabled": True,
        "quarantineState": "Passed",
    }
    assert acr.registry.manifest("myrepo", digest).updated > before
    assert after["createdTime"] == stamp(before)
    tag = await raw("PATCH", "/acr/v1/myrepo/_tags/v1", payload={"writeEnabled": False})
    assert tag.json["tag"]["changeableAttributes"]["writeEnabled"] is False
    assert acr.registry.manifest("myrepo", digest).locks == _NO_DELETE
    repository = await raw("PATCH", "/acr/v1/myrepo", payload={"readEnabled": False})
    assert repository.json["changeableAttributes"]["readEnabled"] is False
    await raw("PATCH", f"/acr/v1/myrepo/_manifests/{digest}", payload={"deleteEnabled": True})
    await raw("PATCH", "/acr/v1/myrepo/_tags/v1", payload={"writeEnabled": True})
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 202


async def test_patch_with_no_json_is_refused(acr: AcrSandbox, raw: Raw) -> None:
    """A PATCH body that is no JSON object is answered 400."""
    acr.registry.push_image("myrepo")
    for body in (b"nonsense", b"[]"):
        assert (await raw("PATCH", "/acr/v1/myrepo", data=body)).status == 400
