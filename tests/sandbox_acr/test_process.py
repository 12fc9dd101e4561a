import asyncio
import json
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from sandbox.acr import AcrOptions, AcrSandbox, Registry
from tests.sandbox_acr.clients import async_client
from tests.sandbox_acr.raw import Raw

_SCENARIO = """
repositories:
  myrepo:
    images:
      - {tags: [v1], age: 3d}
      - {age: 40d, repeat: 5}
"""


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.acr",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        yield process, json.loads(line) if line else {}
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def test_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program prints its addresses, serves the scenario to the SDK, and ends cleanly on SIGTERM."""
    scenario = tmp_path / "scenario.yml"
    scenario.write_text(_SCENARIO)
    async with _process("--scenario", str(scenario), "--control") as (process, said):
        assert said["pid"] == process.pid
        assert said["url"] == f"http://{said['login_server']}"
        for name, value in said["identity_env"].items():
            monkeypatch.setenv(name, value)
        async with async_client(said["url"]) as client:
            found = [entry async for entry in client.list_manifest_properties("myrepo")]
        assert len(found) == 6
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--scenario", "/nowhere/x.yml"], "No such file"),
        (["--certificate", "/nowhere/cert.pem"], "No such file"),
    ],
)
async def test_a_process_that_cannot_start(arguments: list[str], complaint: str) -> None:
    """A fault in the arguments is one line on standard error and exit status 2."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.acr", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert complaint in err.decode()
    assert "Traceback" not in err.decode()


async def test_a_process_with_a_certificate(tmp_path: Path) -> None:
    """With a certificate the program speaks https."""
    authority = trustme.CA()
    pem = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
    async with _process("--certificate", str(pem)) as (_, said):
        assert said["url"].startswith("https://")
        context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
        async with aiohttp.ClientSession() as session, session.get(said["url"] + "/v2/", ssl=context) as answer:
            assert answer.status == 401


@pytest.fixture
def options() -> AcrOptions:
    """Open the control endpoint."""
    return AcrOptions(control=True, log_limit=3)


async def test_control(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """Through the control endpoint another process seeds, counts, injects faults and tunes options."""
    assert (await raw("POST", "/_sandbox/scenario", payload={"text": _SCENARIO})).status == 204
    assert (await raw("GET", "/_sandbox/state")).json == {"myrepo": 6}
    state = (await raw("GET", "/_sandbox/state?repository=myrepo")).json
    assert (len(state["manifests"]), list(state["tags"])) == (6, ["v1"])
    fault = {"kind": "list_manifests", "status": 503, "count": 1}
    assert (await raw("POST", "/_sandbox/faults", payload=fault)).status == 204
    assert (await raw("GET", "/acr/v1/myrepo/_manifests")).status == 503
    assert (await raw("GET", "/_sandbox/faults")).json == [{"action": "status", "hits": 1}]
    assert (await raw("DELETE", "/_sandbox/faults")).status == 204
    assert (await raw("POST", "/_sandbox/options", payload={"latency": 0.001})).status == 204
    assert options.latency == pytest.approx(0.001)
    for _ in range(4):
        assert (await raw("GET", "/acr/v1/myrepo/_manifests")).status == 200
    log = (await raw("GET", "/_sandbox/log")).json
    assert log == {"total": 5, "kinds": {"list_manifests": 5}, "statuses": {"503": 1, "200": 4}}
    entries = (await raw("GET", "/_sandbox/log?entries=1&kind=list_manifests")).json["entries"]
    assert [entry["status"] for entry in entries] == [200, 200, 200]
    assert (await raw("DELETE", "/_sandbox/log")).status == 204
    assert (await raw("GET", "/_sandbox/log")).json["total"] == 0


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        ("GET", "nothing", None, 404),
        ("GET", "__class__", None, 404),
        ("POST", "faults", {"speed": 1}, 400),
        ("POST", "faults", {"path": "("}, 400),
        ("POST", "faults", {"action": "explode"}, 400),
        ("POST", "faults", [], 400),
        ("POST", "options", {"principals": []}, 400),
        ("POST", "scenario", {"text": "nonsense"}, 400),
        ("POST", "scenario", {}, 400),
    ],
)
async def test_odd_control_calls(raw: Raw, method: str, path: str, payload: object, status: int) -> None:
    """A control call that makes no sense is answered with a reason."""
    answer = await raw(method, f"/_sandbox/{path}", payload=payload)
    assert answer.status == status
    assert answer.json["error"]


async def test_control_is_closed_by_default() -> None:
    """Without the option there is no control endpoint."""
    async with AcrSandbox(Registry()) as acr, aiohttp.ClientSession() as session:
        await acr.__aenter__()
        assert acr.running
        async with session.get(acr.url + "/_sandbox/state") as answer:
            assert answer.status == 404


async def test_the_log_is_bounded_and_frozen(acr: AcrSandbox, raw: Raw) -> None:
    """A limit keeps the last entries only, counts go on, and entries can't be changed."""
    for _ in range(5):
        await raw("GET", "/v2/")
    assert (len(acr.log), len(list(acr.log)), acr.log.count("ping")) == (5, 3, 5)
    assert (acr.log.count(), acr.log.kinds(), acr.log.statuses()) == (5, {"ping": 5}, {200: 5})
    assert len(acr.log.entries(status=200)) == 3
    entry = acr.log.entries()[0]
    assert (entry.method, entry.path, entry.caller) == ("GET", "/v2/", "admin")
    with pytest.raises(FrozenInstanceError):
        entry.status = 0  # type: ignore[misc]
    acr.log.clear()
    assert len(acr.log) == 0
