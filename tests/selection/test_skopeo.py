"""A real client before and after a real clean-up: every kept tag copies to the same digests, byte for byte.

skopeo 1.9 refuses an index inside of an index, so of such a one each entry is copied by its digest.
"""

import asyncio
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from sandbox.acr import ADMIN, Registry
from tests.scenarios.stage import Stage, days_ago, make_stage

pytestmark = [
    pytest.mark.skopeo,
    pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed"),
]

REPOSITORY = "team/app"
_CREDENTIALS = f"{ADMIN.name}:{ADMIN.password}"
_INDEXES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}


class CopyFailedError(AssertionError):
    """skopeo could not copy an image."""


class Skopeo:
    """Copies out of one repository, each time into a folder of its own."""

    def __init__(self, host: str, folder: Path) -> None:
        self.source = f"docker://{host}/{REPOSITORY}"
        self.folder = folder
        self.copies = 0

    async def copy(self, reference: str) -> frozenset[str]:
        """Copy ``:tag`` or ``@digest`` with all platforms; give the digests of all manifests and blobs that came."""
        raw = await self._run(
            "inspect", "--raw", "--tls-verify=false", "--creds", _CREDENTIALS, self.source + reference
        )
        document = json.loads(raw)
        entries = document.get("manifests", [])
        if any(entry["mediaType"] in _INDEXES for entry in entries):
            copies = [await self.copy(f"@{entry['digest']}") for entry in entries]
            return frozenset({_digest(raw)}).union(*copies)
        self.copies += 1
        # An OCI layout holds no Docker image as it is.
        kind = "oci" if "vnd.oci." in document["mediaType"] else "dir"
        target = self.folder / str(self.copies)
        source = ("--src-tls-verify=false", "--src-creds", _CREDENTIALS, self.source + reference)
        await self._run("copy", "--all", "--preserve-digests", *source, f"{kind}:{target}")
        found = _read_layout(target) if kind == "oci" else _read_folder(target)
        assert _digest(raw) in found
        return found

    async def _run(self, *arguments: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            "skopeo", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode:
            raise CopyFailedError(err.decode())
        return out


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _read_layout(folder: Path) -> frozenset[str]:
    """Read an OCI layout, in which each blob is called by its digest."""
    found = set()
    for path in (folder / "blobs" / "sha256").iterdir():
        assert _digest(path.read_bytes()) == f"sha256:{path.name}"
        found.add(f"sha256:{path.name}")
    return frozenset(found)


def _read_folder(folder: Path) -> frozenset[str]:
    """Read skopeo's own layout: each file but the outermost manifest is called by its digest."""
    found = {_digest((folder / "manifest.json").read_bytes())}
    for path in folder.iterdir():
        if path.name not in {"manifest.json", "version"}:
            assert _digest(path.read_bytes()) == f"sha256:{path.name.removesuffix('.manifest.json')}"
            found.add(f"sha256:{path.name.removesuffix('.manifest.json')}")
    return frozenset(found)


def fill(registry: Registry) -> None:
    """Push images of each form that are to stay, and among them last week's builds of the same."""
    for tags, days in (((), 50.0), (("kept",), 40.0)):
        old = days_ago(days)

        def tagged(name: str, tags: tuple[str, ...] = tags) -> list[str]:
            return [f"{name}-{tag}" for tag in tags]

        base, mine = b"a base layer that all builds share", f"what is new after {days} days".encode()
        amd, arm = (
            registry.push_image(REPOSITORY, platform=name, layers=[base, mine], updated=old)
            for name in ("linux/amd64", "linux/arm64")
        )
        attestations = {registry.push_attestation(REPOSITORY, image, updated=old): image for image in (amd, arm)}
        registry.push_index(REPOSITORY, [amd, arm], attestations=attestations, tags=tagged("multi-arch"), updated=old)
        registry.push_multi_arch(
            REPOSITORY, media="docker", layers=[base, mine], tags=tagged("docker-list"), updated=old
        )
        inner = registry.push_multi_arch(REPOSITORY, layers=[base, mine], updated=old)
        registry.push_index(REPOSITORY, [inner, amd], tags=tagged("nested"), updated=old)
        signed = registry.push_multi_arch(REPOSITORY, layers=[base, mine], tags=tagged("signed"), updated=old)
        registry.push_cosign_signature(REPOSITORY, signed, updated=old)
        sbom = registry.push_artifact(REPOSITORY, signed, artifact_type="application/spdx+json", updated=old)
        registry.push_artifact(REPOSITORY, sbom, updated=old)


async def copy_all(skopeo: Skopeo, registry: Registry, attachments: set[str]) -> dict[str, frozenset[str]]:
    """Copy every tag that there is, and by digest what is attached without one."""
    references = [f":{tag}" for tag in registry.tags(REPOSITORY)] + [f"@{digest}" for digest in sorted(attachments)]
    return {reference: await skopeo.copy(reference) for reference in references}


async def clean(stage: Stage) -> None:
    """Ask, propose and approve, as people do, and wait until it is done."""
    card = await stage.propose(stage.riley, f"/acr untagged {REPOSITORY}")
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert "Deleted all" in text


async def test_every_kept_tag_copies_to_the_same_digests(tmp_path: Path) -> None:
    """Multi-arch, Docker list, nested and signed images come out of a clean-up as they went in."""
    async with make_stage("http") as stage, stage.running():
        registry = stage.registry
        fill(registry)
        everything = registry.digests(REPOSITORY)
        kept = {tag: digest for tag, digest in registry.tags(REPOSITORY).items() if tag.endswith("-kept")}
        attached = {found.digest for found in registry.referrers(REPOSITORY, kept["signed-kept"])}
        attached |= {found.digest for sbom in attached for found in registry.referrers(REPOSITORY, sbom)}
        signature = f"{kept['signed-kept'].replace(':', '-')}.sig"
        skopeo = Skopeo(stage.acr.login_server, tmp_path)
        before = await copy_all(skopeo, registry, attached)
        assert len(attached) == 2

        await clean(stage)

        after = await copy_all(skopeo, registry, attached)
        assert registry.tags(REPOSITORY).keys() == kept.keys() | {signature}
        assert len(everything) == 2 * len(registry.digests(REPOSITORY)), "of two builds of the same form one is gone"
        assert after == {reference: digests for reference, digests in before.items() if reference in after}
        assert {f":{tag}" for tag in (*kept, signature)} | {f"@{digest}" for digest in attached} == after.keys()
        assert all(digest in after[f":{tag}"] for tag, digest in kept.items())


async def test_a_copy_tells_when_a_platform_is_missing(tmp_path: Path) -> None:
    """What the test above relies on: skopeo fails where one platform of an image is gone."""
    async with make_stage("http") as stage:
        index = stage.registry.push_multi_arch(REPOSITORY, tags=["v1"])
        skopeo = Skopeo(stage.acr.login_server, tmp_path)
        assert index in await skopeo.copy(":v1")
        stage.registry.delete_manifest(REPOSITORY, next(iter(stage.registry.digests(REPOSITORY) - {index})))
        with pytest.raises(CopyFailedError, match="manifest unknown"):
            await skopeo.copy(":v1")
