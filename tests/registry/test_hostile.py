"""A registry that means harm: answers that are huge, packed, endless, slow, or not what they claim to be."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

import pytest
from aiohttp import web
from azure.core.credentials import AccessToken

from bot.domain.body import UnreadableBodyError, read_body
from bot.errors import RegistryError, RegistryGarbledError, RegistryUnreachableError
from bot.registry import Patience, RegistryClient, bounded, raw
from sandbox.acr import AcrSandbox, Fault
from tests.registry.conftest import MemoryCache

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
DIGEST = "sha256:" + "1" * 64
PATIENCE = Patience(tries=1, total=2, attempt=1, first_wait=0.01, longest_wait=0.02)


class Credential:
    """An identity that a registry of the tests believes."""

    async def get_token(self, *_: str, **__: object) -> AccessToken:
        return AccessToken("e30.e30.e30", 2_000_000_000)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@asynccontextmanager
async def registry(answer: Answer) -> AsyncIterator[RegistryClient]:
    """Run a registry that signs everybody in and answers all else as it likes; give a client of it."""

    async def token(_: web.Request) -> web.Response:
        return web.json_response({"refresh_token": "e30.eyJleHAiOjIwMDAwMDAwMDB9.e30", "access_token": "e30.e30.e30"})

    site = web.Application()
    site.router.add_post("/oauth2/exchange", token)
    site.router.add_post("/oauth2/token", token)
    site.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    host, port = runner.addresses[0][:2]
    try:
        async with RegistryClient("evil", f"http://{host}:{port}", Credential(), patience=PATIENCE) as made:
            yield made
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bound be a megabyte, so that a test sends little."""
    monkeypatch.setattr(bounded, "MOST", 1024 * 1024)


async def test_a_huge_page_is_refused() -> None:
    """One that says how long it is, and one that does not, end at the bound, not at the end of the memory."""
    sent = 0

    async def known(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b" " * (1024 * 1024 + 1), content_type="application/json")

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        while sent < 100 * 1024 * 1024:
            await answer.write(b" " * 65536)
            sent += 65536
        return answer

    for answer in (known, endless):
        async with registry(answer) as hostile:
            with pytest.raises(RegistryGarbledError, match="larger than 1 MiB"):
                await hostile.repositories()
    assert sent < 50 * 1024 * 1024


@pytest.mark.parametrize("call", ["listing", "body"])
async def test_a_packed_bomb_is_refused(call: str) -> None:
    """A few kilobytes that unpack to sixteen megabytes are not unpacked."""
    bomb = gzip.compress(b" " * (16 * 1024 * 1024))
    assert len(bomb) < 64 * 1024

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"}, content_type="application/json")

    async with registry(answer) as hostile:
        with pytest.raises(RegistryGarbledError, match="larger than 1 MiB"):
            await (hostile.repositories() if call == "listing" else hostile.body("app", DIGEST))


async def test_a_packed_page_is_read() -> None:
    """What is packed and within the bound is an answer like any other."""
    page = gzip.compress(json.dumps({"repositories": ["app"]}).encode())

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=page, headers={"Content-Encoding": "gzip"}, content_type="application/json")

    async with registry(answer) as fair:
        assert await fair.repositories() == ["app"]


async def test_endless_pages_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing whose every page leads to a new one is given up, and nothing of it is believed."""
    monkeypatch.setattr(raw, "_PAGES", 20)
    count = 0

    async def answer(_: web.Request) -> web.StreamResponse:
        nonlocal count
        count += 1
        link = {"Link": f'</acr/v1/_catalog?last={count}&n=1000>; rel="next"'}
        return web.json_response({"repositories": [f"app-{count}"]}, headers=link)

    async with registry(answer) as hostile:
        with pytest.raises(RegistryGarbledError, match="goes on for more than 20 pages"):
            await hostile.repositories()
    assert count == 21


async def test_a_slow_drip_ends_with_patience() -> None:
    """An answer that comes a byte at a time, never pausing for long, is not waited for to its end."""

    async def answer(request: web.Request) -> web.StreamResponse:
        drip = web.StreamResponse(headers={"Content-Type": "application/json"})
        await drip.prepare(request)
        for _ in range(2000):
            await drip.write(b" ")
            await asyncio.sleep(0.05)
        return drip

    async with registry(answer) as hostile:
        async with asyncio.timeout(30):
            with pytest.raises(RegistryUnreachableError, match="in time"):
                await hostile.repositories()


async def test_a_page_with_an_entry_twice_is_refused(acr: AcrSandbox, client: RegistryClient) -> None:
    """Pages that repeat what was there make a listing that can't be a whole one."""
    page = {"repositories": ["app", "app"]}
    acr.faults.add(Fault(status=200, kind="list_repositories", body=page))
    with pytest.raises(RegistryGarbledError, match="twice"):
        await client.repositories()


async def test_a_lying_digest_keeps_the_repository(acr: AcrSandbox, client: RegistryClient, cache: MemoryCache) -> None:
    """A body that is not its digest's is believed nowhere: not by the client, not by the reader, not by the cache."""
    digest = acr.registry.push_image("app")
    other = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    acr.faults.add(
        Fault(status=200, kind="get_manifest", body=json.loads(other), headers={"Docker-Content-Digest": digest})
    )
    with pytest.raises(RegistryError, match="digest"):
        await client.body("app", digest)
    with pytest.raises(UnreadableBodyError, match="does not have the digest"):
        read_body(digest, other)
    assert cache.bodies == {}
