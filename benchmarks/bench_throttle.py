"""Deleting at 500 writes a minute: how much of the allowed rate is used, and how often the registry says 429.

python benchmarks/bench_throttle.py [--small]
"""

import asyncio
import time

from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.exceptions import HttpResponseError
from bench_deletes import PlainHttp, images
from rig import CONCURRENCY, Registry, Table, progress, registry, run, side_by_side

from bot.registry import RegistryClient

PER_MINUTE = 500.0


async def paced(acr: Registry, repository: str, digests: list[str]) -> int:
    """Delete by the app's client; give how many it could not."""
    async with RegistryClient("bench", acr.url, acr.credential, concurrency=CONCURRENCY) as client:
        await side_by_side(lambda digest: client.delete_manifest(repository, digest), digests)
    return 0


async def shipped(acr: Registry, repository: str, digests: list[str]) -> int:
    """Delete by the SDK as it is shipped; give how many it could not."""
    failed = 0
    async with ContainerRegistryClient(acr.url, acr.credential, per_call_policies=[PlainHttp()]) as client:

        async def delete(digest: str) -> None:
            nonlocal failed
            try:
                await client.delete_manifest(repository, digest)
            except HttpResponseError:
                failed += 1

        await side_by_side(delete, digests)
    return failed


async def measure(small: bool) -> Table:
    """Delete for half a minute and more by each."""
    go = 30 if small else 300
    table = Table(
        f"Deleting {go} manifests where {PER_MINUTE:.0f} writes a minute are allowed",
        ("", "seconds", "of the rate", "writes", "429", "of all", "not deleted"),
    )
    async with registry() as acr:
        for name, way in (("our client", paced), ("the SDK as shipped", shipped)):
            repository = way.__name__
            await acr.seed({repository: images(go, 10)})
            digests = await acr.untagged(repository)
            await asyncio.sleep(1)  # the bucket is full again
            await acr.set(writes_per_minute=PER_MINUTE)
            await acr.count()
            began = time.perf_counter()
            failed = await way(acr, repository, digests)
            taken = time.perf_counter() - began
            counted = await acr.count()
            await acr.set(writes_per_minute=None)
            writes, refused = counted["kinds"]["delete_manifest"], counted["statuses"].get("429", 0)
            # The bucket is full at first: what it holds comes on top of what flows into it.
            used = (go - failed) / (PER_MINUTE / 60 * (taken + 1))
            share = refused / writes
            progress(f"{name}: {taken:.1f} s")
            table.rows.append(
                (name, f"{taken:.1f}", f"{used:.0%}", f"{writes}", f"{refused}", f"{share:.1%}", f"{failed}")
            )
            if way is paced:
                table.targets += [
                    (f"at least 90 % of the allowed rate used: {used:.0%}", used >= 0.9),
                    (f"under 2 % of the writes answered 429: {share:.1%}", share < 0.02),
                ]
    return table


if __name__ == "__main__":
    run(measure)
