"""Azure's own clients, set up as an application would, for a sandbox."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from azure.containerregistry import ContainerRegistryClient
from azure.containerregistry.aio import ContainerRegistryClient as AsyncContainerRegistryClient
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.identity import DefaultAzureCredential
from azure.identity.aio import DefaultAzureCredential as AsyncDefaultAzureCredential


class AllowHttp(SansIOHTTPPolicy[Any, Any]):
    """Lets bearer tokens go over plain http, which the SDK refuses by default."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Mark the request; the option of the same name gets lost in the SDK's by-tag helpers."""
        request.context["enforce_https"] = False


@asynccontextmanager
async def async_client(url: str, **options: Any) -> AsyncIterator[AsyncContainerRegistryClient]:
    """Open the aio client with a real DefaultAzureCredential."""
    options.setdefault("per_call_policies", [AllowHttp()])
    async with (
        AsyncDefaultAzureCredential() as credential,
        AsyncContainerRegistryClient(url, credential, **options) as client,
    ):
        yield client


@contextmanager
def sync_client(url: str, **options: Any) -> Iterator[ContainerRegistryClient]:
    """Open the sync client with a real DefaultAzureCredential; for use in a thread."""
    options.setdefault("per_call_policies", [AllowHttp()])
    with (
        DefaultAzureCredential() as credential,
        ContainerRegistryClient(url, credential, **options) as client,
    ):
        yield client
