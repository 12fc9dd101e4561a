"""The request log that tests count."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.acr.clock import utc_now


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it was answered.

    ``path`` is decoded, ``query`` raw. ``kind`` names the operation (``list_manifests``, ``delete_manifest``,
    ``token``, ``exchange``, ``identity``…), or is ``challenge`` for a call without credentials that got 401.
    ``status`` is 0 when no answer was sent (a reset, a hang). ``scope`` is what the call needed, or what a token
    call granted. ``caller`` is empty while nobody is known. ``fault`` is the injected one's action.
    """

    at: datetime
    method: str
    path: str
    query: str
    status: int
    kind: str
    scope: str = ""
    caller: str = ""
    fault: str = ""


class RequestLog:
    """Every request in the order of its answer; ``limit`` keeps the last ones only, while counts go on."""

    def __init__(self, limit: int | None = None) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._kinds: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()

    def __len__(self) -> int:
        return self._kinds.total()

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def add(
        self,
        method: str,
        path: str,
        query: str,
        status: int,
        kind: str,
        *,
        scope: str = "",
        caller: str = "",
        fault: str = "",
    ) -> None:
        """Write down one answered request."""
        self._entries.append(Entry(utc_now(), method, path, query, status, kind, scope, caller, fault))
        self._kinds[kind] += 1
        self._statuses[status] += 1

    def entries(self, kind: str | None = None, status: int | None = None) -> list[Entry]:
        """List the kept entries, of one kind or status."""
        return [entry for entry in self._entries if kind in {None, entry.kind} and status in {None, entry.status}]

    def count(self, kind: str | None = None) -> int:
        """Count the requests of one kind, or all, dropped entries too."""
        return self._kinds.total() if kind is None else self._kinds[kind]

    def kinds(self) -> dict[str, int]:
        """Count the requests by kind."""
        return dict(self._kinds)

    def statuses(self) -> dict[int, int]:
        """Count the requests by status; 0 is a request that got no answer."""
        return dict(self._statuses)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._kinds.clear()
        self._statuses.clear()
