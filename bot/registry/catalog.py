"""Which repository somebody may have meant."""

import asyncio
from collections.abc import Sequence
from difflib import SequenceMatcher
from heapq import nlargest

from bot.errors import RegistryError, RepositoryNotFoundError
from bot.registry.client import RegistryClient

_LIKE = 0.6  # difflib's own rule of thumb for a close match


def nearest(name: str, names: Sequence[str], n: int = 3) -> list[str]:
    """Give the ``n`` names most like ``name``, the likest first; fewer or none where nothing is like it.

    People leave out the path or get a letter wrong, so the last part of a path counts as much as the whole.
    """
    name = name.lower()
    found = ((likeness, other) for other in names if (likeness := _likeness(name, other)) >= _LIKE)
    return [other for _, other in nlargest(n, found, key=lambda pair: (pair[0], pair[1] == name, -len(pair[1])))]


async def explain_missing(client: RegistryClient, repository: str) -> RepositoryNotFoundError:
    """Make the error that names the nearest repositories there are, or none where they can't be listed."""
    try:
        names = await client.repositories()
    except RegistryError:
        names = []
    close = await asyncio.to_thread(nearest, repository, names)
    return RepositoryNotFoundError(client.name, repository, close)


def _likeness(name: str, other: str) -> float:
    last, other_last = name.rpartition("/")[2], other.rpartition("/")[2]
    best = max(_ratio(name, other), 0.95 * _ratio(last, other_last))
    if len(name) >= 3 and name in other:  # noqa: PLR2004 - a shorter one is in almost everything
        return max(best, 0.9)
    return best


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # Each bound is cheaper than the next and never below it: most of a long catalog is dropped by the first.
    if matcher.real_quick_ratio() < _LIKE or matcher.quick_ratio() < _LIKE:
        return 0.0
    return matcher.ratio()
