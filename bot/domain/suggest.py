"""Which repositories are offered to somebody who is typing a name."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from heapq import nsmallest

from bot.domain.reference import Reference

MOST = 100  # options that Slack shows


def suggest(typed: str, names: Iterable[str], most: int = MOST) -> list[str]:
    """Give the names that fit what was typed so far, the best first, at most so many.

    Best are those that begin with it, then those with a part of the path that does, then those that have it anywhere,
    each by name. A pattern gives what it matches.
    """
    typed = "".join(typed.split()).lower()
    if Reference(typed).is_glob:
        return nsmallest(most, (name for name in names if fnmatchcase(name, typed)))
    ranked = ((rank, name) for name in names if (rank := _rank(typed, name)) is not None)
    return [name for _, name in nsmallest(most, ranked)]


def _rank(typed: str, name: str) -> int | None:
    if name.startswith(typed):
        return 0
    if f"/{typed}" in name:
        return 1
    return 2 if typed in name else None
