"""What was just looked up, so that turning a page needn't look again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    rows: int
    until: datetime


class Recent(Generic[T]):
    """Keeps results for ``lasts``, the latest of them up to ``most`` rows in all. One larger than that isn't kept."""

    def __init__(
        self, clock: Callable[[], datetime], *, lasts: timedelta = timedelta(minutes=10), most: int = 200_000
    ) -> None:
        self._clock = clock
        self._lasts = lasts
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """Give what was kept under a key, or None where there is nothing, or nothing recent."""
        self._drop_old()
        kept = self._kept.get(key)
        return kept.value if kept else None

    def keep(self, key: Hashable, value: T, rows: int) -> None:
        """Keep a result of so many rows, in the place of an earlier one of the same key."""
        self._kept.pop(key, None)
        self._kept[key] = _Kept(value, rows, self._clock() + self._lasts)
        self._drop_old()
        while sum(kept.rows for kept in self._kept.values()) > self._most:
            self._kept.popitem(last=False)

    def _drop_old(self) -> None:
        now = self._clock()
        for key in [key for key, kept in self._kept.items() if kept.until < now]:
            del self._kept[key]
