"""Whether writing is still allowed, asked as late as can be: right before each request that changes something.

It is asked twice: before a connection is waited for, which spares the wait, and when the first byte is about to be
sent. A machine that freezes the process between the second look and the wire can't be noticed from here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from aiohttp import ClientRequest, ClientResponse
from aiohttp.connector import Connection
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

READS = frozenset({"GET", "HEAD"})
# A token is got by POST, and changes nothing.
_HARMLESS = READS | {"POST"}


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
        if request.http_request.method not in READS:
            _check()
        return await self.next.send(request)


class PermittedRequest(ClientRequest):
    """A request that looks once more when it has its connection, which may have taken seconds to make."""

    async def send(self, conn: Connection) -> ClientResponse:
        """Send, or raise LapsedError with nothing sent."""
        if self.method not in _HARMLESS:
            _check()
        return await super().send(conn)


def _check() -> None:
    permit = _permit.get()
    if permit is not None and not permit.holds():
        raise LapsedError("the permit has run out")
