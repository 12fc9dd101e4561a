import asyncio
from datetime import UTC, datetime, timedelta

from sandbox.acr import AcrSandbox
from tests.sandbox_acr.raw import OCI_IMAGE, Raw


async def test_all_tags_go_with_their_manifest(acr: AcrSandbox, raw: Raw) -> None:
    """Deleting by digest answers 202 without a body and takes every tag of it."""
    digest = acr.registry.push_image("team/app", tags=["v1", "v2"])
    kept = acr.registry.push_image("team/app", tags=["v3"])
    answer = await raw("DELETE", f"/v2/team%2Fapp/manifests/{digest.replace(':', '%3A')}")
    assert (answer.status, answer.body) == (202, b"")
    assert acr.registry.tags("team/app") == {"v3": kept}
    again = await raw("DELETE", f"/v2/team/app/manifests/{digest}")
    assert (again.status, again.code) == (404, "MANIFEST_UNKNOWN")
    assert again.json["errors"][0]["detail"] == {"Name": "team/app", "Revision": digest}


async def test_referrers_go_with_their_subject_at_any_depth(acr: AcrSandbox, raw: Raw) -> None:
    """Deleting a subject deletes its referrers, theirs too, tagged or not, and nothing else."""
    registry = acr.registry
    image = registry.push_image("myrepo")
    sbom = registry.push_artifact("myrepo", image, artifact_type="application/spdx+json", tags=["sbom"])
    registry.push_artifact("myrepo", sbom)
    other = registry.push_image("myrepo")
    kept = registry.push_artifact("myrepo", other)
    cosign = registry.push_cosign_signature("myrepo", image)
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{image}")).status == 202
    assert registry.digests("myrepo") == {other, kept, cosign}


async def test_a_referrer_alone_can_be_deleted(acr: AcrSandbox, raw: Raw) -> None:
    """Deleting a signature leaves its subject, which then has no referrers."""
    image = acr.registry.push_image("myrepo")
    signature = acr.registry.push_artifact("myrepo", image)
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{signature}")).status == 202
    assert acr.registry.digests("myrepo") == {image}
    assert (await raw("GET", f"/v2/myrepo/referrers/{image}")).json["manifests"] == []


async def test_an_index_and_its_children_go_separately(acr: AcrSandbox, raw: Raw) -> None:
    """The children of a deleted index stay, and a child of a live index may be deleted, which breaks it."""
    registry = acr.registry
    first, second = registry.push_image("myrepo"), registry.push_image("myrepo", platform="linux/arm64")
    index = registry.push_index("myrepo", [first, second], tags=["v1"])
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{first}")).status == 202
    assert (await raw("GET", "/v2/myrepo/manifests/v1")).status == 200
    assert (await raw("GET", f"/v2/myrepo/manifests/{first}")).status == 404
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{index}")).status == 202
    assert registry.digests("myrepo") == {second}


async def test_the_repository_vanishes_with_its_last_manifest(acr: AcrSandbox, raw: Raw) -> None:
    """After the last manifest every path of the repository answers NAME_UNKNOWN, and the catalog drops it."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 202
    for path in ("/acr/v1/myrepo", "/acr/v1/myrepo/_manifests", "/acr/v1/myrepo/_tags", "/v2/myrepo/tags/list"):
        answer = await raw("GET", path)
        assert (answer.status, answer.code) == (404, "NAME_UNKNOWN")
    assert (await raw("GET", "/acr/v1/_catalog")).json == {"repositories": None}


async def test_untag_keeps_the_manifest_and_moves_its_time(acr: AcrSandbox, raw: Raw) -> None:
    """DELETE of a tag answers 202, leaves the manifest untagged, and counts as its last update."""
    before = datetime.now(UTC) - timedelta(days=9)
    digest = acr.registry.push_image("myrepo", tags=["v1"], updated=before)
    assert (await raw("DELETE", "/acr/v1/myrepo/_tags/v1")).status == 202
    found = (await raw("GET", f"/acr/v1/myrepo/_manifests/{digest}")).json["manifest"]
    assert "tags" not in found
    assert found["lastUpdateTime"] > found["createdTime"]
    again = await raw("DELETE", "/acr/v1/myrepo/_tags/v1")
    assert (again.status, again.code) == (404, "TAG_UNKNOWN")


async def test_delete_repository_says_what_went(acr: AcrSandbox, raw: Raw) -> None:
    """DELETE of a repository answers 202 with the digests and the tags that went."""
    digest = acr.registry.push_image("team/app", tags=["v1"])
    answer = await raw("DELETE", "/acr/v1/team%2Fapp")
    assert answer.status == 202
    assert answer.json == {"manifestsDeleted": [digest], "tagsDeleted": ["v1"]}
    assert (await raw("DELETE", "/acr/v1/team%2Fapp")).code == "NAME_UNKNOWN"


async def test_deleting_by_tag_is_not_supported(acr: AcrSandbox, raw: Raw) -> None:
    """DELETE of a manifest by its tag is refused and deletes nothing."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    answer = await raw("DELETE", "/v2/myrepo/manifests/v1")
    assert (answer.status, answer.code) == (405, "UNSUPPORTED")
    assert acr.registry.digests("myrepo") == {digest}


async def test_retagging_takes_the_tag_from_the_old_manifest(acr: AcrSandbox, raw: Raw) -> None:
    """A tag that moves leaves its old manifest untagged, updated at that moment."""
    long_ago = datetime.now(UTC) - timedelta(days=30)
    old = acr.registry.push_image("myrepo", tags=["latest"], updated=long_ago)
    new = acr.registry.push_image("myrepo")
    body = acr.registry.manifest("myrepo", new).body
    assert (await raw("PUT", "/v2/myrepo/manifests/latest", data=body, headers=OCI_IMAGE)).status == 201
    assert acr.registry.tags("myrepo") == {"latest": new}
    found = acr.registry.manifest("myrepo", old)
    assert found.tags == ()
    assert found.updated > found.created


async def test_listings_lag_behind_a_delete(acr: AcrSandbox, raw: Raw) -> None:
    """With a lag, a deleted manifest is listed a while longer, though nothing of it can be read."""
    registry = acr.registry
    digest, kept = registry.push_image("myrepo", tags=["v1"]), registry.push_image("myrepo")
    now = datetime.now(UTC)
    registry.clock = lambda: now
    registry.set_listing_lag(timedelta(seconds=10))
    await raw("DELETE", f"/v2/myrepo/manifests/{digest}")

    async def listed() -> set[str]:
        page = (await raw("GET", "/acr/v1/myrepo/_manifests")).json["manifests"]
        return {found["digest"] for found in page}

    assert await listed() == {digest, kept}
    assert (await raw("GET", "/acr/v1/myrepo/_tags")).json["tags"][0]["name"] == "v1"
    assert (await raw("GET", f"/v2/myrepo/manifests/{digest}")).status == 404
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 404
    now += timedelta(seconds=11)
    assert await listed() == {kept}
    assert (await raw("GET", "/acr/v1/myrepo/_tags")).json["tags"] is None


async def test_a_lagging_repository_vanishes_in_the_end(acr: AcrSandbox, raw: Raw) -> None:
    """With a lag, an emptied repository is listed until its last manifest is not."""
    registry = acr.registry
    digest = registry.push_image("myrepo")
    now = datetime.now(UTC)
    registry.clock = lambda: now
    registry.set_listing_lag(timedelta(seconds=10))
    await raw("DELETE", f"/v2/myrepo/manifests/{digest}")
    assert (await raw("GET", "/acr/v1/_catalog")).json == {"repositories": ["myrepo"]}
    now += timedelta(seconds=11)
    assert (await raw("GET", "/acr/v1/_catalog")).json == {"repositories": None}
    assert (await raw("GET", "/acr/v1/myrepo")).status == 404


async def test_a_manifest_pushed_again_while_it_lags_is_listed_once(acr: AcrSandbox, raw: Raw) -> None:
    """A digest that is deleted and pushed again within the lag has one entry, the new one."""
    registry = acr.registry
    digest = registry.push_image("myrepo", tags=["v1"])
    found = registry.manifest("myrepo", digest)
    registry.set_listing_lag(timedelta(hours=1))
    registry.delete_manifest("myrepo", digest)
    registry.store("myrepo", found.body, found.media_type, tags=["v1"])
    for what in ("_manifests", "_tags"):
        for order in ("none", "timedesc"):
            page = (await raw("GET", f"/acr/v1/myrepo/{what}?orderby={order}")).json
            assert len(page[what.removeprefix("_")]) == 1


async def test_a_lost_body_is_listed_and_404(acr: AcrSandbox, raw: Raw) -> None:
    """A manifest whose body was lost is listed, answers 404, and can be deleted."""
    digest = acr.registry.push_image("myrepo")
    acr.registry.drop_body("myrepo", digest)
    assert len((await raw("GET", "/acr/v1/myrepo/_manifests")).json["manifests"]) == 1
    assert (await raw("GET", f"/v2/myrepo/manifests/{digest}")).code == "MANIFEST_UNKNOWN"
    assert (await raw("DELETE", f"/v2/myrepo/manifests/{digest}")).status == 202


async def test_many_deletes_at_once(acr: AcrSandbox, raw: Raw) -> None:
    """A hundred deletes at once each succeed exactly once."""
    digests = [acr.registry.push_image("myrepo") for _ in range(100)]
    answers = await asyncio.gather(
        *(raw("DELETE", f"/v2/myrepo/manifests/{digest}") for digest in digests for _ in range(2))
    )
    assert sorted(answer.status for answer in answers) == [202] * 100 + [404] * 100
    assert acr.registry.repositories() == []
