"""The surroundings of a story: the settings, the people in Slack as they come and go, an engine that may die."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Proposal
from bot.domain.rights import Grant
from bot.domain.workspace import Workspace
from bot.errors import RefusedError
from bot.janitor.desk import Policy
from bot.work.engine import Job

PEOPLE = ("U1", "U2", "U3", "U4", "U5")
GROUPS = ("SALL", "SPROD")
REPOSITORIES = ("dev/app", "prod/app", "prod/play")

Says = dict[str, tuple[tuple[str, ...], int]]
"""For each repository those who may approve, and how many of them it takes."""

# Who approves what, said twice: as the settings have it, and as the sentences of docs/approvals.md say.
SETTINGS: tuple[tuple[Policy, Says], ...] = (
    (Policy(approvers=("SALL", "U1"), required=1), dict.fromkeys(REPOSITORIES, (("SALL", "U1"), 1))),
    (Policy(approvers=("SALL",), required=2), dict.fromkeys(REPOSITORIES, (("SALL",), 2))),
    (
        Policy(
            approvers=("SALL", "U1"),
            required=1,
            grants=(Grant(("prod/*",), ("SPROD",), 2), Grant(("prod/play",), ("U2", "SALL"), 1)),
        ),
        {"dev/app": (("SALL", "U1"), 1), "prod/app": (("SPROD",), 2), "prod/play": (("U2", "SALL"), 1)},
    ),
    (
        Policy(approvers=("SALL", "SPROD"), required=2, allow_self_approval=True),
        dict.fromkeys(REPOSITORIES, (("SALL", "SPROD"), 2)),
    ),
)


@dataclass
class Office:
    """Who is in which group and whose account is switched off, as Slack says when it is asked.

    ``away``: it does not answer. ``meanwhile``: what happens while it is asked for the ``after``-th time from now.
    """

    groups: dict[str, set[str]] = field(default_factory=lambda: {group: set() for group in GROUPS})
    off: set[str] = field(default_factory=set)
    away: bool = False
    meanwhile: Callable[[], Awaitable[None]] | None = None
    after: int = 1

    async def members(self, group: str, workspace: Workspace) -> frozenset[str]:
        await self._asked()
        return frozenset(self.groups[group])

    async def barred(self, user: str, workspace: Workspace) -> str:
        await self._asked()
        return "This account is deactivated." if user in self.off else ""

    def among(self, approvers: tuple[str, ...]) -> set[str]:
        """Give those of some approvers, users and groups, whose account is on."""
        return {user for one in approvers for user in self.groups.get(one, {one})} - self.off

    async def _asked(self) -> None:
        if self.away:
            raise RefusedError("Slack did not say.")
        self.after -= 1
        if self.after < 1 and self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()


class CrashError(Exception):
    """The process ends here."""


class Line:
    """An engine that only takes work on. The process may end within the transaction that approves, or right after."""

    def __init__(self) -> None:
        self.dies_within = self.dies_after = False

    async def enqueue(self, connection: AsyncConnection, proposal: Proposal) -> None:
        if self.dies_within:
            raise CrashError

    def wake(self, proposal: Proposal) -> None:
        if self.dies_after:
            raise CrashError

    async def start(self, job: Job) -> None:
        pass

    def halt(self) -> None:
        pass

    async def stop(self) -> None:
        pass
