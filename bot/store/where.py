"""The same check of a workspace for every query."""

from sqlalchemy import ColumnElement, Table

from bot.domain.workspace import Workspace


def in_workspace(table: Table, workspace: Workspace) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Give the conditions that rows of a table are a workspace's: what ``Workspace.owns`` says, in SQL."""
    return table.c.team_id == workspace.team_id, table.c.enterprise_id.in_(["", workspace.enterprise_id])
