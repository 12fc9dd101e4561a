"""Who wants a weekly report, and what holds a report up."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.team import Scope, Team
from bot.domain.weekly import Weekly
from bot.store.database import Database
from bot.store.tables import SCHEDULES, SUBSCRIPTIONS

PREFIX = "sub:"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What holds a schedule up: ``snoozed_until`` is the local date of the first slot that is posted again, or None.

    ``paused_why``: why nothing at all is posted, in words; empty where it is not paused. ``changed_by``: a Slack user,
    or ``app``.
    """

    snoozed_until: date | None = None
    paused_why: str = ""
    changed_by: str = ""
    changed: datetime | None = None


class Subscriptions:
    """Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, team: Team) -> Team:
        """Subscribe a channel to one glob of one registry, or change when its report comes.

        ``team`` has one scope with one glob, and a key that begins with ``sub:``. Gives what is stored: where the
        channel had that glob already, under the key that it had.
        """
        [scope] = team.scopes
        [glob] = scope.globs
        when = {
            "weekday": team.weekly.weekday,
            "at": team.weekly.at.isoformat("minutes"),
            "zone": team.weekly.zone,
            "made_by": team.made_by,
            "since": team.since,
        }
        dialect = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(SUBSCRIPTIONS).values(
            id=team.key.removeprefix(PREFIX),
            team_id=team.team_id,
            enterprise_id=team.enterprise_id,
            channel=team.channel,
            registry=scope.registry,
            glob=glob,
            **when,
        )
        statement = statement.on_conflict_do_update(
            index_elements=["team_id", "channel", "registry", "glob"],
            set_={**when, "enterprise_id": team.enterprise_id},
        ).returning(SUBSCRIPTIONS)
        async with self._database.write() as connection:
            return _team((await connection.execute(statement)).one())

    async def list(self, team_id: str | None = None, channel: str | None = None) -> list[Team]:
        """Give the subscriptions, of one workspace and of one channel if given, the first made first."""
        query = select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.since, SUBSCRIPTIONS.c.id)
        if team_id is not None:
            query = query.where(SUBSCRIPTIONS.c.team_id == team_id)
        if channel is not None:
            query = query.where(SUBSCRIPTIONS.c.channel == channel)
        async with self._database.read() as connection:
            return [_team(row) for row in await connection.execute(query)]

    async def drop(self, key: str) -> bool:
        """End a subscription, with what held it up. Gives False where there is none."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == key.removeprefix(PREFIX)))
            await connection.execute(delete(SCHEDULES).where(SCHEDULES.c.key == key))
        return gone.rowcount == 1

    async def hinder(self, key: str, hindrance: Hindrance) -> None:
        """Hold a schedule up in this way, and in no other."""
        values = {
            "snoozed_until": hindrance.snoozed_until.isoformat() if hindrance.snoozed_until else "",
            "paused_why": hindrance.paused_why,
            "changed_by": hindrance.changed_by,
            "changed": hindrance.changed,
        }
        dialect = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(SCHEDULES).values(key=key, **values)
        statement = statement.on_conflict_do_update(index_elements=["key"], set_=values)
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def release(self, key: str) -> bool:
        """Take away what holds a schedule up. Gives False where nothing did."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(SCHEDULES).where(SCHEDULES.c.key == key))).rowcount == 1

    async def hindrances(self) -> dict[str, Hindrance]:
        """Give what holds schedules up, by their keys."""
        async with self._database.read() as connection:
            return {
                row.key: Hindrance(
                    date.fromisoformat(row.snoozed_until) if row.snoozed_until else None,
                    row.paused_why,
                    row.changed_by,
                    row.changed,
                )
                for row in await connection.execute(select(SCHEDULES))
            }


def _team(row: Row[*tuple[object, ...]]) -> Team:
    return Team(
        key=f"{PREFIX}{row.id}",
        name=row.glob,
        channel=row.channel,
        scopes=(Scope(row.registry, (row.glob,)),),
        weekly=Weekly(row.weekday, time.fromisoformat(row.at), row.zone),
        team_id=row.team_id,
        enterprise_id=row.enterprise_id,
        made_by=row.made_by,
        since=row.since,
    )
