"""A team's weekly report: what is stale in its repositories, what changed since the last one, and what was done."""

from collections.abc import Iterable, Mapping, Sequence
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
    the time of the figures before; both None where there are none.
    """

    team: Team
    taken: datetime
    repositories: int
    lines: tuple[Line, ...]
    change: int | None
    compared: datetime | None
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
    before: Mapping[Place, tuple[datetime, Holding]],
    *,
    faults: Iterable[Fault] = (),
    cleaned: Sequence[Cleaned] = (),
    waiting: Sequence[Proposal] = (),
) -> Report:
    """Put a report together from stored figures: those of ``taken``, and those of the time before.

    What could not be read on either side counts on neither: it is no change. A repository that is new counts as it
    is, one that is no more as gone.
    """
    told = tuple(faults)
    blind = {(fault.registry, fault.repository) for fault in told}
    readable = {place: holding for place, holding in now.items() if not holding.fault and place not in blind}
    compared = max((time for time, _ in before.values()), default=None)
    known = {place: holding for place, (_, holding) in before.items()}
    lines = [
        _line(place, holding, known.get(place), compared=compared is not None)
        for place, holding in readable.items()
        if holding.stale
    ]
    lines.sort(key=lambda line: (-line.size, -line.stale, line.registry, line.repository))
    change = None
    if compared is not None:
        places = readable.keys() | {
            place for place in known if place not in now and place not in blind and (place[0], "") not in blind
        }
        comparable = [place for place in places if place not in known or not known[place].fault]
        change = sum(_size(readable.get(place)) - _size(known.get(place)) for place in comparable)
    return Report(
        team=team,
        taken=taken,
        repositories=len(readable),
        lines=tuple(lines),
        change=change,
        compared=compared,
        faults=told,
        cleaned=tuple(cleaned),
        waiting=tuple(waiting),
    )


def _line(place: Place, holding: Holding, known: Holding | None, *, compared: bool) -> Line:
    change = None
    if compared and (known is None or not known.fault):
        change = holding.stale_size - _size(known)
    return Line(*place, holding.untagged, holding.stale, holding.stale_size, change, holding.oldest)


def _size(holding: Holding | None) -> int:
    return holding.stale_size if holding else 0
