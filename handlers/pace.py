"""Keeping to what Slack takes of one kind of call in a minute."""

import asyncio
from collections import deque


class AtMost:
    """Lets so many pass in any ``seconds``: the first at once, later ones when it is their turn."""

    def __init__(self, most: int, seconds: float = 60.0) -> None:
        self._most = most
        self._seconds = seconds
        self._passed: deque[float] = deque(maxlen=most)

    async def turn(self) -> None:
        """Wait until one more may pass."""
        clock = asyncio.get_running_loop().time
        now = clock()
        # In its place among those who wait: each is as long after the one that it follows by ``most``.
        due = max(now, self._passed[0] + self._seconds) if len(self._passed) == self._most else now
        self._passed.append(due)
        await asyncio.sleep(due - now)
