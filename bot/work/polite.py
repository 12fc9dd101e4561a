"""Reading in the background at a bounded rate, so that people and deletions never wait for it."""

import asyncio


class ReadBudget:
    """A bucket of reads: ``burst`` at once, and ``per_minute`` from then on.

    The smallest tier of ACR allows 1,000 reads a minute, so that the default leaves most of them to people.
    """

    def __init__(self, *, burst: int = 500, per_minute: int = 300) -> None:
        self._burst = float(burst)
        self._rate = per_minute / 60
        self._left = float(burst)
        self._seen: float | None = None
        self._turn = asyncio.Lock()

    async def spend(self, reads: int) -> None:
        """Wait until so many reads may be made. More than the burst is paid for in advance, at the rate."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._seen is not None:
                self._left = min(self._burst, self._left + (now - self._seen) * self._rate)
            self._seen = now
            self._left -= reads
            if self._left < 0:
                await asyncio.sleep(-self._left / self._rate)
