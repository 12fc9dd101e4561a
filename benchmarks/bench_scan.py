"""Looking through 10,000 manifests with 500 indexes and 1,000 other OCI manifests, cold and warm, beside a bare loop.

python benchmarks/bench_scan.py [--small]
"""

import statistics

from azure.containerregistry.aio import ContainerRegistryClient
from bench_deletes import PlainHttp
from rig import CONCURRENCY, Bare, Registry, Table, folder, progress, ratio, registry, run, side_by_side, timed
from workshop import Workshop, workshop

from bot.domain.manifest import DOCKER_MANIFEST
from bot.domain.reference import Reference
from bot.domain.rule import Rule
from bot.janitor.scan import scan

ROUNDS = 3
REPOSITORY = "team/app"


def images(indexes: int, candidates: int, others: int) -> list[dict[str, object]]:
    """Describe a repository: indexes of two of the candidates' number in all, and images that nobody has to open."""
    return [
        {"repeat": indexes, "age": "60d", "platforms": ["linux/amd64", "linux/arm64"], "tags": ["v{n}"]},
        {"repeat": others, "age": "60d", "every": "1s", "media": "docker", "tags": ["d{n}"]},
        *([{"repeat": candidates - 2 * indexes, "age": "60d"}] if candidates > 2 * indexes else []),
    ]


async def by_bare_loop(acr: Registry) -> None:
    """Send what a look sends: both listings, then each body that can hold or need another."""
    async with Bare(acr) as bare:
        read = await bare.sign_in(f"repository:{REPOSITORY}:metadata_read")
        pull = await bare.sign_in(f"repository:{REPOSITORY}:pull")
        await bare.all("GET", [f"/acr/v1/{REPOSITORY}"], read)
        manifests = await bare.pages(f"/acr/v1/{REPOSITORY}/_manifests?n=1000", read)
        await bare.pages(f"/acr/v1/{REPOSITORY}/_tags?n=1000", read)
        entries = [entry for page in manifests for entry in page["manifests"] or []]
        wanted = [entry["digest"] for entry in entries if entry["mediaType"] != DOCKER_MANIFEST]
        await bare.all("GET", [f"/v2/{REPOSITORY}/manifests/{digest}" for digest in wanted], pull)


async def by_sdk(acr: Registry) -> None:
    """Look by the SDK as shipped. Its models lack media types, so that all would be opened: only as many are."""
    async with ContainerRegistryClient(acr.url, acr.credential, per_call_policies=[PlainHttp()]) as client:
        found = [m async for m in client.list_manifest_properties(REPOSITORY, results_per_page=1000)]
        _ = [tag async for tag in client.list_tag_properties(REPOSITORY, results_per_page=1000)]
        # Those whose listing has no tag, or no platform, are the ones to be opened.
        wanted = [m.digest for m in found if not m.tags or not m.architecture]
        await side_by_side(lambda digest: client.get_manifest(REPOSITORY, digest), wanted)


async def by_scan(shop: Workshop) -> None:
    """Look as ``/acr untagged`` does."""
    await scan(shop.desk, Reference(REPOSITORY), Rule())


async def measure(small: bool) -> Table:
    """Take the contenders in turn, round by round."""
    indexes, candidates, others, rounds = (10, 20, 70, 1) if small else (500, 1000, 8500, ROUNDS)
    names = ("bare aiohttp loop", "our scan, cold", "our scan, warm", "the SDK as shipped")
    seconds: dict[str, list[float]] = {name: [] for name in names}
    counts: dict[str, dict[str, dict[str, int]]] = {}
    async with registry() as acr:
        await acr.seed({REPOSITORY: images(indexes, candidates, others)})

        async def take(name: str, work: object) -> None:
            await acr.count()
            seconds[name].append(await timed(work))  # type: ignore[arg-type]
            counts[name] = await acr.count()
            progress(f"{name}: {seconds[name][-1]:.2f} s")

        for number in range(rounds):
            await take("bare aiohttp loop", lambda: by_bare_loop(acr))
            with folder() as place:
                async with workshop(acr, place) as shop:
                    await take("our scan, cold", lambda shop=shop: by_scan(shop))
                    await take("our scan, warm", lambda shop=shop: by_scan(shop))
            if not number:
                await take("the SDK as shipped", lambda: by_sdk(acr))
    table = Table(
        f"Looking through {indexes + candidates + others:,} manifests, {indexes:,} indexes and {candidates:,} other"
        f" OCI manifests, {CONCURRENCY} requests at once",
        ("", "seconds", "requests", "bodies read", "times the limit"),
    )
    limit = seconds["bare aiohttp loop"]
    for name in names:
        over = ratio(seconds[name], limit[: len(seconds[name])])
        bodies = counts[name]["kinds"].get("get_manifest", 0)
        requests = int(counts[name]["total"])  # type: ignore[call-overload]
        table.rows.append(
            (name, f"{statistics.median(seconds[name]):.2f}", f"{requests:,}", f"{bodies:,}", f"{over:.2f}")
        )
    cold = ratio(seconds["our scan, cold"], limit)
    again = counts["our scan, warm"]["kinds"].get("get_manifest", 0)
    table.targets += [
        (f"a cold scan takes at most 1.5 times the limit: {cold:.2f}", cold <= 1.5),
        (f"a warm scan reads no body again: {again}", again == 0),
    ]
    return table


if __name__ == "__main__":
    run(measure)
