from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import Any

import pytest
from azure.identity.aio import DefaultAzureCredential

from bot.domain.manifest import Body
from bot.registry import Patience, RegistryClient
from sandbox.acr import AcrOptions, AcrSandbox, Registry

MakeClient = Callable[..., RegistryClient]

_AZURE = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_POD_IDENTITY_AUTHORITY_HOST")
# Quick to give up, so that a test of a failure is no test of patience.
QUICK = Patience(tries=3, total=5, attempt=1, first_wait=0.01, longest_wait=0.02)


@pytest.fixture
def options() -> AcrOptions:
    """Give the options that the sandbox starts with; a test may change them at any time."""
    return AcrOptions()


@pytest.fixture
async def acr(options: AcrOptions, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AcrSandbox]:
    """Run a registry on loopback, and be its managed identity."""
    async with AcrSandbox(Registry(), options) as sandbox:
        for name in _AZURE:
            monkeypatch.delenv(name, raising=False)
        for name, value in sandbox.identity_env.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
async def credential(acr: AcrSandbox) -> AsyncIterator[DefaultAzureCredential]:
    """Give the real credential of a process with a managed identity."""
    async with DefaultAzureCredential() as found:
        yield found


@pytest.fixture
async def make_client(acr: AcrSandbox, credential: DefaultAzureCredential) -> AsyncIterator[MakeClient]:
    """Make clients of the sandbox, and close them."""
    made: list[RegistryClient] = []

    def make(name: str = "myregistry", endpoint: str = "", **options: Any) -> RegistryClient:
        options.setdefault("patience", QUICK)
        made.append(RegistryClient(name, endpoint or acr.url, credential, **options))
        return made[-1]

    yield make
    for client in made:
        await client.close()


@pytest.fixture
async def client(make_client: MakeClient) -> RegistryClient:
    """Give a client with little patience."""
    return make_client()


class MemoryCache:
    """A body cache for as long as the process lives; remembers what it was asked and given."""

    def __init__(self) -> None:
        self.bodies: dict[str, Body] = {}
        self.largest = 0
        self.puts: list[int] = []

    async def get(self, digests: Collection[str]) -> dict[str, Body]:
        self.largest = max(self.largest, len(digests))
        return {digest: self.bodies[digest] for digest in digests if digest in self.bodies}

    async def put(self, bodies: Iterable[Body]) -> None:
        fresh = {body.digest: body for body in bodies}
        self.puts.append(len(fresh))
        self.bodies |= fresh


@pytest.fixture
def cache() -> MemoryCache:
    """Give an empty cache of bodies."""
    return MemoryCache()
