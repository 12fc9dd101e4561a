"""What the app's Home tab shows to one person: what waits for them, what they asked for, and how things stand."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from bot.domain.proposal import Proposal
from bot.domain.workspace import Workspace
from bot.errors import RefusedError
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.history import Waiting, look_into
from bot.janitor.teams import Due, Teams
from bot.store import Run

WAITING_MOST = 12
OWN_MOST = 6
RUNS_MOST = 5


@dataclass(frozen=True, slots=True)
class HomeFound:
    """One person's Home at a moment.

    ``waiting``: what they can approve, that which expires first in front: the first of ``waiting_count``. ``unknown``
    is why Slack did not let that be found out. ``own``: what they have proposed, what is not over first; ``own_more``
    says that there is more. ``month``: the runs since the calendar month began that have done something.
    """

    user: str
    waiting: tuple[Waiting, ...]
    waiting_count: int
    unknown: RefusedError | None
    own: tuple[Waiting, ...]
    own_more: bool
    teams: tuple[Due, ...]
    runs: tuple[Run, ...]
    month: tuple[Run, ...]

    @property
    def proposals(self) -> list[Proposal]:
        """All proposals that are shown, each once."""
        shown = [one.proposal for one in (*self.waiting, *self.own)] + [run.proposal for run in self.runs]
        return list({proposal.id: proposal for proposal in shown}.values())


async def look_at_home(
    desk: Desk, decider: Decider, teams: Teams, *, user: str, workspace: Workspace, zone: tzinfo
) -> HomeFound:
    """Look what there is for somebody of a workspace; a month begins as it does in ``zone``. Raises StoreError."""
    now = desk.clock()
    store = desk.store
    still_open = [one for one in await store.proposals.waiting(workspace) if one.expires > now]
    unknown = None
    try:
        waiting = await decider.waits_for(user, workspace, still_open)
    except RefusedError as error:
        waiting, unknown = [], error
    waiting.sort(key=lambda one: (one.expires, one.id))
    own = await store.proposals.of(workspace, user, OWN_MOST + 1)
    month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    return HomeFound(
        user=user,
        waiting=tuple(await look_into(desk, waiting[:WAITING_MOST])),
        waiting_count=len(waiting),
        unknown=unknown,
        own=tuple(await look_into(desk, own[:OWN_MOST])),
        own_more=len(own) > OWN_MOST,
        teams=tuple(await teams.due(workspace)),
        runs=tuple(await store.history.runs(workspace, most=RUNS_MOST, empty=True)),
        month=tuple(await store.history.runs(workspace, since=month)),
    )
