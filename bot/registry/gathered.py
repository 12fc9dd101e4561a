"""Bodies that many looks side by side bring home, written down some hundred at a time."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from bot.domain.manifest import Body
from bot.registry.snapshot import BodyCache

# A thousand repositories of a few bodies each would else be a thousand transactions, each of them synced to the disk.
_TOGETHER = 500


class _Gathered:
    """A ``BodyCache`` before another. What was put and is not written down yet is known here as well."""

    def __init__(self, cache: BodyCache) -> None:
        self._cache = cache
        self._waiting: dict[str, Body] = {}

    async def get(self, digests: Collection[str]) -> dict[str, Body]:
        here = {digest: self._waiting[digest] for digest in digests if digest in self._waiting}
        others = [digest for digest in digests if digest not in here]
        return here | await self._cache.get(others) if others else here

    async def put(self, bodies: Iterable[Body]) -> None:
        self._waiting |= {body.digest: body for body in bodies}
        if len(self._waiting) >= _TOGETHER:
            await self.write()

    async def write(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            await self._cache.put(waiting.values())


@asynccontextmanager
async def gathered(cache: BodyCache) -> AsyncIterator[BodyCache]:
    """Give a cache to look at many repositories with; what it was given is in ``cache`` at the end, however it ends.

    What a killed process had not written yet is read once more by the next look. Raises what ``cache`` raises.
    """
    bodies = _Gathered(cache)
    try:
        yield bodies
    finally:
        await bodies.write()
