"""Pure computation over a repository that must not hold up the answers that Slack wants within three seconds."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.domain.manifest import Snapshot

_T = TypeVar("_T")

# Judging takes some 15 microseconds a manifest: what is over in a few milliseconds is not worth a thread, which the
# event loop has to take turns with, and which costs more than that where thousands of repositories are looked through.
_FEW = 300


async def aside(snapshot: Snapshot, work: Callable[[], _T]) -> _T:
    """Give what ``work`` makes of a snapshot: made in a thread, unless the repository is small."""
    return work() if len(snapshot.manifests) <= _FEW else await asyncio.to_thread(work)
