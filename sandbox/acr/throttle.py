"""Rate limits: one bucket per caller and kind of call, filled per second as the service's are."""

import math
import time
from dataclasses import dataclass

from sandbox.acr import errors


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Throttle:
    """Token buckets that hold one second's worth of calls."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, caller: str, kind: str, per_minute: float | None) -> float | None:
        """Count one call; give what is left of this second's calls, None without a limit.

        Raises 429 with ``Retry-After`` in whole seconds, as HTTP writes it.
        """
        if per_minute is None:
            return None
        rate = per_minute / 60
        room = max(rate, 1.0)
        now = time.monotonic()
        bucket = self._buckets.setdefault((caller, kind), _Bucket(room, now))
        bucket.level = min(room, bucket.level + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.level < 1:
            raise errors.too_many_requests(max(1, math.ceil((1 - bucket.level) / rate)))
        bucket.level -= 1
        return bucket.level
