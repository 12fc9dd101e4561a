"""What judging a repository costs: CPU seconds and memory, for 10,000 and for 100,000 manifests.

Each size is judged in a process of its own, since a process never gives back the memory that it once had. The figures
beside each other show how cost grows: ten times the manifests should cost ten times as much, not a hundred.

    python benchmarks/bench_selection.py
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rig import Table, run

from bot.domain.manifest import OCI_INDEX, OCI_MANIFEST, Body, Descriptor, Manifest, Snapshot, Tag
from bot.domain.rule import Rule
from bot.domain.selection import judge

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SIZES = (10_000, 100_000)
INDEXES = 0.05  # of all manifests: 5,000 of 100,000
PLATFORMS = 12  # of each index, of which every second one shares half of them with the one before
LAYERS = 8  # of each image, all but one of them shared with others
DAYS = timedelta(days=100)  # from the first push to the last
MOST_CPU = 2.0
MOST_MEMORY = 200  # MB, of the whole process
RULES = {
    "untagged": Rule(),
    "all older than 30 days, pr-.*, keep 3": Rule(
        tagged=True, before=NOW - timedelta(days=30), tags="pr-.*", keep_newest=3
    ),
}


class Maker:
    """Makes the snapshot of a repository as a CI fills one: indexes, platforms, SBOMs, cosign tags, single images."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.manifests: dict[str, Manifest] = {}
        self.bodies: dict[str, Body] = {}
        self.tags: list[Tag] = []
        self.base = tuple(Descriptor(_digest("base", number), 1000) for number in range(LAYERS - 1))

    def snapshot(self) -> Snapshot:
        """Make it, of exactly as many manifests as were asked for."""
        shared: list[str] = []
        for build in range(int(self.size * INDEXES)):
            fresh = [self._image("platform") for _ in range(PLATFORMS - len(shared))]
            children = shared + fresh
            tag = f"pr-{build}" if build % 3 else f"v{build}"
            index = self._add("index", OCI_INDEX, (tag,) if build % 2 else (), children=children)
            sbom = self._image("sbom", subject=index)
            self._image("signature of the sbom", subject=sbom)
            self._image("cosign", tags=(index.replace(":", "-") + ".sig",))
            shared = fresh[: PLATFORMS // 2] if not shared else []
        while len(self.manifests) < self.size:
            number = len(self.manifests)
            self._image("single", tags=(f"v{number}",) if number % 2 else ())
        assert len(self.manifests) == self.size
        return Snapshot("registry", "team/app", NOW, self.manifests, self.bodies, tuple(self.tags))

    def _image(self, what: str, *, tags: tuple[str, ...] = (), subject: str = "") -> str:
        blobs = (*self.base, Descriptor(_digest("layer", len(self.manifests)), 1000))
        return self._add(what, OCI_MANIFEST, tags, subject=subject, blobs=blobs)

    def _add(
        self,
        what: str,
        media_type: str,
        tags: tuple[str, ...],
        *,
        children: list[str] | None = None,
        subject: str = "",
        blobs: tuple[Descriptor, ...] = (),
    ) -> str:
        number = len(self.manifests)
        digest = _digest(what, number)
        when = NOW - DAYS * number / self.size
        listed = tuple(Descriptor(_again(child), 500) for child in children or ())
        self.manifests[digest] = Manifest(digest, media_type, 8000, when, when, tags)
        self.bodies[digest] = Body(_again(digest), listed, _again(subject), blobs)
        self.tags += [Tag(tag, digest) for tag in tags]
        return digest


def _digest(what: str, number: int) -> str:
    """Make something of a digest's form; hashing would be measured otherwise."""
    return f"sha256:{abs(hash(what)) % 16**8:08x}{number:056x}"


def _again(digest: str) -> str:
    """Copy a digest: each body that is read brings strings of its own."""
    return digest[:7] + digest[7:]


def _peak() -> float:
    """Give the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(size: int) -> dict[str, object]:
    """Judge one size by each rule. CPU is the median of three; memory is the peak of the whole process."""
    started = _peak()
    snapshot = Maker(size).snapshot()
    made = _peak()
    figures: dict[str, object] = {"manifests": size, "snapshot": made - started}
    rules: dict[str, dict[str, float]] = {}
    for name, rule in RULES.items():
        going = len(judge(snapshot, rule, NOW).ranks)
        judged = _peak()
        cpu = sorted(_timed(lambda rule=rule: judge(snapshot, rule, NOW)) for _ in range(3))[1]  # type: ignore[misc]
        rules[name] = {"going": going, "cpu": cpu, "memory": judged}
    return figures | {"rules": rules}


async def table(small: bool) -> Table:
    """Judge each size by each rule."""
    found = Table("Judging a repository in memory", ("rule", "manifests", "go", "CPU s", "snapshot MB", "all MB"))
    for size in (100, 1_000) if small else SIZES:
        process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--one", str(size), stdout=asyncio.subprocess.PIPE
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
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        run(table)
