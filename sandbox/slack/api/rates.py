"""Slack's rate limits: so many calls a minute for a method's tier, about one message a second for a channel."""

import math
from collections import defaultdict, deque
from collections.abc import Callable

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import Method

WINDOW = 60.0
PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
BURST = 5  # Slack allows "short bursts" past one message a second, without saying how long


class Rates:
    """Counts calls over the last minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def take(self, method: Method, arguments: Arguments) -> int | None:
        """Count a call in; where there were too many, don't and return the whole seconds to wait."""
        if method.name == "chat.postMessage":
            return self._take(f"{method.name} {arguments.get('channel')}", BURST, float(BURST))
        return self._take(method.name, PER_MINUTE[method.tier], WINDOW)

    def _take(self, key: str, most: int, window: float) -> int | None:
        now, calls = self._clock(), self._calls[key]
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + window - now))
        calls.append(now)
        return None
