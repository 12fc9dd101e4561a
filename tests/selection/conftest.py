"""A registry on loopback, the product's own client for it, and somebody who only pulls."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from azure.identity.aio import DefaultAzureCredential

from bot.registry import RegistryClient
from sandbox.acr import ADMIN, AcrSandbox, Registry
from sandbox.pull import Puller
from tests.selection.scene import NOW, Scene

_AZURE = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_POD_IDENTITY_AUTHORITY_HOST")


@pytest.fixture
async def acr(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AcrSandbox]:
    """Run a registry whose present is NOW, and be its managed identity."""
    async with AcrSandbox(Registry(clock=lambda: NOW)) as sandbox:
        for name in _AZURE:
            monkeypatch.delenv(name, raising=False)
        for name, value in sandbox.identity_env.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
async def client(acr: AcrSandbox) -> AsyncIterator[RegistryClient]:
    """Give the product's client, signed in as the app is in Azure."""
    async with DefaultAzureCredential() as credential, RegistryClient("myregistry", acr.url, credential) as client:
        yield client


@pytest.fixture
async def puller(acr: AcrSandbox) -> AsyncIterator[Puller]:
    """Give a witness that knows nothing of how the product selects."""
    async with aiohttp.ClientSession() as session:
        yield Puller(session, acr.url, ADMIN.name, ADMIN.password or "")


@pytest.fixture
def scene(acr: AcrSandbox) -> Scene:
    """Give an empty repository to fill."""
    return Scene(acr.registry)
