import asyncio
import json
import shutil
from pathlib import Path

import pytest

from sandbox.acr import ADMIN, DEMO, AcrOptions, AcrSandbox, Principal, load_scenario

pytestmark = [
    pytest.mark.skopeo,
    pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed"),
]

_CREDENTIALS = f"{ADMIN.name}:{ADMIN.password}"
_ONE = ("--tls-verify=false", "--creds", _CREDENTIALS)
_SOURCE = ("--src-tls-verify=false", "--src-creds", _CREDENTIALS)
_TARGET = ("--dest-tls-verify=false", "--dest-creds", _CREDENTIALS)


async def _skopeo(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        "skopeo", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def _done(*arguments: str) -> str:
    status, out, err = await _skopeo(*arguments)
    assert status == 0, err
    return out


def _layout(folder: Path, acr: AcrSandbox) -> tuple[str, str]:
    reference = f"docker://{acr.login_server}/team/app"
    return reference, f"dir:{folder / 'image'}"


async def test_pull_and_push_of_a_multi_arch_image(acr: AcrSandbox, tmp_path: Path) -> None:
    """What skopeo pulls with all platforms and pushes again keeps each digest, attestations included."""
    index = acr.registry.push_multi_arch("team/app", tags=["v1"], attested=True, layers=[5_000, 300_000])
    reference, folder = _layout(tmp_path, acr)
    await _done("copy", "--all", *_SOURCE, f"{reference}:v1", folder)
    await _done("copy", "--all", *_TARGET, folder, f"docker://{acr.login_server}/other/app:v2")
    assert acr.registry.tags("other/app") == {"v2": index}
    assert acr.registry.digests("other/app") == acr.registry.digests("team/app")


async def test_copy_within_the_registry_mounts_blobs(acr: AcrSandbox) -> None:
    """A copy from one repository to another pulls from one and pushes to the other."""
    digest = acr.registry.push_image("team/app", tags=["v1"], media="docker", layers=[4_000])
    reference, _ = _layout(Path(), acr)
    target = f"docker://{acr.login_server}/team/copy:v1"
    await _done("copy", *_SOURCE, *_TARGET, f"{reference}:v1", target)
    assert acr.registry.tags("team/copy") == {"v1": digest}


async def test_list_tags_and_inspect(acr: AcrSandbox) -> None:
    """Skopeo lists the tags and reads platform and manifest of an image."""
    digest = acr.registry.push_image("team/app", tags=["v1", "v2"], platform="linux/arm64")
    reference, _ = _layout(Path(), acr)
    assert json.loads(await _done("list-tags", *_ONE, reference))["Tags"] == ["v1", "v2"]
    seen = json.loads(await _done("inspect", *_ONE, f"{reference}:v1"))
    assert (seen["Digest"], seen["Architecture"]) == (digest, "arm64")
    raw = json.loads(await _done("inspect", "--raw", *_ONE, f"{reference}:v1"))
    assert raw["schemaVersion"] == 2


async def test_delete(acr: AcrSandbox) -> None:
    """Skopeo deletes the manifest behind a tag, with its other tags and its referrers."""
    digest = acr.registry.push_image("team/app", tags=["v1", "v2"])
    acr.registry.push_artifact("team/app", digest)
    kept = acr.registry.push_image("team/app")
    reference, _ = _layout(Path(), acr)
    await _done("delete", *_ONE, f"{reference}:v1")
    assert acr.registry.digests("team/app") == {kept}
    assert acr.registry.tags("team/app") == {}


async def test_a_lock_refuses_the_delete(acr: AcrSandbox) -> None:
    """A locked manifest stays, and skopeo shows why."""
    digest = acr.registry.push_image("team/app", tags=["v1"])
    acr.registry.lock_manifest("team/app", digest)
    reference, _ = _layout(Path(), acr)
    status, _, err = await _skopeo("delete", *_ONE, f"{reference}:v1")
    assert status != 0
    assert "REGISTRY_DISALLOWED_OPERATION" in err
    assert acr.registry.digests("team/app") == {digest}


async def test_without_credentials(acr: AcrSandbox, options: AcrOptions) -> None:
    """Without credentials nothing works, unless the registry allows anonymous pulls, and then only pulls."""
    digest = acr.registry.push_image("team/app", tags=["v1"])
    reference, _ = _layout(Path(), acr)
    assert (await _skopeo("inspect", "--tls-verify=false", f"{reference}:v1"))[0] != 0
    options.anonymous = Principal("anonymous", actions=frozenset({"pull"}))
    assert json.loads(await _done("inspect", "--tls-verify=false", f"{reference}:v1"))["Digest"] == digest
    assert (await _skopeo("delete", "--tls-verify=false", f"{reference}:v1"))[0] != 0
    assert acr.registry.digests("team/app") == {digest}


async def test_the_demo_scenario_can_be_pulled(acr: AcrSandbox, tmp_path: Path) -> None:
    """What the demo scenario keeps has layers that skopeo can really pull."""
    load_scenario(DEMO, into=acr.registry)
    for number, tag in enumerate(("myrepo:latest", "myrepo:v1-lts", "ci/builder:build-7")):
        source = f"docker://{acr.login_server}/{tag}"
        await _done("copy", "--all", *_SOURCE, source, f"dir:{tmp_path / str(number)}")


async def test_a_declared_layer_cannot_be_pulled(acr: AcrSandbox, tmp_path: Path) -> None:
    """An image with a layer that is only declared lists and inspects, and its pull fails."""
    acr.registry.push_image("team/app", tags=["big"], layers=[400_000_000])
    reference, folder = _layout(tmp_path, acr)
    assert json.loads(await _done("inspect", "--raw", *_ONE, f"{reference}:big"))["layers"][0]["size"] == 400_000_000
    status, _, err = await _skopeo("copy", *_SOURCE, f"{reference}:big", folder)
    assert status != 0
    assert "blob unknown" in err or "404" in err
