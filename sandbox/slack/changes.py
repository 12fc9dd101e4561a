"""Tells waiters that something changed, so that tests and the page wait for facts instead of sleeping."""

import asyncio
import contextlib


class Changes:
    """A counter that goes up with each change; any number of waiters."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Say that something changed. Safe without a running loop."""
        self.count += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def wait(self, seen: int, timeout: float | None) -> bool:  # noqa: ASYNC109 - a lapse is an answer here, not an error
        """Wait until the counter is past `seen`; False when `timeout` seconds went by first."""
        if self.count != seen:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(future, timeout)
        finally:
            self._waiting.discard(future)
        return self.count != seen
