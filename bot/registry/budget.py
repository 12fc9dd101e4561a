"""How many writes a registry still allows in this second, worked out from what its answers tell.

ACR limits the writes of each identity and says after each write how many calls a second are left
(``X-Ms-Ratelimit-Remaining-Calls-Per-Second``). A copy of its bucket kept here tells when the next write may go, so
that a 429 is the exception and not the way to find the limit.

How the number is made is not documented. Recorded answers of the service (8.000000 where 500 a minute are allowed,
166.65 where 10,000 are) fit a bucket of a second's worth as well as a minute's count divided by sixty. What is done
here keeps within the first, which is the stricter; of the second it uses all, and a 429 ends each minute of it.
"""

import math

# Clocks of both sides, and answers that overtake each other, leave the copy this much of a bucket off.
_MARGIN = 0.1


class WriteBudget:
    """A copy of the registry's bucket. All times are the event loop's, in seconds.

    Until the first answer one write goes alone, and that answer tells the size of the bucket; a registry that tells
    nothing sets no bound. Where the copy is off it holds less than the original, which costs nothing: both fill at the
    same rate.
    """

    def __init__(self) -> None:
        self._size = math.nan  # of the bucket, which is also what it fills by each second
        self._left = math.inf
        self._at = -math.inf
        self._under_way = 0
        self._answered = False

    def wait(self, now: float) -> float:
        """Give the seconds until the next write may go: 0 for now, infinity where only an answer can tell."""
        if not self._answered:
            return math.inf if self._under_way else 0.0
        if math.isnan(self._size):
            return 0.0
        lacking = min(self._size, 1 + self._size * _MARGIN) - self._level(now)
        return max(0.0, lacking / self._size)

    def begin(self, now: float) -> None:
        """Note that a write is sent."""
        self._under_way += 1
        self._set(self._level(now) - 1, now)

    def end(self) -> None:
        """Note that a write has come to its end, whatever that was."""
        self._under_way -= 1

    def answered(self, remaining: float | None, took: float, now: float) -> None:
        """Learn from a success that took so many seconds.

        ``remaining`` is the number of writes left, None where the registry does not say. To be called while that write
        still counts as under way.
        """
        self._answered = True
        if remaining is None:
            return
        self._size = max(remaining + 1, 0.0 if math.isnan(self._size) else self._size)
        # It was counted about half of its time ago; those under way came after it, and were not counted then.
        left = remaining + self._size * took / 2 - (self._under_way - 1)
        # Answers overtake each other: the lower number is the later one, or else the safer one.
        self._set(min(self._level(now), left), now)

    def refused(self, now: float) -> None:
        """Learn from a 429: nothing is left."""
        self._answered = True
        self._set(min(self._level(now), 0.0), now)

    def _level(self, now: float) -> float:
        if math.isnan(self._size) or math.isinf(self._left):
            return self._left
        return min(self._size, self._left + (now - self._at) * self._size)

    def _set(self, left: float, now: float) -> None:
        self._left, self._at = left, now
