"""Whose token Slack is spoken to with."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.workspace import Workspace
from handlers import OneClient
from handlers.clients import NOT_INSTALLED
from sandbox.slack import SlackSandbox
from tests.scenarios.stage import ROOT, make_workspace


async def test_one_token_speaks_for_its_own_workspace_alone() -> None:
    """What belongs to another workspace gets no client, and Slack is asked whose the token is once."""
    async with SlackSandbox(make_workspace(), manifest=ROOT / "manifest.yml") as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        clients = OneClient(client)
        own = Workspace(slack.workspace.team_id)
        assert await clients.of(own) is client
        assert await clients.of(Workspace("")) is client
        assert await clients.home() == own
        with pytest.raises(SlackApiError, match="not installed in the workspace T0OTHER") as refused:
            await clients.of(Workspace("T0OTHER"))
        assert refused.value.response["error"] == NOT_INSTALLED
        assert [call.method for call in slack.calls] == ["auth.test"]


async def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    """As long as Slack has not said whose the token is, nothing is done with it."""
    async with SlackSandbox(make_workspace(), manifest=ROOT / "manifest.yml") as slack:
        clients = OneClient(AsyncWebClient("xoxb-sandbox", base_url=slack.api_url))
        slack.fail("auth.test", error="internal_error", times=1)
        with pytest.raises(SlackApiError, match="internal_error"):
            await clients.of(Workspace(slack.workspace.team_id))
        assert await clients.of(Workspace(slack.workspace.team_id))
