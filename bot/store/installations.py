"""Which workspaces have installed the app, each with its token: slack_sdk's own stores, in our database.

The tokens stand there as they are; who can read the database can use them (SECURITY.md).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import (
    AsyncSQLAlchemyInstallationStore,
    SQLAlchemyInstallationStore,
)
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import Connection, delete, func, insert, select

from bot.domain.workspace import Workspace
from bot.store.database import Database
from bot.store.tables import SLACK_BOTS, SLACK_INSTALLATIONS, SLACK_STATES

STATE_LIFE = timedelta(minutes=10)
"""How long somebody may take from the first page of an installation to Slack's answer."""


class Installations(AsyncSQLAlchemyInstallationStore):
    """The installations of one Slack app, ``client_id``.

    slack_sdk looks an installation up by workspace and organisation as a payload has them; here the workspace's id,
    which is unique in all of Slack, finds it, and the organisation must not be another one.
    """

    def __init__(self, database: Database, client_id: str) -> None:
        super().__init__(client_id=client_id, engine=database.writing)
        self._database = database

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation in the place of those before it. Raises StoreError."""
        async with self._database.alone():
            await super().async_save(installation)
        async with self._database.write() as connection:
            for table in (SLACK_BOTS, SLACK_INSTALLATIONS):
                newest = (
                    select(func.max(table.c.id))
                    .where(table.c.client_id == self.client_id, table.c.team_id == installation.team_id)
                    .scalar_subquery()
                )
                await connection.execute(
                    delete(table).where(
                        table.c.client_id == self.client_id,
                        table.c.team_id == installation.team_id,
                        table.c.id < newest,
                    )
                )

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,  # noqa: ARG002 - an organisation as a whole can't install it
    ) -> Bot | None:
        """Give the bot of a workspace, None where it has not installed the app. Raises StoreError."""
        async with self._database.read() as connection:
            query = (
                select(SLACK_BOTS)
                .where(SLACK_BOTS.c.client_id == self.client_id, SLACK_BOTS.c.team_id == (team_id or ""))
                .order_by(SLACK_BOTS.c.id.desc())
                .limit(1)
            )
            row = (await connection.execute(query)).mappings().first()
        if row is None or (enterprise_id and row["enterprise_id"] and enterprise_id != row["enterprise_id"]):
            return None
        return SQLAlchemyInstallationStore.build_bot_entity(row)

    async def token_of(self, workspace: Workspace) -> str:
        """Give a workspace's token, empty where it has none. Raises StoreError."""
        bot = await self.async_find_bot(enterprise_id=workspace.enterprise_id, team_id=workspace.team_id)
        return "" if bot is None else str(bot.bot_token or "")

    async def drop(self, workspace: Workspace, token: str) -> bool:
        """Forget a workspace's token, unless it has another one by now. Gives False then. Raises StoreError."""
        async with self._database.write() as connection:
            gone = 0
            for table in (SLACK_BOTS, SLACK_INSTALLATIONS):
                done = await connection.execute(
                    delete(table).where(
                        table.c.client_id == self.client_id,
                        table.c.team_id == workspace.team_id,
                        table.c.bot_token == token,
                    )
                )
                gone += done.rowcount
        return gone > 0

    async def teams(self) -> list[str]:
        """Give the ids of the workspaces that have installed it. Raises StoreError."""
        async with self._database.read() as connection:
            query = select(SLACK_BOTS.c.team_id).where(SLACK_BOTS.c.client_id == self.client_id).distinct()
            return sorted((await connection.execute(query)).scalars())


class States(AsyncSQLAlchemyOAuthStateStore):
    """The installations that somebody has begun and not ended. Each is good once, and for STATE_LIFE.

    slack_sdk looks and then deletes, so that two answers at the same moment would both be taken; here the delete
    decides.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(expiration_seconds=int(STATE_LIFE.total_seconds()), engine=database.writing)
        self._database = database

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """Begin one, and forget those that nobody has ended. Raises StoreError."""
        state, now = str(uuid4()), _now()
        async with self._database.write() as connection:
            await connection.execute(delete(SLACK_STATES).where(SLACK_STATES.c.expire_at <= now))
            await connection.execute(insert(SLACK_STATES).values(state=state, expire_at=now + STATE_LIFE))
        return state

    async def async_consume(self, state: str) -> bool:
        """End one. Gives False where it was never begun, is over or was ended before. Raises StoreError."""
        async with self._database.write() as connection:
            done = await connection.execute(
                delete(SLACK_STATES).where(SLACK_STATES.c.state == state, SLACK_STATES.c.expire_at > _now())
            )
        return done.rowcount == 1


def tokens_in(connection: Connection, client_id: str) -> Mapping[str, str]:
    """Give the tokens of one app, by workspace."""
    query = select(SLACK_BOTS.c.team_id, SLACK_BOTS.c.bot_token).where(SLACK_BOTS.c.client_id == client_id)
    return {team: token for team, token in connection.execute(query.order_by(SLACK_BOTS.c.id)) if token}


def _now() -> datetime:
    # slack_sdk's columns have no zone.
    return datetime.now(UTC).replace(tzinfo=None)
