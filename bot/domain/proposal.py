"""A proposal: a plan that somebody asks others to approve, from its opening to its one final state."""

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.plan import Action, Item, Staying
from bot.domain.rule import Rule
from bot.domain.share import Share
from bot.domain.workspace import Workspace


class State(enum.StrEnum):
    """Where a proposal stands. The words are stored."""

    OPEN = "open"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more."""
        return not MOVES[self]


MOVES: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.APPROVED, State.REJECTED, State.EXPIRED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.RUNNING, State.STOPPED}),
    State.RUNNING: frozenset({State.DONE, State.FAILED, State.STOPPED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.STOPPED: frozenset(),
    State.REJECTED: frozenset(),
    State.EXPIRED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


REVISED = "revised"
"""What ``Proposal.drawn`` begins with where the card's thread has still to get the list of a new revision."""


class Outcome(enum.StrEnum):
    """What became of one item: a manifest deleted, a tag removed, a lock lifted, or not. The words are stored."""

    TODO = "todo"
    DELETED = "deleted"
    REMOVED = "removed"
    UNLOCKED = "unlocked"
    GONE = "gone"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal without its items. Ids of people, channels and workspaces are Slack's; times are UTC.

    ``note`` is what its end needs to say: why it was rejected, why the run failed. ``fence`` counts how often a worker
    has taken the run; only the latest may write. ``drawn`` is the state that the card showed last, empty before; an
    asterisk behind it says that there is news since; see ``REVISED``. ``measured``: what the deletion frees, if known.
    ``checked``: what was found when the tags that remain were looked at after the run. ``needs_typed``: what whoever
    approves it has to type, empty where a click will do. ``staying``: what stays of a repository that was to go as a
    whole, None where nothing does. ``share``: how much of what is tagged goes, where that is why a name is typed.

    ``stop_by``, ``stop_asked``: who wanted it to stop and when; the run may have ended before it heard of that.
    ``retry_of``: the id of the proposal whose failed items this one does again; ``retried_by``, ``retried``: who had
    this one's failed items done again and when. ``replaces``, ``replaced_by``: the ids of the older proposal that this
    one has taken the place of, and of the newer one that has taken this one's.
    """

    id: str
    team_id: str
    registry: str
    target: str
    rule: Rule
    checksum: str
    requester: str
    channel: str
    created: datetime
    expires: datetime
    item_count: int
    upper_bytes: int
    enterprise_id: str = ""
    revision: int = 1
    state: State = State.OPEN
    card_ts: str = ""
    decided_by: str = ""
    decided: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    note: str = ""
    fence: int = 0
    drawn: str = ""
    measured: Freed | None = None
    checked: Completeness | None = None
    stop_by: str = ""
    stop_asked: datetime | None = None
    retry_of: str = ""
    retried_by: str = ""
    retried: datetime | None = None
    replaces: str = ""
    replaced_by: str = ""
    needs_typed: str = ""
    staying: Staying | None = None
    share: Share | None = None

    @property
    def workspace(self) -> Workspace:
        """Where it was made."""
        return Workspace(self.team_id, self.enterprise_id)

    @property
    def lacks_list(self) -> bool:
        """Whether its card's thread has still to get the list of what is open: the first, or that of a new revision."""
        shown = self.drawn.strip("*")
        return self.state is State.OPEN and (not shown or shown.startswith(REVISED))

    @property
    def half_way(self) -> datetime:
        """When half of the time is over in which it can be decided."""
        return self.created + (self.expires - self.created) / 2

    def confirmed_by(self, typed: str) -> bool:
        """Whether this is what has to be typed to approve it. Spaces around it don't count."""
        return not self.needs_typed or typed.strip() == self.needs_typed


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of the item at ``position``; ``detail`` is the reason of a skip or the cause of a failure."""

    position: int
    outcome: Outcome
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """An item with what became of it."""

    item: Item
    outcome: Outcome = Outcome.TODO
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a proposal has come: the number of items by outcome, and the counted bytes of what was deleted.

    ``actions``: the number of items by what is to be done; where it is empty, all are deletes.
    """

    counts: dict[Outcome, int]
    deleted_bytes: int = 0
    actions: dict[Action, int] = field(default_factory=dict)

    def __getitem__(self, outcome: Outcome) -> int:
        return self.counts.get(outcome, 0)

    @property
    def total(self) -> int:
        """All items."""
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        """Items that have an outcome."""
        return self.total - self[Outcome.TODO]


def tally(records: Iterable[Record]) -> Tally:
    """Count outcomes, actions and the bytes deleted."""
    counts: Counter[Outcome] = Counter()
    actions: Counter[Action] = Counter()
    freed = 0
    for record in records:
        counts[record.outcome] += 1
        actions[record.item.action] += 1
        if record.outcome is Outcome.DELETED:
            freed += record.item.counted_size
    return Tally(dict(counts), freed, dict(actions))


DONE: dict[Action, Outcome] = {
    Action.DELETE: Outcome.DELETED,
    Action.UNTAG: Outcome.REMOVED,
    Action.UNLOCK: Outcome.UNLOCKED,
}
"""The outcome of what was done as it was asked."""


class Deed(enum.StrEnum):
    """What the record of deeds can say. The words are stored."""

    PROPOSED = "proposed"
    VOTED = "voted"
    REVISED = "revised"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REFUSED = "refused"
    STARTED = "started"
    RESUMED = "resumed"
    ITEM = "item"
    FINISHED = "finished"
    LOCKED = "locked"
    STOPPED = "stopped"
    RETRIED = "retried"
    ASKED = "asked"
    VIEWED = "viewed"
    ADOPTED = "adopted"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the append-only record: who did what to which proposal, where and when.

    ``actor`` is a Slack user id, or ``app`` for what the app did by itself. ``detail`` holds plain JSON values.
    ``checksum`` and ``revision`` are of what it was done to; what is left empty here is taken from the proposal when
    the event is recorded.
    """

    at: datetime
    deed: Deed
    actor: str
    proposal: str = ""
    team_id: str = ""
    channel: str = ""
    detail: dict[str, object] | None = None
    enterprise_id: str = ""
    checksum: str = ""
    revision: int = 0
