"""The most memory that looking through and deleting 10,000 and 100,000 manifests takes, each in a process of its own.

python benchmarks/bench_memory.py [--small]
"""

import asyncio
import json
import sys
import time

from bench_deletes import images
from memory import peak
from rig import Table, folder, progress, registry, run
from workshop import workshop


async def delete(size: int) -> dict[str, float]:
    """Propose and delete so many manifests, all but ten of a repository, and give the peak after each step."""
    found: dict[str, float] = {}
    # The registry answers at once: memory is the question, and the machine may well be small.
    async with registry(latency=0) as acr:
        await acr.seed({"big": images(size, 10)})
        with folder() as place:
            async with workshop(acr, place) as shop:
                found["start"] = peak()
                proposal = await shop.propose("big")
                found["proposed"] = peak()
                began = time.perf_counter()
                assert await shop.execute(proposal) == size
                found |= {"deleted": peak(), "seconds": time.perf_counter() - began}
    return found


async def measure(small: bool) -> Table:
    """Measure each size in a process of its own, since a process never gives back what it once had."""
    sizes = (200, 1_000) if small else (10_000, 100_000)
    table = Table(
        "Peak memory of looking through a repository and deleting all but ten of it",
        ("manifests", "at the start", "looked through and proposed", "deleted", "the deletion took"),
    )
    for size in sizes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--one", str(size), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        found = json.loads(said.splitlines()[-1])
        memory = [f"{found[key]:.0f} MB" for key in ("start", "proposed", "deleted")]
        table.rows.append((f"{size:,}", *memory, f"{found['seconds']:.0f} s"))
        progress(f"{size:,}: {found['deleted']:.0f} MB")
    return table


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(asyncio.run(delete(int(sys.argv[2])))))
    else:
        run(measure)
