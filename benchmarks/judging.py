"""Judge one repository, made up in memory, by each rule, and print what that cost: bench_selection.py starts this.

A program of its own, with nothing imported but what judging needs: its memory is that of judging. A process never gives
back the memory that it once had, so that each size takes a process of its own, too.

    python benchmarks/judging.py 10000
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from memory import peak

from bot.domain.manifest import OCI_INDEX, OCI_MANIFEST, Body, Descriptor, Manifest, Snapshot, Tag
from bot.domain.rule import Rule
from bot.domain.selection import judge

NOW = datetime(2026, 5, 1, tzinfo=UTC)
INDEXES = 0.05  # of all manifests: 5,000 of 100,000
PLATFORMS = 12  # of each index, of which every second one shares half of them with the one before
LAYERS = 8  # of each image, all but one of them shared with others
DAYS = timedelta(days=100)  # from the first push to the last
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


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(size: int) -> dict[str, object]:
    """Judge one size by each rule. CPU is the median of three; memory is the peak of the whole process."""
    started = peak()
    snapshot = Maker(size).snapshot()
    made = peak()
    figures: dict[str, object] = {"manifests": size, "snapshot": made - started}
    rules: dict[str, dict[str, float]] = {}
    for name, rule in RULES.items():
        going = len(judge(snapshot, rule, NOW).ranks)
        judged = peak()
        cpu = sorted(_timed(lambda rule=rule: judge(snapshot, rule, NOW)) for _ in range(3))[1]  # type: ignore[misc]
        rules[name] = {"going": going, "cpu": cpu, "memory": judged}
    return figures | {"rules": rules}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
