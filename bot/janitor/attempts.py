"""Trying again: ever longer waits for a registry that gives no answer, until the patience with it is used up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from bot.errors import RegistryError, RepositoryNotFoundError
from bot.janitor.running import CannotGoOnError, Pace, StoppedError, may_pass
from bot.registry import RegistryClient

log = structlog.get_logger(__name__)


async def attempts(pace: Pace, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Give a turn after each of ever longer waits; False marks the last one. Ends early on the stop signal."""
    clock = asyncio.get_running_loop().time
    until = clock() + pace.patience.total_seconds()
    wait = pace.first_wait.total_seconds()
    while not stop.is_set():
        yield clock() + wait <= until
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await stop.wait()
        wait = min(wait * 2, pace.longest_wait.total_seconds())


async def wait_for_registry(client: RegistryClient, repository: str, pace: Pace, stop: asyncio.Event) -> None:
    """Return once the registry answers what is asked about a repository. Raises StoppedError, CannotGoOnError."""
    async for error_allowed in attempts(pace, stop):
        try:
            # Not the catalog: the identity's rights may end at this repository.
            await client.repository(repository)
        except RepositoryNotFoundError:
            return
        except RegistryError as error:
            if not may_pass(error) or not error_allowed:
                raise CannotGoOnError(str(error)) from error
            log.warning("registry_away", repository=repository, problem=error.problem)
        else:
            return
    raise StoppedError
