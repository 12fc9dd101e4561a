"""Deleting 2,000 of 10,000 manifests: our client, a whole run, and the SDK as shipped, beside a bare loop.

python benchmarks/bench_deletes.py [--small]
"""

import statistics
from typing import Any
from urllib.parse import urlsplit

from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from rig import CONCURRENCY, Bare, Registry, Table, folder, progress, ratio, registry, run, side_by_side, timed
from workshop import workshop

from bot.registry import RegistryClient

ROUNDS = 3


class PlainHttp(SansIOHTTPPolicy[Any, Any]):
    """Lets the SDK send a token over plain http on loopback."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Lift the ban."""
        request.context["enforce_https"] = False


def images(go: int, stay: int) -> list[dict[str, object]]:
    """Describe a repository of single images, pushed second by second, the first of them untagged."""
    return [
        {"repeat": go, "age": "60d", "every": "1s", "media": "docker"},
        {"repeat": stay, "age": "90d", "every": "1s", "media": "docker", "tags": ["v{n}"]},
    ]


async def by_bare_loop(acr: Registry, repository: str, digests: list[str]) -> None:
    """Delete by aiohttp alone."""
    async with Bare(acr) as bare:
        header = await bare.sign_in(f"repository:{repository}:delete")
        await bare.all("DELETE", [f"/v2/{repository}/manifests/{digest}" for digest in digests], header)


async def by_client(acr: Registry, repository: str, digests: list[str]) -> None:
    """Delete by the app's client."""
    async with RegistryClient("bench", acr.url, acr.credential, concurrency=CONCURRENCY) as client:
        await side_by_side(lambda digest: client.delete_manifest(repository, digest), digests)


async def by_sdk(acr: Registry, repository: str, digests: list[str]) -> None:
    """Delete by the SDK as it is shipped."""
    policies = [PlainHttp()] if urlsplit(acr.url).scheme == "http" else []
    async with ContainerRegistryClient(acr.url, acr.credential, per_call_policies=policies) as client:
        await side_by_side(lambda digest: client.delete_manifest(repository, digest), digests)


async def measure(small: bool) -> Table:
    """Take the contenders in turn, round by round."""
    go, stay, rounds = (100, 100, 1) if small else (2000, 8000, ROUNDS)
    ways = {"bare aiohttp loop": by_bare_loop, "our client": by_client, "the SDK as shipped": by_sdk}
    seconds: dict[str, list[float]] = {name: [] for name in (*ways, "a whole run")}
    requests: dict[str, int] = {}
    async with registry() as acr:
        for number in range(rounds):
            for name, way in ways.items():
                if number and way is by_sdk:
                    continue  # once is enough to see it
                repository = f"{way.__name__.replace('_', '-')}/{number}"
                await acr.seed({repository: images(go, stay)})
                digests = await acr.untagged(repository)
                await acr.count()
                seconds[name].append(await timed(lambda way=way, r=repository, d=digests: way(acr, r, d)))  # type: ignore[misc]
                requests[name] = int((await acr.count())["total"])  # type: ignore[call-overload]
                progress(f"{name}: {seconds[name][-1]:.2f} s")
            repository = f"run/{number}"
            await acr.seed({repository: images(go, stay)})
            with folder() as place:
                async with workshop(acr, place) as shop:
                    proposal = await shop.propose(repository)
                    await acr.count()
                    seconds["a whole run"].append(await timed(lambda shop=shop, p=proposal: shop.execute(p)))  # type: ignore[misc]
                    requests["a whole run"] = int((await acr.count())["total"])  # type: ignore[call-overload]
                    progress(f"a whole run: {seconds['a whole run'][-1]:.2f} s")
                    assert not await acr.untagged(repository)
    limit = seconds["bare aiohttp loop"]
    table = Table(
        f"Deleting {go:,} of {go + stay:,} manifests, {CONCURRENCY} at once",
        ("", "seconds", "deletes a second", "requests", "times the limit"),
    )
    for name, taken in seconds.items():
        median = statistics.median(taken)
        over = ratio(taken, limit[: len(taken)])
        table.rows.append((name, f"{median:.2f}", f"{go / median:,.0f}", f"{requests[name]:,}", f"{over:.2f}"))
    client = ratio(seconds["our client"], limit)
    each = requests["our client"] / go
    table.targets += [
        (f"our client takes at most 1.5 times the limit: {client:.2f}", client <= 1.5),
        (f"our client sends at most 1.05 requests for each delete: {each:.3f}", each <= 1.05),
    ]
    return table


if __name__ == "__main__":
    run(measure)
