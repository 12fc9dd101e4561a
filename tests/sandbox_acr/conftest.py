from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.acr import AcrOptions, AcrSandbox, Registry
from tests.sandbox_acr.raw import Raw

_AZURE = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_POD_IDENTITY_AUTHORITY_HOST")


@pytest.fixture
def options() -> AcrOptions:
    """Give the options that the sandbox starts with; a test may change them at any time."""
    return AcrOptions()


@pytest.fixture
async def acr(options: AcrOptions, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AcrSandbox]:
    """Run a sandbox on loopback, and be its managed identity."""
    sandbox = AcrSandbox(Registry(), options)
    await sandbox.start()
    for name in _AZURE:
        monkeypatch.delenv(name, raising=False)
    for name, value in sandbox.identity_env.items():
        monkeypatch.setenv(name, value)
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def raw(acr: AcrSandbox) -> AsyncIterator[Raw]:
    """Call the sandbox by plain HTTP as its admin user."""
    async with aiohttp.ClientSession() as session:
        # aiohttp repeats an idempotent request once when the connection breaks; here each request counts.
        session._retry_connection = False
        yield Raw(acr, session)
