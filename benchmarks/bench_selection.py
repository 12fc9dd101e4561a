"""What judging a repository costs: CPU seconds and memory, for 10,000 and for 100,000 manifests.

Each size is judged by a process of its own (judging.py). The figures beside each other show how cost grows: ten times
the manifests should cost ten times as much, not a hundred.

    python benchmarks/bench_selection.py
"""

import asyncio
import json
import sys
from pathlib import Path

from rig import Table, run

SIZES = (10_000, 100_000)
MOST_CPU = 2.0
MOST_MEMORY = 200  # MB, of the whole process


async def table(small: bool) -> Table:
    """Judge each size by each rule."""
    found = Table("Judging a repository in memory", ("rule", "manifests", "go", "CPU s", "snapshot MB", "all MB"))
    for size in (100, 1_000) if small else SIZES:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).with_name("judging.py")), str(size), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        figures = json.loads(said)
        for name, row in figures["rules"].items():
            memory = f"{figures['snapshot']:.0f}", f"{row['memory']:.0f}"
            found.rows.append((name, f"{size:,}", f"{row['going']:,}", f"{row['cpu']:.2f}", *memory))
            if size == SIZES[-1]:
                met = row["cpu"] < MOST_CPU and row["memory"] < MOST_MEMORY
                text = f"{size:,} manifests by {name} in under {MOST_CPU:.0f} s of CPU and {MOST_MEMORY} MB in all"
                found.targets.append((text, met))
    return found


if __name__ == "__main__":
    run(table)
