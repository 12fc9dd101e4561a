"""A bound on what one person makes the app write down: no row is ever taken out of the record."""

from collections import Counter, OrderedDict
from datetime import datetime, timedelta

_PEOPLE = 10_000

Who = tuple[str, str, str]
"""A person, by the ids of the workspace, the organisation and the user."""


class Bound:
    """Lets the same of one person pass once in ``again``, at most ``most`` an hour of one, in this process.

    ``in_all`` is the most in an hour of everybody. What does not pass is counted.
    """

    def __init__(self, again: timedelta, most: int, in_all: int) -> None:
        self._again = again
        self._most = most
        self._in_all = in_all
        self._hour: datetime | None = None
        self._passed: Counter[Who] = Counter()
        self._last: OrderedDict[tuple[str, ...], datetime] = OrderedDict()
        self._left_out: Counter[Who] = Counter()

    def passes(self, who: Who, what: tuple[str, ...], now: datetime) -> int | None:
        """Give how much of this person was left out before, None where this is left out too."""
        if self._is_due((*who, *what), who, now):
            return self._left_out.pop(who, 0)
        if len(self._left_out) < _PEOPLE or who in self._left_out:
            self._left_out[who] += 1
        return None

    def _is_due(self, same: tuple[str, ...], who: Who, now: datetime) -> bool:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._passed = hour, Counter()
        last = self._last.get(same)
        if (last is not None and now - last < self._again) or self._passed[who] >= self._most:
            return False
        if self._passed.total() >= self._in_all:
            return False
        self._passed[who] += 1
        self._last[same] = now
        self._last.move_to_end(same)
        while len(self._last) > _PEOPLE:
            self._last.popitem(last=False)
        return True
