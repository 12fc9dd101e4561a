"""Whether approved work on a registry has to wait: it is frozen, or the hours are quiet."""

from datetime import datetime

from bot.domain.hold import Held
from bot.janitor.desk import Policy
from bot.store import Store


async def held_back(store: Store, policy: Policy, registry: str, now: datetime) -> Held | None:
    """Give what holds the work on a registry back, None where it may go on. Raises StoreError."""
    frozen = await store.freezes.get(registry)
    until = policy.quiet.until(now) if policy.quiet else None
    return Held(frozen, until) if frozen or until else None
