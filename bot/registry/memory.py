"""Bodies kept for as long as the process lives, for commands that look once and need no database."""

from collections.abc import Collection, Iterable

from bot.domain.manifest import Body


class MemoryBodies:
    """A ``BodyCache`` in memory. Beyond ``most`` bodies the oldest are forgotten."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._bodies: dict[str, Body] = {}

    async def get(self, digests: Collection[str]) -> dict[str, Body]:
        """Give those that it has."""
        return {digest: self._bodies[digest] for digest in digests if digest in self._bodies}

    async def put(self, bodies: Iterable[Body]) -> None:
        """Keep these."""
        self._bodies |= {body.digest: body for body in bodies}
        while len(self._bodies) > self._most:
            del self._bodies[next(iter(self._bodies))]
