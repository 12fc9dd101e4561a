"""Lifting a lock that an approved proposal names: that of one tag, one manifest or one repository, and no other."""

from bot.domain.manifest import UNLOCKED, Locks
from bot.domain.plan import Item
from bot.domain.proposal import Outcome
from bot.domain.reason import short
from bot.errors import RepositoryNotFoundError
from bot.registry import RegistryClient


async def unlock(client: RegistryClient, item: Item) -> tuple[Outcome, str]:
    """Lift the lock, unless it is gone or on something else by now; give the outcome and why.

    Raises RegistryError where the registry can't do it.
    """
    try:
        locks, digest = await locks_of(client, item.repository, tag=item.tag, digest=item.digest)
    except RepositoryNotFoundError:
        return Outcome.GONE, "the whole repository is gone"
    if locks is None:
        return Outcome.GONE, ""
    if item.digest and digest != item.digest:
        return Outcome.SKIPPED, f"{item.about} points to {short(digest)} since"
    if not locks.forbid_delete:
        return Outcome.SKIPPED, "it is not locked any more"
    there = await client.set_locks(item.repository, UNLOCKED, tag=item.tag, digest=item.digest)
    return (Outcome.UNLOCKED if there else Outcome.GONE), ""


async def locks_of(
    client: RegistryClient, repository: str, *, tag: str = "", digest: str = ""
) -> tuple[Locks | None, str]:
    """Give the locks of a tag, else of a manifest, else of a repository, and the digest that is there.

    The locks are None where it is gone. Raises RegistryError.
    """
    if tag:
        found = await client.tag(repository, tag)
        return (found.locks, found.digest) if found else (None, "")
    if digest:
        manifest = await client.manifest(repository, digest)
        return (manifest.locks, manifest.digest) if manifest else (None, "")
    return (await client.repository(repository)).locks, ""
