"""Keys kept in order, for listings that page through a hundred thousand entries."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, Generic, Protocol, Self, TypeVar


class _Comparable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


KeyT = TypeVar("KeyT", bound=_Comparable)

_FEW = 16


class SortedKeys(Generic[KeyT]):
    """A sorted set of unique keys, lean and quick both for bulk seeding and for single changes.

    Additions wait in a second list until somebody reads: a hundred thousand of them cost one sort, a few cost a
    binary search each. Callers add no key twice.
    """

    __slots__ = ("_keys", "_waiting")

    def __init__(self) -> None:
        self._keys: list[KeyT] = []
        self._waiting: list[KeyT] = []

    def __len__(self) -> int:
        return len(self._keys) + len(self._waiting)

    def add(self, key: KeyT) -> Self:
        """Take in a key that is not there yet."""
        self._waiting.append(key)
        return self

    def discard(self, key: KeyT) -> None:
        """Drop a key; one that is not there is no fault."""
        self._settle()
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]

    def above(self, key: KeyT | None = None) -> Iterator[KeyT]:
        """Walk the keys greater than ``key``, ascending; without a key, all. Nothing may change while it runs."""
        self._settle()
        start = 0 if key is None else bisect_right(self._keys, key)
        for at in range(start, len(self._keys)):
            yield self._keys[at]

    def below(self, key: KeyT | None = None) -> Iterator[KeyT]:
        """Walk the keys smaller than ``key``, descending; without a key, all. Nothing may change while it runs."""
        self._settle()
        end = len(self._keys) if key is None else bisect_left(self._keys, key)
        for at in range(end - 1, -1, -1):
            yield self._keys[at]

    def _settle(self) -> None:
        if not self._waiting:
            return
        if len(self._waiting) <= _FEW:
            for key in self._waiting:
                self._keys.insert(bisect_right(self._keys, key), key)
        else:
            # Timsort merges a long sorted run and a short one in nearly linear time.
            self._waiting.sort()
            self._keys += self._waiting
            self._keys.sort()
        self._waiting.clear()
