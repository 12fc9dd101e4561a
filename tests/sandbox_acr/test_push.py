import json
from typing import Any

import pytest

from sandbox.acr import AcrOptions, AcrSandbox, Principal, documents
from tests.sandbox_acr.raw import OCI_IMAGE, Answer, Raw, basic

_UNKNOWN = "sha256:" + "0" * 64


async def _upload(raw: Raw, repo: str, content: bytes) -> str:
    digest = documents.digest_of(content)
    begun = await raw("POST", f"/v2/{repo}/blobs/uploads/")
    assert begun.status == 202
    done = await raw("PUT", f"{begun.headers['Location']}&digest={digest}", data=content)
    assert done.status == 201
    return digest


async def _image(raw: Raw, repo: str, **extra: Any) -> bytes:
    config = b'{"architecture":"amd64","os":"linux"}'
    return documents.encode(
        {
            "schemaVersion": 2,
            "mediaType": documents.OCI_MANIFEST,
            "config": documents.descriptor(documents.OCI_CONFIG, await _upload(raw, repo, config), len(config)),
            "layers": [documents.descriptor(documents.OCI_LAYER, await _upload(raw, repo, b"layer"), 5)],
            **extra,
        }
    )


async def _put(raw: Raw, repo: str, reference: str, body: bytes) -> Answer:
    return await raw("PUT", f"/v2/{repo}/manifests/{reference}", data=body, headers=OCI_IMAGE)


async def test_push_in_chunks(raw: Raw) -> None:
    """An upload begins, takes chunks, tells how far it is, and ends with its digest."""
    begun = await raw("POST", "/v2/team%2Fapp/blobs/uploads/")
    location = begun.headers["Location"]
    assert location.startswith("/v2/team/app/blobs/uploads/")
    assert "_nouploadcache=false&_state=" in location
    assert begun.headers["Range"] == "0-0"
    assert begun.headers["Docker-Upload-UUID"] in location
    first = await raw("PATCH", location, data=b"hello ", headers={"Content-Range": "0-5"})
    assert (first.status, first.headers["Range"]) == (202, "0-5")
    gap = await raw("PATCH", first.headers["Location"], data=b"x", headers={"Content-Range": "9-9"})
    assert (gap.status, gap.code) == (416, "BLOB_UPLOAD_INVALID")
    status = await raw("GET", first.headers["Location"])
    assert (status.status, status.headers["Range"]) == (204, "0-5")
    second = await raw("PATCH", first.headers["Location"], data=b"world")
    digest = documents.digest_of(b"hello world")
    done = await raw("PUT", f"{second.headers['Location']}&digest={digest}")
    assert (done.status, done.headers["Docker-Content-Digest"]) == (201, digest)
    assert (await raw("GET", second.headers["Location"])).code == "BLOB_UPLOAD_UNKNOWN"
    assert (await raw("HEAD", f"/v2/team/app/blobs/{digest}")).headers["Content-Length"] == "11"


async def test_the_last_location_must_be_followed(raw: Raw) -> None:
    """A chunk sent to an address that is out of date is refused."""
    begun = await raw("POST", "/v2/myrepo/blobs/uploads/")
    await raw("PATCH", begun.headers["Location"], data=b"a")
    assert (await raw("PATCH", begun.headers["Location"], data=b"b")).code == "BLOB_UPLOAD_INVALID"


async def test_push_at_once_mount_and_cancel(acr: AcrSandbox, raw: Raw) -> None:
    """A blob may come in one request, or be mounted from another repository; an upload may be cancelled."""
    digest = documents.digest_of(b"blob")
    assert (await raw("POST", f"/v2/one/blobs/uploads/?digest={digest}", data=b"blob")).status == 201
    mounted = await raw("POST", f"/v2/two/blobs/uploads/?mount={digest}&from=one")
    assert (mounted.status, mounted.headers["Location"]) == (201, f"/v2/two/blobs/{digest}")
    assert acr.registry.has_blob("two", digest)
    not_there = await raw("POST", f"/v2/two/blobs/uploads/?mount={_UNKNOWN}&from=one")
    assert not_there.status == 202
    assert (await raw("DELETE", not_there.headers["Location"])).status == 204
    assert (await raw("GET", not_there.headers["Location"])).status == 404


async def test_a_mount_wants_the_right_to_pull(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """A blob of a repository that the caller may not pull from has to be uploaded."""
    digest = await _upload(raw, "secret", b"blob")
    options.principals.append(Principal("pusher", password="x", repositories=("mine",)))
    raw.authorization = basic("pusher", "x")
    assert (await raw("POST", f"/v2/mine/blobs/uploads/?mount={digest}&from=secret")).status == 202
    assert not acr.registry.has_blob("mine", digest)


async def test_a_wrong_digest_is_refused(raw: Raw) -> None:
    """Content that does not have the named digest is DIGEST_INVALID, blob or manifest."""
    begun = await raw("POST", "/v2/myrepo/blobs/uploads/")
    wrong = await raw("PUT", f"{begun.headers['Location']}&digest={_UNKNOWN}", data=b"x")
    assert (wrong.status, wrong.code) == (400, "DIGEST_INVALID")
    body = await _image(raw, "myrepo")
    assert (await _put(raw, "myrepo", _UNKNOWN, body)).code == "DIGEST_INVALID"


async def test_blobs_in_ranges(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """A blob is redirected to storage that wants no token; ranges give 206, impossible ones 416."""
    digest = await _upload(raw, "team/app", b"0123456789")
    redirect = await raw("GET", f"/v2/team/app/blobs/{digest}")
    assert redirect.status == 307
    location = redirect.headers["Location"].removeprefix(acr.url)
    assert (await raw("GET", location)).body == b"0123456789"
    assert (await raw("GET", location.partition("?")[0])).status == 403
    options.redirect_blobs = False
    path = f"/v2/team/app/blobs/{digest}"
    part = await raw("GET", path, headers={"Range": "bytes=2-4"})
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert (await raw("GET", path, headers={"Range": "bytes=8-"})).body == b"89"
    assert (await raw("GET", path, headers={"Range": "bytes=10-12"})).status == 416
    assert (await raw("GET", f"/v2/other/blobs/{digest}")).code == "BLOB_UNKNOWN"
    assert (await raw("DELETE", path)).status == 202
    assert (await raw("HEAD", path)).status == 404


async def test_push_and_pull_of_a_manifest(acr: AcrSandbox, raw: Raw) -> None:
    """A pushed manifest comes back byte for byte by tag and digest, with its headers; HEAD has no body."""
    body = await _image(raw, "team/app")
    digest = documents.digest_of(body)
    pushed = await _put(raw, "team%2Fapp", "v1", body)
    assert pushed.status == 201
    assert pushed.headers["Docker-Content-Digest"] == digest
    assert pushed.headers["Location"] == f"/v2/team/app/manifests/{digest}"
    assert "OCI-Subject" not in pushed.headers
    for reference in ("v1", digest, digest.replace(":", "%3A")):
        pulled = await raw("GET", f"/v2/team/app/manifests/{reference}", headers={"Accept": "*/*"})
        assert (pulled.status, pulled.body) == (200, body)
        assert pulled.headers["Content-Type"] == documents.OCI_MANIFEST
    head = await raw("HEAD", "/v2/team/app/manifests/v1")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(body)))
    narrow = await raw("GET", "/v2/team/app/manifests/v1", headers={"Accept": documents.DOCKER_MANIFEST})
    assert narrow.code == "MANIFEST_UNKNOWN"


async def test_what_a_manifest_names_must_be_there(raw: Raw) -> None:
    """A manifest whose config, layer or child the repository lacks is MANIFEST_BLOB_UNKNOWN."""
    good = json.loads(await _image(raw, "myrepo"))
    for broken in (
        good | {"config": good["config"] | {"digest": _UNKNOWN}},
        good | {"layers": [good["layers"][0] | {"digest": _UNKNOWN}]},
    ):
        refused = await _put(raw, "myrepo", "v1", documents.encode(broken))
        assert (refused.status, refused.code) == (400, "MANIFEST_BLOB_UNKNOWN")
    index = documents.index_document("oci", [documents.descriptor(documents.OCI_MANIFEST, _UNKNOWN, 1)])
    refused = await raw(
        "PUT",
        "/v2/myrepo/manifests/v1",
        data=documents.encode(index),
        headers={"Content-Type": documents.OCI_INDEX},
    )
    assert refused.code == "MANIFEST_BLOB_UNKNOWN"
    foreign = good | {"layers": [good["layers"][0] | {"digest": _UNKNOWN, "urls": ["https://example.com"]}]}
    assert (await _put(raw, "myrepo", "v1", documents.encode(foreign))).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"[]",
        b'{"schemaVersion":1}',
        b'{"schemaVersion":2}',
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}',
        b'{"schemaVersion":2,"mediaType":"text/plain"}',
    ],
)
async def test_what_is_no_manifest_is_refused(acr: AcrSandbox, raw: Raw, body: bytes) -> None:
    """No JSON, another schema, no config, another type than announced: MANIFEST_INVALID."""
    refused = await _put(raw, "myrepo", "v1", body)
    assert (refused.status, refused.code) == (400, "MANIFEST_INVALID")
    assert acr.registry.repositories() == []


async def test_a_wrong_size_is_refused(raw: Raw) -> None:
    """A descriptor whose size is not the blob's is MANIFEST_INVALID."""
    good = json.loads(await _image(raw, "myrepo"))
    bad = good | {"layers": [good["layers"][0] | {"size": 6}]}
    assert (await _put(raw, "myrepo", "v1", documents.encode(bad))).code == "MANIFEST_INVALID"


async def test_odd_names_are_refused(raw: Raw) -> None:
    """A repository name with capitals and a tag with a slash or too long are refused; odd paths are 404."""
    assert (await raw("GET", "/acr/v1/Team/_tags")).code == "NAME_INVALID"
    assert (await _put(raw, "myrepo", "x" * 129, b"{}")).code == "TAG_INVALID"
    assert (await raw("GET", "/acr/v2/x")).status == 404
    assert (await raw("POST", "/acr/v1/myrepo/_tags")).code == "UNSUPPORTED"


async def test_referrers(acr: AcrSandbox, raw: Raw) -> None:
    """A pushed referrer is announced, listed with type and annotations, and filtered by type."""
    subject = acr.registry.push_image("myrepo")
    descriptor = documents.descriptor(documents.OCI_MANIFEST, subject, 1)
    body = await _image(raw, "myrepo", subject=descriptor, artifactType="example/sbom", annotations={"by": "ci"})
    pushed = await _put(raw, "myrepo", documents.digest_of(body), body)
    assert pushed.headers["OCI-Subject"] == subject
    acr.registry.push_artifact("myrepo", subject, artifact_type="example/signature")
    everything = await raw("GET", f"/v2/myrepo/referrers/{subject}")
    assert everything.headers["Content-Type"] == documents.OCI_INDEX
    assert [found["artifactType"] for found in everything.json["manifests"]] == [
        "example/sbom",
        "example/signature",
    ]
    assert everything.json["manifests"][0] == {
        "mediaType": documents.OCI_MANIFEST,
        "digest": documents.digest_of(body),
        "size": len(body),
        "artifactType": "example/sbom",
        "annotations": {"by": "ci"},
    }
    some = await raw("GET", f"/v2/myrepo/referrers/{subject}?artifactType=example%2Fsignature")
    assert [found["artifactType"] for found in some.json["manifests"]] == ["example/signature"]
    assert some.headers["OCI-Filters-Applied"] == "artifactType"
    for path in (f"/v2/myrepo/referrers/{_UNKNOWN}", f"/v2/nowhere/referrers/{subject}"):
        assert (await raw("GET", path)).json["manifests"] == []


async def test_properties_of_images_indexes_and_artifacts(acr: AcrSandbox, raw: Raw) -> None:
    """Properties carry what the service's do: platform of images, sums for indexes, types for artifacts."""
    registry = acr.registry
    children = [registry.push_image("myrepo", layers=[5_000], platform=f"linux/{name}") for name in ("amd64", "arm64")]
    index = registry.push_index("myrepo", children, tags=["b", "a"])
    artifact = registry.push_artifact("myrepo", index, artifact_type="example/sbom")
    page = await raw("GET", "/acr/v1/myrepo/_manifests")
    assert (page.json["registry"], page.json["imageName"]) == (acr.login_server, "myrepo")
    found = {entry["digest"]: entry for entry in page.json["manifests"]}
    image = found[children[0]]
    assert (image["architecture"], image["os"], image["configMediaType"]) == (
        "amd64",
        "linux",
        documents.OCI_CONFIG,
    )
    assert "tags" not in image
    assert found[index]["imageSize"] == sum(found[child]["imageSize"] for child in children)
    assert found[index]["tags"] == ["a", "b"]
    assert not {"architecture", "os", "configMediaType", "artifactType"} & set(found[index])
    assert found[artifact]["artifactType"] == "example/sbom"
    assert "architecture" not in found[artifact]


async def test_a_push_again_counts_as_an_update(acr: AcrSandbox, raw: Raw) -> None:
    """Pushing what is there moves its last update, not its creation."""
    body = await _image(raw, "myrepo")
    await _put(raw, "myrepo", "v1", body)
    before = acr.registry.manifest("myrepo", documents.digest_of(body)).updated
    await _put(raw, "myrepo", "v2", body)
    found = acr.registry.manifest("myrepo", documents.digest_of(body))
    assert (found.created, found.tags) == (before, ("v1", "v2"))
    assert found.updated > before


async def test_a_manifest_above_4_mib_is_refused(raw: Raw) -> None:
    """A manifest may have 4 MiB."""
    assert (await _put(raw, "myrepo", "v1", b" " * (4 * 1024 * 1024 + 1))).status == 413
