from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from azure.containerregistry import ArtifactManifestOrder

from sandbox.acr import AcrSandbox, Locks, Registry
from sandbox.acr.listing import walk_manifests
from tests.sandbox_acr.clients import async_client
from tests.sandbox_acr.raw import Answer, Raw

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _next(answer: Answer) -> str | None:
    link = answer.headers.get("Link")
    if link is None:
        return None
    assert link.endswith('>; rel="next"')
    return link[1 : link.index(">")]


async def _pages(raw: Raw, path: str) -> list[Answer]:
    pages = []
    at: str | None = path
    while at is not None:
        pages.append(await raw("GET", at))
        assert pages[-1].status == 200
        at = _next(pages[-1])
    return pages


async def test_2500_manifests_through_the_sdk(acr: AcrSandbox) -> None:
    """The SDK's pager meets each of 2,500 manifests once, in every order and with every page size."""
    for number in range(2_500):
        acr.registry.push_image("team/app", updated=_NOW - timedelta(minutes=number))
    expected = acr.registry.digests("team/app")
    by_time = [found.digest for found in sorted(acr.registry.manifests("team/app"), key=lambda m: m.updated)]
    async with async_client(acr.url) as client:
        default = [found.digest async for found in client.list_manifest_properties("team/app")]
        thousands = client.list_manifest_properties(
            "team/app",
            results_per_page=1_000,
            order_by=ArtifactManifestOrder.LAST_UPDATED_ON_DESCENDING,
        )
        newest_first = [found.digest async for found in thousands]
    assert default == sorted(expected)
    assert newest_first == by_time[::-1]
    # 25 pages of 100, then 3 of 1,000.
    assert [entry.status for entry in acr.log.entries("list_manifests")] == [200] * 28


async def test_pages_hold_100_and_at_most_1000(acr: AcrSandbox, raw: Raw) -> None:
    """A page holds 100 unless asked otherwise, and never more than 1,000."""
    for _ in range(1_001):
        acr.registry.push_image("myrepo")
    assert len((await raw("GET", "/acr/v1/myrepo/_manifests")).json["manifests"]) == 100
    pages = await _pages(raw, "/acr/v1/myrepo/_manifests?n=5000")
    assert [len(page.json["manifests"]) for page in pages] == [1_000, 1]


async def test_the_link_is_relative_and_encoded(acr: AcrSandbox, raw: Raw) -> None:
    """Link carries an encoded path, last, n and orderby, even an empty one; the last page has none."""
    for _ in range(2):
        acr.registry.push_image("team/app")
    first, second = sorted(acr.registry.digests("team/app"))
    page = await raw("GET", "/acr/v1/team%2Fapp/_manifests?n=1")
    hexadecimal = first.removeprefix("sha256:")
    expected = f"/acr/v1/team%2Fapp/_manifests?last=sha256%3A{hexadecimal}&n=1&orderby="
    assert page.headers["Link"] == f'<{expected}>; rel="next"'
    last = await raw("GET", expected)
    assert [found["digest"] for found in last.json["manifests"]] == [second]
    assert "Link" not in last.headers


@pytest.mark.parametrize("path", ["/acr/v1/team%2Fapp/_manifests", "/acr/v1/team/app/_manifests"])
async def test_an_empty_page_is_null(acr: AcrSandbox, raw: Raw, path: str) -> None:
    """After the last entry comes null, not an empty list; slashes may be encoded or not."""
    acr.registry.push_image("team/app")
    empty = await raw("GET", f"{path}?last=sha256%3Af{'f' * 63}")
    assert (empty.status, empty.json["manifests"]) == (200, None)
    tags = await raw("GET", path.replace("_manifests", "_tags"))
    assert tags.json["tags"] is None


async def test_tags_page_by_name_and_by_time(acr: AcrSandbox, raw: Raw) -> None:
    """Tags come by name or by time, and of one digest only where asked."""
    old = acr.registry.push_image("myrepo", tags=["c", "a"], updated=_NOW - timedelta(days=2))
    acr.registry.push_image("myrepo", tags=["b"], updated=_NOW)

    async def names(query: str) -> list[str]:
        pages = await _pages(raw, f"/acr/v1/myrepo/_tags?n=1&{query}")
        return [tag["name"] for page in pages for tag in page.json["tags"]]

    assert await names("") == ["a", "b", "c"]
    assert await names("orderby=timeasc") == ["a", "c", "b"]
    assert await names("orderby=timedesc") == ["b", "c", "a"]
    assert await names(f"digest={old}") == ["a", "c"]
    plain = await raw("GET", "/v2/myrepo/tags/list?n=2")
    assert plain.json == {"name": "myrepo", "tags": ["a", "b"]}
    assert _next(plain) == "/v2/myrepo/tags/list?last=b&n=2&orderby="


async def test_the_catalog_pages_by_name(acr: AcrSandbox, raw: Raw) -> None:
    """Both catalogs list repositories in lexical order, page by page."""
    for name in ("b/c", "a", "b"):
        acr.registry.push_image(name)
    for path in ("/acr/v1/_catalog", "/v2/_catalog"):
        pages = await _pages(raw, f"{path}?n=2")
        assert [page.json["repositories"] for page in pages] == [["a", "b"], ["b/c"]]
    assert (await raw("GET", "/acr/v1/_catalog?last=z")).json == {"repositories": None}


@pytest.mark.parametrize("query", ["n=0", "n=-1", "n=many", "orderby=size"])
async def test_odd_parameters_are_refused(acr: AcrSandbox, raw: Raw, query: str) -> None:
    """A page size that is no count and an unknown order are answered 400."""
    acr.registry.push_image("myrepo")
    assert (await raw("GET", f"/acr/v1/myrepo/_manifests?{query}")).status == 400


async def test_deleting_while_paging_skips_nothing(acr: AcrSandbox, raw: Raw) -> None:
    """Being a key, last lets a walk by digest or time go on after an entry that is gone by now."""
    for order in ("", "timedesc", "timeasc"):
        for number in range(10):
            acr.registry.push_image("myrepo", updated=_NOW - timedelta(hours=number))
        met: list[str] = []
        at: str | None = f"/acr/v1/myrepo/_manifests?n=3&orderby={order}"
        while at is not None:
            page = await raw("GET", at)
            for found in page.json["manifests"]:
                met.append(found["digest"])
                # The last of a page stays until its page is over, or there would be no repository to ask.
                if len(met) < 10:
                    acr.registry.delete_manifest("myrepo", found["digest"])
            at = _next(page)
        assert len(set(met)) == 10
        acr.registry.delete_repository("myrepo")


async def test_hidden_entries_are_not_listed(acr: AcrSandbox, raw: Raw) -> None:
    """ListEnabled false hides a manifest, a tag or a repository from listings; it can still be read."""
    digest = acr.registry.push_image("myrepo", tags=["v1"])
    acr.registry.lock_manifest("myrepo", digest, Locks(list=False))
    acr.registry.lock_tag("myrepo", "v1", Locks(list=False))
    acr.registry.lock_repository("myrepo", Locks(list=False))
    assert (await raw("GET", "/acr/v1/_catalog")).json == {"repositories": None}
    assert (await raw("GET", "/acr/v1/myrepo/_manifests")).json["manifests"] is None
    assert (await raw("GET", "/acr/v1/myrepo/_tags")).json["tags"] is None
    assert (await raw("GET", f"/acr/v1/myrepo/_manifests/{digest}")).status == 200


@pytest.mark.slow
def test_100000_manifests_are_held() -> None:
    """A registry holds 100,000 manifests and pages through them from anywhere."""
    registry = Registry()
    for number in range(100_000):
        registry.push_image("big", tags=[f"v{number}"] if number % 2 else (), updated=_NOW)
    assert len(registry) == 100_000
    repository = registry.repository("big")
    digests = sorted(registry.digests("big"))

    def page(last: str | None) -> Iterator[str]:
        walk = walk_manifests(repository, last, "none", registry.now())
        return (next(walk).digest for _ in range(1_000))

    assert list(page(None)) == digests[:1_000]
    assert list(page(digests[98_999])) == digests[99_000:]
    registry.delete_manifest("big", digests[50_000])
    assert next(page(digests[49_999])) == digests[50_001]
