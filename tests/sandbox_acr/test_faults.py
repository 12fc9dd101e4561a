import asyncio
import json

import aiohttp
import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

from sandbox.acr import AcrOptions, AcrSandbox, Fault, Registry
from sandbox.acr.faults import Faults
from tests.sandbox_acr.clients import async_client
from tests.sandbox_acr.raw import Raw, until


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 503])
async def test_status(acr: AcrSandbox, raw: Raw, status: int) -> None:
    """A status fault answers in the service's error form, as often as it counts."""
    acr.registry.push_image("myrepo")
    acr.faults.add(Fault(status=status, headers={"Retry-After": "7"}, count=2))
    for _ in range(2):
        answer = await raw("GET", "/acr/v1/myrepo")
        assert (answer.status, answer.headers["Retry-After"]) == (status, "7")
        assert answer.code
    assert (await raw("GET", "/acr/v1/myrepo")).status == 200
    assert [entry.fault for entry in acr.log] == ["status", "status", ""]


async def test_matching(acr: AcrSandbox, raw: Raw) -> None:
    """A rule strikes only its method, kind and path, after the matches that it skips."""
    digests = [acr.registry.push_image("team/app") for _ in range(4)]
    rule = acr.faults.add(Fault(method="DELETE", path=r"^/v2/team/app/manifests/sha256:", skip=1, count=2))
    assert (await raw("GET", "/acr/v1/team%2Fapp")).status == 200
    statuses = [(await raw("DELETE", f"/v2/team%2Fapp/manifests/{digest}")).status for digest in digests]
    assert statuses == [202, 500, 500, 202]
    assert rule.hits == 2
    acr.faults.add(Fault(kind="list_tags", body="<h1>maintenance</h1>", status=503))
    assert (await raw("GET", "/acr/v1/team%2Fapp/_tags")).body == b"<h1>maintenance</h1>"
    acr.faults.clear()
    assert (await raw("GET", "/acr/v1/team%2Fapp/_tags")).status == 200


def test_chance_is_seeded() -> None:
    """With the same seed, a rule by chance strikes the same requests."""

    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault(probability=0.3))
        return [faults.pick("GET", "/", "ping") is not None for _ in range(200)]

    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)
    assert 30 < sum(strikes(1)) < 90


@pytest.mark.parametrize("when", ["before", "after"])
async def test_reset(acr: AcrSandbox, raw: Raw, when: str) -> None:
    """A reset breaks the connection before or after the operation happened."""
    digest = acr.registry.push_image("myrepo")
    acr.faults.add(Fault(action="reset", method="DELETE", count=1, when="before" if when == "before" else "after"))
    with pytest.raises(aiohttp.ClientError):
        await raw("DELETE", f"/v2/myrepo/manifests/{digest}")
    assert (digest in acr.registry.digests("myrepo")) == (when == "before")
    (entry,) = acr.log.entries("delete_manifest")
    assert (entry.status, entry.fault) == (0, "reset")


async def test_the_sdk_repeats_a_delete_after_a_reset(acr: AcrSandbox) -> None:
    """A delete that worked and whose answer got lost is repeated, meets 404, and counts as success."""
    digest = acr.registry.push_image("myrepo")
    acr.registry.push_image("myrepo")
    acr.faults.add(Fault(action="reset", kind="delete_manifest", skip=1, count=1, when="after"))
    async with async_client(acr.url) as client:
        await client.delete_manifest("myrepo", digest)
    # The SDK asks without a token first, and repeats only the authorised request.
    assert [entry.status for entry in acr.log.entries("delete_manifest")] == [0, 404]
    assert digest not in acr.registry.digests("myrepo")


async def test_hang_until_the_client_gives_up(acr: AcrSandbox, raw: Raw) -> None:
    """A hang answers nothing while the client waits, and ends when the sandbox stops."""
    rule = acr.faults.add(Fault(action="hang"))
    call = asyncio.create_task(raw("GET", "/v2/"))
    await until(lambda: rule.hits)
    assert not call.done()
    await acr.stop()
    with pytest.raises(aiohttp.ClientError):
        await call


async def test_hang_for_a_while(acr: AcrSandbox, raw: Raw) -> None:
    """A hang with a length answers truly after it."""
    acr.faults.add(Fault(action="hang", seconds=0.05))
    assert (await raw("GET", "/v2/")).status == 200


async def test_garbage(acr: AcrSandbox, raw: Raw) -> None:
    """Garbage is a 200 with a page that is no JSON and no UTF-8, and the operation did not happen."""
    digest = acr.registry.push_image("myrepo")
    acr.faults.add(Fault(action="garbage", count=2))
    answer = await raw("GET", "/acr/v1/myrepo/_manifests")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html")
    with pytest.raises(ValueError, match=r"can't decode|Expecting value"):
        json.loads(answer.body)
    await raw("DELETE", f"/v2/myrepo/manifests/{digest}")
    assert acr.registry.digests("myrepo") == {digest}


async def test_truncate(acr: AcrSandbox, raw: Raw) -> None:
    """A truncated answer promises its whole length and ends half-way; one without a body is a reset."""
    digest = acr.registry.push_image("myrepo")
    acr.faults.add(Fault(action="truncate"))
    with pytest.raises(aiohttp.ClientPayloadError):
        await raw("GET", "/acr/v1/myrepo/_manifests")
    with pytest.raises(aiohttp.ClientOSError, match="reset"):
        await raw("DELETE", f"/v2/myrepo/manifests/{digest}")
    assert acr.registry.digests("myrepo") == set()


async def test_faults_of_the_identity_endpoint(acr: AcrSandbox) -> None:
    """The identity endpoint can fail, too."""
    acr.faults.add(Fault(kind="identity", status=400, body={"error": "no identity"}))
    async with async_client(acr.url) as client:
        with pytest.raises(HttpResponseError):
            await client.get_repository_properties("myrepo")
    assert acr.log.count("exchange") == 0


async def test_down_and_up_again(acr: AcrSandbox) -> None:
    """Stopped, nothing answers; started again, the same port has the same state and takes the same tokens."""
    digest = acr.registry.push_image("myrepo")
    url = acr.url
    async with async_client(url, retry_total=0) as client:
        assert (await client.get_repository_properties("myrepo")).manifest_count == 1
        await acr.stop()
        assert not acr.running
        with pytest.raises((ServiceRequestError, ServiceResponseError)):
            await client.get_repository_properties("myrepo")
        await acr.start()
        assert acr.url == url
        await client.delete_manifest("myrepo", digest)
    assert acr.registry.repositories() == []


async def test_stop_cuts_open_requests_off(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """A request that still waits when the sandbox stops gets no answer."""
    options.latency = 60
    call = asyncio.create_task(raw("GET", "/v2/"))
    await until(lambda: acr.pending)
    await acr.stop()
    with pytest.raises(aiohttp.ClientError):
        await call
    assert len(acr.log) == 0


async def test_a_taken_port_is_an_error(acr: AcrSandbox) -> None:
    """Starting on a port that is taken raises OSError, and starting twice RuntimeError."""
    port = int(acr.url.rpartition(":")[2])
    other = AcrSandbox(Registry())
    with pytest.raises(OSError, match="already in use"):
        await other.start(port=port)
    assert not other.running
    with pytest.raises(RuntimeError):
        await acr.start()


async def test_latency_may_be_a_range(acr: AcrSandbox, raw: Raw, options: AcrOptions) -> None:
    """Latency is a number of seconds or a range to draw from."""
    options.latency = (0.0, 0.01)
    assert (await raw("GET", "/v2/")).status == 200
