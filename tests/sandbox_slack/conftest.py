from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Channel, Options, Person, SlackSandbox, UserGroup, Workspace
from tests.sandbox_slack import bolt_app
from tests.sandbox_slack.listener import Listener, listening


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def refusal(call: Any) -> Any:
    """Await a call that Slack refuses, and return its answer."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def error_of(call: Any) -> str:
    """Await a call that Slack refuses, and return the error's name."""
    return str((await refusal(call))["error"])


def make_workspace() -> Workspace:
    """Build a workspace with three people and four channels."""
    return Workspace(
        "Example",
        people=[
            Person(id="U_ALICE", name="alice", real_name="Alice Ash", email="alice@example.com"),
            Person(id="U_BOB", name="bob", real_name="Bob Birch"),
            Person(id="U_EVE", name="eve", real_name="Eve Elm"),
            Person(id="U_GONE", name="gone", real_name="Gone Away", deleted=True),
        ],
        channels=[
            Channel(id="C_OPS", name="ops", members=["U_ALICE", "U_BOB"]),
            Channel(id="C_ELSEWHERE", name="elsewhere", members=["U_ALICE"], bot=False),
            Channel(id="C_SECRET", name="secret", members=["U_BOB"], private=True, bot=False),
            Channel(id="C_OLD", name="old", members=["U_ALICE"], archived=True),
        ],
        groups=[
            UserGroup(id="S_APPROVERS", handle="approvers", users=["U_BOB"]),
            UserGroup(id="S_FORMER", handle="former", users=["U_EVE"], disabled=True),
        ],
    )


@pytest.fixture
def clock() -> Clock:
    """Hand out a clock that stands still until a test moves it."""
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SlackSandbox]:
    """Run a sandbox in which everything is allowed."""
    options = Options(ack_seconds=1.0, event_retry_delays=(0.0, 0.05, 0.05))
    async with SlackSandbox(make_workspace(), clock=clock, options=options) as sandbox:
        yield sandbox


@pytest.fixture
def client(slack: SlackSandbox) -> AsyncWebClient:
    """Make the SDK's client, with the bot's token."""
    return AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a plain HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def listener(slack: SlackSandbox) -> AsyncIterator[Listener]:
    """Serve a bare request URL and deliver to it."""
    async with listening() as bare:
        slack.deliver_to(bare.url)
        yield bare


@pytest.fixture(params=["http", "socket"])
async def app(slack: SlackSandbox, request: pytest.FixtureRequest) -> AsyncIterator[AsyncApp]:
    """Run the Bolt app, once over each transport."""
    bolt = bolt_app.build(slack)
    if request.param == "http":
        runner = web.AppRunner(bolt.web_app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        yield bolt
        await runner.cleanup()
    else:
        handler = bolt_app.socket_handler(bolt, slack)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await slack.deliver_by_socket()
        yield bolt
        await handler.close_async()  # type: ignore[no-untyped-call]
