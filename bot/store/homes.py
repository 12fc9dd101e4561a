"""Whose Home tab is kept up to date: those who have opened it lately, on whichever replica that was."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.workspace import Workspace
from bot.store.database import Database
from bot.store.tables import HOMES
from bot.store.where import in_workspace


class Homes:
    """Everybody who has opened Home. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, workspace: Workspace, user: str, at: datetime) -> None:
        """Remember that somebody has opened it. Ids are Slack's."""
        dialect: Any = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(HOMES).values(
            team_id=workspace.team_id, user=user, opened=at, enterprise_id=workspace.enterprise_id
        )
        statement = statement.on_conflict_do_update(
            index_elements=["team_id", "user"], set_={"opened": at, "enterprise_id": workspace.enterprise_id}
        )
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def recent(self, workspace: Workspace, since: datetime, most: int) -> list[str]:
        """Give the people of a workspace who have opened it since then, the latest first, at most so many."""
        query = (
            select(HOMES.c.user)
            .where(*in_workspace(HOMES, workspace), HOMES.c.opened >= since)
            .order_by(HOMES.c.opened.desc(), HOMES.c.user)
            .limit(most)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def known(self, workspace: Workspace, users: Collection[str]) -> list[str]:
        """Give those of these people who have ever opened it and are not forgotten."""
        query = select(HOMES.c.user).where(*in_workspace(HOMES, workspace), HOMES.c.user.in_(list(users)))
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def forget(self, before: datetime) -> None:
        """Forget those who have not opened it since then."""
        async with self._database.write() as connection:
            await connection.execute(delete(HOMES).where(HOMES.c.opened < before))
