"""Looking through 1,000 repositories of 50 manifests each, side by side, beside a bare loop.

python benchmarks/bench_catalog.py [--small]
"""

import asyncio
import statistics

from bench_scan import images
from rig import CONCURRENCY, Bare, Registry, Table, folder, progress, ratio, registry, run, side_by_side, timed
from workshop import workshop

from bot.domain.manifest import DOCKER_MANIFEST
from bot.domain.reference import Reference
from bot.domain.rule import Rule
from bot.janitor.scan import scan

ROUNDS = 2


async def by_bare_loop(acr: Registry, names: list[str]) -> None:
    """Send what a look at all of them sends, with one token for all."""
    async with Bare(acr) as bare:
        await bare.all("GET", ["/acr/v1/_catalog?n=1000"], await bare.sign_in("registry:catalog:*"))

        async def look(name: str) -> None:
            read = await bare.sign_in(f"repository:{name}:metadata_read")
            await bare.all("GET", [f"/acr/v1/{name}"], read)
            tags = asyncio.create_task(bare.pages(f"/acr/v1/{name}/_tags?n=1000", read))
            manifests = await bare.pages(f"/acr/v1/{name}/_manifests?n=1000", read)
            await tags
            entries = [entry for page in manifests for entry in page["manifests"] or []]
            wanted = [entry["digest"] for entry in entries if entry["mediaType"] != DOCKER_MANIFEST]
            pull = await bare.sign_in(f"repository:{name}:pull")
            await bare.all("GET", [f"/v2/{name}/manifests/{digest}" for digest in wanted], pull)

        await side_by_side(look, names)


async def measure(small: bool) -> Table:
    """Take both in turn, round by round."""
    count, rounds = (20, 1) if small else (1000, ROUNDS)
    names = [f"team-{number % 20:02}/app-{number:04}" for number in range(count)]
    limit: list[float] = []
    ours: list[float] = []
    requests: list[int] = []
    async with registry() as acr:
        for start in range(0, count, 100):
            await acr.seed({name: images(1, 2, 47) for name in names[start : start + 100]})
        for _ in range(rounds):
            await acr.count()
            limit.append(await timed(lambda: by_bare_loop(acr, names)))
            requests[:1] = [int((await acr.count())["total"])]  # type: ignore[call-overload]
            progress(f"bare: {limit[-1]:.2f} s")
            with folder() as place:
                async with workshop(acr, place) as shop:
                    work = lambda shop=shop: scan(shop.desk, Reference("*"), Rule())  # noqa: E731 - a closure for the clock
                    ours.append(await timed(work))
            requests[1:] = [int((await acr.count())["total"])]  # type: ignore[call-overload]
            progress(f"ours: {ours[-1]:.2f} s")
    over = ratio(ours, limit)
    table = Table(
        f"Looking through {count:,} repositories of 50 manifests each, {CONCURRENCY} requests at once",
        ("", "seconds", "requests", "times the limit"),
    )
    for name, taken, sent in (("bare aiohttp loop", limit, requests[0]), ("our scan, cold", ours, requests[1])):
        table.rows.append((name, f"{statistics.median(taken):.2f}", f"{sent:,}", f"{ratio(taken, limit):.2f}"))
    table.targets.append((f"it takes at most 1.5 times the limit: {over:.2f}", over <= 1.5))
    return table


if __name__ == "__main__":
    run(measure)
