"""Listing the manifests of one repository as the registry has them, judged by nothing."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.manifest import Locks, Manifest
from bot.domain.reference import Reference
from bot.errors import RepositoryNotFoundError
from bot.janitor.desk import ReadingDesk
from bot.registry import explain_missing, take_listing


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository's manifests, the one that changed last first. ``fault`` says what is missing, where anything is."""

    registry: str
    repository: str
    taken: datetime
    manifests: tuple[Manifest, ...]
    locks: Locks
    fault: str = ""


async def list_manifests(desk: ReadingDesk, reference: Reference, *, registry: str = "") -> Listed:
    """List a repository. Raises BadInputError where no registry is called so, RegistryError where it can't list it."""
    client = desk.registry(registry)
    now = desk.clock()
    try:
        listing = await take_listing(client, reference.repository)
    except RepositoryNotFoundError as error:
        raise await explain_missing(client, reference.repository) from error
    manifests = sorted(
        listing.manifests.values(), key=lambda manifest: (manifest.changed, manifest.digest), reverse=True
    )
    return Listed(client.name, reference.repository, now, tuple(manifests), listing.info.locks, listing.fault)
