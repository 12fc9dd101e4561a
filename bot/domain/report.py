"""A team's weekly report: what is stale in its repositories, what changed since the last one, and what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.holding import Holding
from bot.domain.proposal import Proposal
from bot.domain.team import Team

Place = tuple[str, str]
"""A registry, by its name in the settings, and a repository in it; an empty repository stands for all of them."""

# A report that comes late, or one that somebody asked for in between, is none of last week.
LAST_WEEK = (timedelta(days=8), timedelta(days=6))


@dataclass(frozen=True, slots=True)
class Line:
    """A repository with something stale in it; sizes in bytes.

    ``stale`` manifests could go by the report's rule, ``size`` is the most that this frees. ``change``: by how much
    that is more than the time before, None where there is nothing to compare with. ``oldest``: since when the oldest
    of them has not changed.
    """

    registry: str
    repository: str
    untagged: int
    stale: int
    size: int
    change: int | None
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read, and why; an empty repository stands for a whole registry."""

    registry: str
    repository: str
    why: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one run deleted in the team's repositories; ``size`` in bytes, as ACR says (an index adds none)."""

    proposal: Proposal
    repositories: tuple[str, ...]
    manifests: int
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report says. ``lines`` has those with something stale, the most to free first.

    ``repositories`` counts all of the team's that could be read. ``change``: the change of ``size`` since ``compared``,
    the time of the look before; both None where there was none. ``change`` is None, too, where nothing could be read
    both times, and ``partly`` says that it leaves out what could not.
    """

    team: Team
    taken: datetime
    repositories: int
    lines: tuple[Line, ...]
    change: int | None
    compared: datetime | None
    partly: bool
    faults: tuple[Fault, ...]
    cleaned: tuple[Cleaned, ...]
    waiting: tuple[Proposal, ...]

    @property
    def stale(self) -> int:
        """Count the stale manifests."""
        return sum(line.stale for line in self.lines)

    @property
    def size(self) -> int:
        """Add up what deleting them frees at most, in bytes."""
        return sum(line.size for line in self.lines)

    @property
    def since_last_week(self) -> bool:
        """Whether what it compares with is a week old, give or take a day."""
        if self.compared is None:
            return False
        longest, shortest = LAST_WEEK
        return shortest <= self.taken - self.compared <= longest


def compile_report(
    team: Team,
    taken: datetime,
    now: Mapping[Place, Holding],
    before: Mapping[Place, Holding],
    *,
    compared: datetime | None,
    cleaned: Sequence[Cleaned] = (),
    waiting: Sequence[Proposal] = (),
) -> Report:
    """Put a report together from stored figures: those of ``taken``, and those of ``compared``, the look before.

    Where a holding has a fault, its repository (or, where it names none, its registry) could not be read: that counts
    on neither side, and is no change. A repository that is new counts as it is, one that is no more as gone.
    """
    readable = {place: holding for place, holding in now.items() if not holding.fault}
    blind = {place for place, holding in now.items() if holding.fault}
    blind |= {place for place, holding in before.items() if holding.fault}
    known = {place: holding for place, holding in before.items() if not holding.fault}

    def change_of(place: Place) -> int | None:
        if compared is None or place in blind or (place[0], "") in blind:
            return None
        return _size(readable.get(place)) - _size(known.get(place))

    lines = [
        Line(*place, holding.untagged, holding.stale, holding.stale_size, change_of(place), holding.oldest)
        for place, holding in readable.items()
        if holding.stale
    ]
    changes = [change for place in readable.keys() | known.keys() if (change := change_of(place)) is not None]
    lines.sort(key=lambda line: (-line.size, -line.stale, line.registry, line.repository))
    return Report(
        team=team,
        taken=taken,
        repositories=len(readable),
        lines=tuple(lines),
        change=sum(changes) if compared is not None and (changes or not blind) else None,
        compared=compared,
        partly=compared is not None and bool(blind),
        faults=tuple(Fault(*place, holding.fault) for place, holding in sorted(now.items()) if holding.fault),
        cleaned=tuple(cleaned),
        waiting=tuple(waiting),
    )


def _size(holding: Holding | None) -> int:
    return holding.stale_size if holding else 0
