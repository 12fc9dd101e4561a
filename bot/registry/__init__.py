"""The only code that talks to Azure Container Registry.

Callers take what is named here; the rest of this package is how it is done.
"""

from bot.registry.answers import Deletion
from bot.registry.catalog import explain_missing
from bot.registry.client import RegistryClient
from bot.registry.documents import RepositoryInfo
from bot.registry.faults import Need
from bot.registry.gathered import gathered
from bot.registry.memory import MemoryBodies
from bot.registry.pace import Pace, Patience, background
from bot.registry.permit import permitted_by
from bot.registry.snapshot import BodyCache, Listing, read_bodies, take_listing, take_snapshot

__all__ = [
    "BodyCache",
    "Deletion",
    "Listing",
    "MemoryBodies",
    "Need",
    "Pace",
    "Patience",
    "RegistryClient",
    "RepositoryInfo",
    "background",
    "explain_missing",
    "gathered",
    "permitted_by",
    "read_bodies",
    "take_listing",
    "take_snapshot",
]
