"""Whether writing is still allowed, asked as late as can be: right before each request that changes something."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

READS = frozenset({"GET", "HEAD"})


class Permit(Protocol):
    """What a worker needs to change anything, and may lose at any moment."""

    def holds(self) -> bool:
        """Whether it is certain that the permit lasts."""

    async def wait(self) -> None:
        """Return once it lasts again; raise where it never will."""


class LapsedError(AzureError):
    """The permit ran out between the wait for it and the request, which was not sent."""


_permit: ContextVar[Permit | None] = ContextVar("registry_permit", default=None)


@contextmanager
def permitted_by(permit: Permit) -> Iterator[None]:
    """Let the writes made inside, and in tasks started inside, go out only while the permit holds."""
    token = _permit.set(permit)
    try:
        yield
    finally:
        _permit.reset(token)


async def wait_for_permit() -> None:
    """Wait until this task may write, if that depends on anything."""
    permit = _permit.get()
    if permit is not None:
        await permit.wait()


class PermitPolicy(AsyncHTTPPolicy[Any, Any]):
    """Sends no write without the permit. It belongs behind whatever waits: the pace, and the token."""

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send, or raise LapsedError."""
        permit = _permit.get()
        if permit is not None and request.http_request.method not in READS and not permit.holds():
            raise LapsedError("the permit has run out")
        return await self.next.send(request)
