"""Which repository somebody may have meant."""

import asyncio

from bot.domain.reference import nearest
from bot.errors import RegistryError, RepositoryNotFoundError
from bot.registry.client import RegistryClient


async def explain_missing(client: RegistryClient, repository: str) -> RepositoryNotFoundError:
    """Make the error that names the nearest repositories there are, or none where they can't be listed."""
    try:
        names = await client.repositories()
    except RegistryError:
        names = []
    close = await asyncio.to_thread(nearest, repository, names)
    return RepositoryNotFoundError(client.name, repository, close)
