"""Which token Slack is spoken to with: that of the workspace that something belongs to, and never another's."""

import asyncio
from typing import Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.workspace import Workspace

NOT_INSTALLED = "not_installed"


class NotInstalledError(SlackApiError):
    """The app has no token for this workspace, so nothing of it can be shown or asked there.

    It is one of Slack's own refusals to whoever calls: its error is ``NOT_INSTALLED``.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # slack_sdk leaves it without types
            f"The app is not installed in the workspace {workspace.team_id}.", {"ok": False, "error": NOT_INSTALLED}
        )


class Clients(Protocol):
    """The clients of all workspaces that the app is installed in."""

    async def of(self, workspace: Workspace) -> AsyncWebClient:
        """Give the client with a workspace's token. Raises NotInstalledError where there is none.

        Raises SlackApiError and its kin where that can't be found out for now.
        """

    async def home(self) -> Workspace:
        """Give the workspace that the settings are about; one without an id where they name several.

        Raises SlackApiError and its kin where Slack does not say.
        """


class OneClient:
    """The one client of an app that has one token, for the workspace or organisation that Slack says it is of."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._home: Workspace | None = None
        self._org_wide = False
        self._turn = asyncio.Lock()

    async def of(self, workspace: Workspace) -> AsyncWebClient:
        """Give the client, unless what asks for it is known to be of another workspace. Raises as the protocol says."""
        home = await self.home()
        if self._org_wide:
            ours = workspace.enterprise_id in {"", home.enterprise_id}
        else:
            ours = workspace.team_id in {"", home.team_id}
        if not ours:
            raise NotInstalledError(workspace)
        return self._client

    async def home(self) -> Workspace:
        """Give the token's workspace. Slack is asked for it until it has answered once."""
        async with self._turn:
            if self._home is None:
                said = await self._client.auth_test()
                self._org_wide = bool(said.get("is_enterprise_install"))
                self._home = Workspace(str(said["team_id"]), str(said.get("enterprise_id") or ""))
            return self._home
