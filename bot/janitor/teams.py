"""Who gets a report: the teams of the settings file, and the channels that have subscribed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.domain.team import Scope, Team
from bot.domain.team_requests import Subscribe, Unsubscribe
from bot.domain.weekly import Slot, Weekly
from bot.domain.workspace import Workspace
from bot.errors import BadInputError, ConflictError, RefusedError
from bot.janitor.desk import Desk
from bot.store import Hindrance

USUAL_DAY = 0
USUAL_TIME = time(9)
# Slack answers somebody's own question about a channel; a channel with more of them is not meant.
MOST_OF_A_CHANNEL = 50


@dataclass(frozen=True, slots=True)
class Due:
    """A team with its next report.

    ``snoozed``: one before it is left out. ``paused_why``: why none comes at all, empty where they do.
    """

    team: Team
    next: Slot
    snoozed: bool = False
    paused_why: str = ""


class Teams:
    """The use cases of ``/acr subscribe`` and its kin. ``own`` are the teams of the settings file."""

    def __init__(self, desk: Desk, own: Sequence[Team]) -> None:
        self._desk = desk
        self._own = tuple(own)
        # The settings file is about the workspace that the app is installed in; empty until Slack has said which.
        self.home = Workspace("")

    @property
    def own(self) -> list[Team]:
        """Give the teams of the settings file."""
        return [replace(team, team_id=self.home.team_id, enterprise_id=self.home.enterprise_id) for team in self._own]

    async def all(self) -> list[Team]:
        """Give every team and every subscription. Raises StoreError."""
        return [*self.own, *await self._desk.store.subscriptions.list()]

    async def find(self, key: str) -> Team | None:
        """Give the team of a schedule, None where there is none any more."""
        return next((team for team in await self.all() if team.key == key), None)

    async def of_channel(self, workspace: Workspace, channel: str, registry: str = "") -> list[Team]:
        """Give those whose report goes to a channel, with repositories of one registry if it is named.

        Raises BadInputError where there is no registry of that name.
        """
        wanted = self._desk.registry(registry).name if registry else ""
        return [
            replace(team, team_id=workspace.team_id, enterprise_id=workspace.enterprise_id)
            for team in await self.all()
            if team.channel == channel and is_of(team, workspace) and _reads(team, wanted)
        ]

    async def due(self, workspace: Workspace, registry: str = "") -> list[Due]:
        """Give all of a workspace with their next report, the next first; of one registry as in ``of_channel``."""
        wanted = self._desk.registry(registry).name if registry else ""
        hindrances = await self._desk.store.subscriptions.hindrances()
        now = self._desk.clock()
        found = []
        for team in await self.all():
            if is_of(team, workspace) and _reads(team, wanted):
                hindrance = hindrances.get(team.key)
                following = next_slot(team.weekly, hindrance, now)
                snoozed = following != team.weekly.next(now)
                found.append(Due(team, following, snoozed, hindrance.paused_why if hindrance else ""))
        return sorted(found, key=lambda due: (due.next.at, due.team.name))

    async def subscribe(self, request: Subscribe, *, user: str, channel: str, workspace: Workspace, zone: str) -> Team:
        """Subscribe a channel, or change when its report comes; ``zone`` is the one for who named none.

        A subscription that was paused or snoozed goes on. Raises BadInputError for an unknown registry, RefusedError
        where the channel has too many.
        """
        client = self._desk.registry(request.registry)
        glob = request.reference.repository
        now = self._desk.clock()
        mine = [team for team in await self.of_channel(workspace, channel) if not team.in_settings]
        if len(mine) >= MOST_OF_A_CHANNEL and not any(_is(team, client.name, glob) for team in mine):
            raise RefusedError(
                f"This channel has {len(mine)} subscriptions already.",
                expected="One with a pattern stands for many repositories.",
                example="/acr subscribe 'team/*'",
            )
        team = Team(
            key=f"sub:{secrets.token_hex(6)}",
            name=glob,
            channel=channel,
            scopes=(Scope(client.name, (glob,)),),
            weekly=Weekly(
                USUAL_DAY if request.weekday is None else request.weekday,
                request.at or USUAL_TIME,
                request.zone or zone,
            ),
            team_id=workspace.team_id,
            enterprise_id=workspace.enterprise_id,
            made_by=user,
            since=now,
        )
        stored = await self._desk.store.subscriptions.put(team)
        await self._desk.store.subscriptions.release(stored.key)
        # The report of that day may have come already, at the time that the subscription had before.
        known = next((other for other in mine if other.key == stored.key), None)
        if known is not None and known.weekly != stored.weekly:
            await self._desk.store.turns.reopen(stored.key, stored.weekly.next(now).day)
        return stored

    async def unsubscribe(self, request: Unsubscribe, *, channel: str, workspace: Workspace) -> list[Team]:
        """End a channel's subscriptions, or the one of a glob; give those that it had.

        Raises RefusedError where only the settings file could change it, BadInputError where there is none.
        """
        here = await self.of_channel(workspace, channel, request.registry)
        meant = [team for team in here if request.reference is None or _has(team, request.reference.repository)]
        mine = [team for team in meant if not team.in_settings]
        if not mine:
            self._refuse(meant, here)
        for team in mine:
            await self._desk.store.subscriptions.drop(team.key)
        return mine

    @staticmethod
    def _refuse(meant: Sequence[Team], here: Sequence[Team]) -> None:
        if meant:
            raise RefusedError(
                f"The report of {meant[0].name} is in the settings file, and can't be changed from Slack.",
                expected="Whoever runs the app can change it there, under teams.",
            )
        subscribed = [team for team in here if not team.in_settings]
        if subscribed:
            raise BadInputError(
                "This channel has no such subscription.",
                expected=f"It has: {', '.join(team.name for team in subscribed[:5])}.",
                example=f"/acr unsubscribe '{subscribed[0].name}'",
            )
        raise BadInputError(
            "This channel has no subscription.", expected="There is nothing to end.", example="/acr subscriptions"
        )

    async def snooze(self, key: str, *, user: str, channel: str, workspace: Workspace) -> tuple[Team, Slot, bool]:
        """Leave the next report of a schedule out.

        Gives the team, the slot from which on it is posted again, and whether it was snoozed already. Raises
        ConflictError where the report's schedule is no more, is not this channel's, or is paused.
        """
        team = await self.find(key)
        if team is None or team.channel != channel or not is_of(team, workspace):
            raise ConflictError(
                "Nobody is subscribed to this report here any more.",
                expected="There is nothing to snooze.",
                example="/acr subscriptions",
            )
        now = self._desk.clock()
        known = (await self._desk.store.subscriptions.hindrances()).get(key)
        if known is not None and known.paused_why:
            raise ConflictError(
                "This report is paused, so none comes that could be snoozed.",
                expected="It goes on once somebody asks for it here.",
                example="/acr report",
            )
        again = team.weekly.slot(team.weekly.next(now).day + timedelta(days=7))
        if known is not None and known.snoozed_until == again.day:
            return team, again, True
        await self._desk.store.subscriptions.hinder(
            key, Hindrance(snoozed_until=again.day, changed_by=user, changed=now)
        )
        return team, again, False

    async def pause(self, team: Team, why: str) -> None:
        """Post nothing more for a team, until somebody subscribes again or asks for the report in its channel."""
        hindrance = Hindrance(paused_why=why, changed_by="app", changed=self._desk.clock())
        await self._desk.store.subscriptions.hinder(team.key, hindrance)

    async def resume(self, team: Team) -> bool:
        """Go on with a team whose report was paused. Gives False where it was not."""
        known = (await self._desk.store.subscriptions.hindrances()).get(team.key)
        return bool(known and known.paused_why) and await self._desk.store.subscriptions.release(team.key)

    async def hindrance(self, team: Team, slot: Slot) -> Hindrance | None:
        """Give what keeps a slot's report from being posted, None where nothing does."""
        known = (await self._desk.store.subscriptions.hindrances()).get(team.key)
        return known if known is not None and _holds(known, slot.day) else None


def next_slot(weekly: Weekly, hindrance: Hindrance | None, now: datetime) -> Slot:
    """Give the next slot that is not snoozed."""
    slot = weekly.next(now)
    until = hindrance.snoozed_until if hindrance else None
    while until is not None and slot.day < until:
        slot = weekly.next(slot.at)
    return slot


def _holds(hindrance: Hindrance, day: date) -> bool:
    return bool(hindrance.paused_why) or (hindrance.snoozed_until is not None and day < hindrance.snoozed_until)


def is_of(team: Team, workspace: Workspace) -> bool:
    """Whether it is a workspace's; as long as Slack has not said whose the settings file is, it is of each."""
    return not team.team_id or workspace.owns(team.team_id, team.enterprise_id)


def _is(team: Team, registry: str, glob: str) -> bool:
    return team.scopes == (Scope(registry, (glob,)),)


def _has(team: Team, glob: str) -> bool:
    return any(glob in scope.globs for scope in team.scopes)


def _reads(team: Team, registry: str) -> bool:
    return not registry or any(scope.registry == registry for scope in team.scopes)
