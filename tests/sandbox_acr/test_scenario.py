import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.acr import DEMO, LOCKED, Locks, Registry, ScenarioError, documents, load_scenario, scenario
from sandbox.acr.clock import moment
from sandbox.acr.model import Manifest
from sandbox.acr.units import duration, size

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _by_type(registry: Registry, repo: str, *types: str) -> list[Manifest]:
    return [found for found in registry.manifests(repo) if found.media_type in types]


def _load(images: str) -> Registry:
    text = "repositories:\n  myrepo:\n    images:\n"
    return load_scenario(text + "".join(f"      - {line}\n" for line in images.strip().splitlines()), _NOW)


def test_an_image_with_everything() -> None:
    """An entry gives tags, age, platform, layers, locks and signatures of every kind."""
    registry = _load(
        "{tags: [v1, latest], age: 45d, platforms: [linux/arm64], layers: [1KiB, 2kB], lock: [delete, write],"
        " lock_tags: [write], signatures: [referrer, cosign], sbom: true}"
    )
    digest = registry.tags("myrepo")["v1"]
    found = registry.manifest("myrepo", digest)
    assert found.tags == ("latest", "v1")
    assert moment(found.updated) == _NOW - timedelta(days=45)
    assert (found.os, found.architecture) == ("linux", "arm64")
    assert found.locks == Locks(delete=False, write=False)
    assert registry.tag_entry("myrepo", "latest").locks == LOCKED
    layers = json.loads(found.body)["layers"]
    assert [layer["size"] for layer in layers] == [1024, 2000]
    assert [referrer.artifact_type for referrer in registry.referrers("myrepo", digest)] == [
        "application/vnd.cncf.notary.signature",
        "application/spdx+json",
    ]
    assert digest.replace(":", "-") + ".sig" in registry.tags("myrepo")


def test_repeat_steps_through_time() -> None:
    """Repeat pushes many, each older by every and bigger by growth; {n} numbers the tags."""
    registry = _load("{tags: ['b-{n}'], age: 1d, every: 2h, repeat: 30, layers: [1KiB], growth: 10B}")
    tags = registry.tags("myrepo")
    assert set(tags) == {f"b-{number}" for number in range(1, 31)}
    last = registry.manifest("myrepo", tags["b-30"])
    assert moment(last.updated) == _NOW - timedelta(days=1, hours=58)
    assert json.loads(last.body)["layers"][0]["size"] == 1024 + 290


def test_multi_arch_with_attestations() -> None:
    """Several platforms make an index over them; attested adds buildx's unknown/unknown manifests."""
    registry = _load("{tags: [v1], platforms: [linux/amd64, linux/arm64], attested: true, media: oci}")
    (index,) = _by_type(registry, "myrepo", documents.OCI_INDEX)
    entries = json.loads(index.body)["manifests"]
    assert [entry["platform"]["architecture"] for entry in entries] == ["amd64", "arm64", "unknown", "unknown"]
    assert entries[2]["annotations"] == {
        "vnd.docker.reference.digest": entries[0]["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    }
    assert index.image_size == sum(found.image_size for found in _by_type(registry, "myrepo", documents.OCI_MANIFEST))


def test_odd_shapes() -> None:
    """Named entries make indexes of indexes and subjects; raw bodies, lost ones and orphans can be written."""
    registry = _load(
        """
{name: image, media: docker}
{name: inner, index_of: [image], media: docker}
{tags: [outer], index_of: [inner, missing], subject: image}
{artifact: sbom, subject: missing, tags: [orphan]}
{artifact: example/own, subject: inner}
{media_type: application/vnd.future+json, body: {hello: 1}, tags: [raw]}
{media_type: application/vnd.oci.image.index.v1+json, body: not json, lost: true}
"""
    )
    outer = registry.pull("myrepo", "outer")
    assert (outer.media_type, len(documents.outline(outer.body).children)) == (documents.OCI_INDEX, 2)
    (inner,) = _by_type(registry, "myrepo", documents.DOCKER_INDEX)
    assert outer.subject == documents.outline(inner.body).children[0]
    assert registry.referrers("myrepo", inner.digest)[0].artifact_type == "example/own"
    orphan = registry.pull("myrepo", "orphan")
    assert orphan.subject not in registry.digests("myrepo")
    assert registry.pull("myrepo", "raw").body == b'{"hello":1}'
    assert [found.body for found in registry.manifests("myrepo") if found.lost] == [b"not json"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a:\n  - [", "no YAML"),
        ("just\ntext", "scenario"),
        ("repositories: {}\n", "repositories"),
        ("repositories: {UPPER: {images: [{}]}}\n", "UPPER"),
        ("repositories: {a: {images: []}}\n", "repositories.a.images"),
        ("repositories: {a: {images: [{agee: 1d}]}}\n", "repositories.a.images.0.agee"),
        ("repositories: {a: {images: [{age: soon}]}}\n", "'soon' is no age"),
        ("repositories: {a: {images: [{layers: [big]}]}}\n", "'big' is no size"),
        ("repositories: {a: {images: [{layers: [0]}]}}\n", "greater than 0"),
        ("repositories: {a: {images: [{tags: [x], repeat: 2}]}}\n", "needs {n}"),
        ("repositories: {a: {images: [{tags: ['x y']}]}}\n", "tags.0"),
        ("repositories: {a: {images: [{platforms: [linux]}]}}\n", "platforms.0"),
        ("repositories: {a: {images: [{media: helm}]}}\n", "media"),
        ("repositories: {a: {images: [{lock: [everything]}]}}\n", "lock.0"),
        ("repositories: {a: {images: [{lock_tags: [write]}]}}\n", "lock_tags without tags"),
        ("repositories: {a: {images: [{body: x}]}}\n", "go together"),
        ("repositories: {a: {images: [{index_of: [b]}]}}\n", "refers to b"),
        ("repositories: {a: {images: [{name: b}, {name: b}]}}\n", "a second time"),
        ("repositories: {a: {images: [{artifact: sbom, attested: true}]}}\n", "an entry is one of"),
        ("repositories: {a: {images: [{subject: missing, attested: true}]}}\n", "subject goes with"),
        (
            "repositories: {a: {images: [{subject: missing, media_type: x, body: x}]}}\n",
            "write the subject into the body",
        ),
    ],
)
def test_bad_scenarios(text: str, complaint: str) -> None:
    """A fault in a scenario is named with its place and what was expected."""
    with pytest.raises(ScenarioError) as fault:
        load_scenario(text)
    assert complaint in str(fault.value)


def test_all_faults_at_once() -> None:
    """Every fault of a scenario is listed, not just the first."""
    with pytest.raises(ScenarioError) as fault:
        load_scenario("repositories:\n  a: {images: [{age: soon}, {media: helm}]}\n")
    assert "images.0.age" in str(fault.value)
    assert "images.1.media" in str(fault.value)


def test_the_readme_documents_every_key() -> None:
    """Each key of an entry has its row in the README, and the README's example can be loaded."""
    text = (Path(scenario.__file__).parent / "README.md").read_text(encoding="utf-8")
    rows = {
        key
        for line in text.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert set(scenario.Entry.model_fields) <= rows
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    assert len(load_scenario(example[1], _NOW)) == 75


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    """A path that does not exist is the caller's OSError."""
    with pytest.raises(FileNotFoundError):
        load_scenario(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90s", 90), ("30m", 1_800), ("2h", 7_200), ("45d", 3_888_000), ("1w", 604_800), ("1d12h", 129_600)],
)
def test_ages(text: str, seconds: int) -> None:
    """Ages are numbers with units, which may be strung together."""
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "count"), [("17", 17), (17, 17), ("1KiB", 1024), ("1.5 MiB", 1_572_864), ("2GB", 2_000_000_000)]
)
def test_sizes(text: object, count: int) -> None:
    """Sizes are bytes, or numbers with a binary or decimal unit."""
    assert size(text) == count


def test_the_demo_has_what_it_tells() -> None:
    """In the demo's myrepo 37 untagged manifests can go, and the shapes that must be kept are all there."""
    registry = load_scenario(DEMO, _NOW)
    assert len(registry.repositories()) == 8
    manifests = {found.digest: found for found in registry.manifests("myrepo")}
    kept = {digest for digest, found in manifests.items() if found.tags or found.locks != Locks()}
    kept |= {digest for digest, found in manifests.items() if moment(found.updated) > _NOW - timedelta(days=1)}
    while True:
        more = set(kept)
        for digest, found in manifests.items():
            if digest in kept:
                more |= set(documents.outline(found.body).children)
            if found.subject in kept:
                more.add(digest)
        if more == kept:
            break
        kept = more
    assert len(manifests.keys() - kept) == 37
    assert sum(found.locks != Locks() and not found.tags for found in manifests.values()) == 1
    for repo in registry.repositories():
        tagged = [found for found in registry.manifests(repo) if found.tags]
        for found in tagged:
            for digest, _ in documents.outline(found.body).layers:
                assert registry.blobs.read(digest) is not None
