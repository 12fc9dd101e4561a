from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Options, SlackSandbox
from tests.sandbox_slack import bolt_app
from tests.sandbox_slack.conftest import Clock, error_of, make_workspace


@pytest.fixture
async def handlers(slack: SlackSandbox) -> AsyncIterator[list[AsyncSocketModeHandler]]:
    """Connect two replicas of the app."""
    both = [bolt_app.socket_handler(bolt_app.build(slack), slack) for _ in range(2)]
    for handler in both:
        await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.deliver_by_socket()
    yield both
    for handler in both:
        await handler.close_async()  # type: ignore[no-untyped-call]


def seen(handler: AsyncSocketModeHandler) -> int:
    """Count what one replica's listeners got."""
    return len(handler.app.seen)  # type: ignore[attr-defined]


async def test_each_payload_goes_to_one_socket(slack: SlackSandbox, handlers: list[AsyncSocketModeHandler]) -> None:
    """With two replicas each payload reaches exactly one, without a pattern, and both get some."""
    alice = slack.human("U_ALICE")
    for number in range(20):
        assert (await alice.slash(f"/acr {number}", channel="C_OPS")).ok
    first, second = (seen(handler) for handler in handlers)
    assert first + second == 20
    assert min(first, second) > 0


async def test_the_app_reconnects_when_asked(slack: SlackSandbox, handlers: list[AsyncSocketModeHandler]) -> None:
    """After disconnect messages with refresh_requested the replicas come back on new addresses and take payloads."""
    opened = len(slack.calls_of("apps.connections.open"))
    await slack.sockets.refresh(grace=5)
    await slack.wait_for(lambda: slack.sockets.connected == 2)
    assert len(slack.calls_of("apps.connections.open")) == opened + 2
    assert (await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")).ok


async def test_the_app_reconnects_when_cut_off(slack: SlackSandbox, handlers: list[AsyncSocketModeHandler]) -> None:
    """After the network drops the connections the replicas come back by themselves."""
    await slack.sockets.cut()
    await slack.wait_for(lambda: slack.sockets.connected == 0)
    assert (await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")).failure == "no_socket"
    await slack.wait_for(lambda: slack.sockets.connected == 2, timeout=20)
    assert (await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")).ok


async def test_a_half_open_socket_loses_payloads(slack: SlackSandbox, handlers: list[AsyncSocketModeHandler]) -> None:
    """A deaf socket looks connected while payloads are lost, until the app's pings find out."""
    slack.sockets.deafen()
    assert slack.sockets.connected == 2
    outcome = await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")
    assert outcome.failure == "http_timeout"
    await slack.wait_for(lambda: not slack.sockets.deaf and slack.sockets.connected == 2, timeout=30)
    assert (await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")).ok


async def test_a_replayed_envelope(slack: SlackSandbox, handlers: list[AsyncSocketModeHandler]) -> None:
    """A replayed envelope has the same id and payload, and may reach the other replica."""
    await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")
    first = slack.last_delivery
    again = await slack.replay(first)
    assert (again.envelope_id, again.payload) == (first.envelope_id, first.payload)
    assert sum(seen(handler) for handler in handlers) == 2


async def test_events_come_again_without_acknowledgement(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """An envelope that nobody acknowledges comes again with its number and the reason."""
    client = AsyncWebClient(base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.core.app_token))["url"]
    async with http.ws_connect(url) as ws:
        assert (await ws.receive_json())["type"] == "hello"
        await slack.deliver_by_socket()
        outcome = await slack.human("U_ALICE").open_home()
        assert outcome.failure == "http_timeout"
        envelopes = [await ws.receive_json() for _ in range(2)]
        assert [(e["type"], e["retry_attempt"], e["retry_reason"]) for e in envelopes] == [
            ("events_api", 0, ""),
            ("events_api", 1, "http_timeout"),
        ]
        await ws.send_json({"envelope_id": envelopes[1]["envelope_id"]})
        await slack.settle()
        assert len(slack.deliveries) == 2


async def test_addresses_work_once(slack: SlackSandbox, http: aiohttp.ClientSession, clock: Clock) -> None:
    """A WebSocket address is refused the second time, when it is old, and when made up."""
    client = AsyncWebClient(base_url=slack.api_url)
    first, second = [(await client.apps_connections_open(app_token=slack.core.app_token))["url"] for _ in range(2)]
    async with http.ws_connect(first) as ws:
        await ws.receive_json()
    clock.now += 31
    for url in (first, second, first.replace("ticket=", "ticket=x")):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url)
        assert refused.value.status == 403


async def test_ten_sockets_at_most(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """The eleventh socket is told too_many_websockets and closed."""
    client = AsyncWebClient(base_url=slack.api_url)
    async with AsyncExitStack() as stack:
        for _ in range(10):
            url = (await client.apps_connections_open(app_token=slack.core.app_token))["url"]
            ws = await stack.enter_async_context(http.ws_connect(url))
            assert (await ws.receive_json())["type"] == "hello"
        url = (await client.apps_connections_open(app_token=slack.core.app_token))["url"]
        ws = await stack.enter_async_context(http.ws_connect(url))
        assert (await ws.receive_json())["reason"] == "too_many_websockets"
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert slack.sockets.connected == 10


async def test_a_warning_closes_nothing(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """The warning before a refresh is only said."""
    client = AsyncWebClient(base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.core.app_token))["url"]
    async with http.ws_connect(url) as ws:
        await ws.receive_json()
        await slack.sockets.refresh(reason="warning")
        assert (await ws.receive_json())["reason"] == "warning"
        assert slack.sockets.connected == 1


async def test_slack_pings(clock: Clock, http: aiohttp.ClientSession) -> None:
    """Slack pings the sockets now and then, and answers pings with what they carried."""
    async with SlackSandbox(make_workspace(), clock=clock, options=Options(ping_seconds=0.05)) as slack:
        client = AsyncWebClient(base_url=slack.api_url)
        url = (await client.apps_connections_open(app_token=slack.core.app_token))["url"]
        async with http.ws_connect(url, autoping=False) as ws:
            await ws.receive_json()
            await ws.ping(b"are you there")
            got = {(message.type, bytes(message.data)) for message in [await ws.receive(), await ws.receive()]}
            assert (aiohttp.WSMsgType.PONG, b"are you there") in got
            assert (aiohttp.WSMsgType.PING, b"Ping from applink") in got


async def test_socket_mode_needs_the_app_token(slack: SlackSandbox) -> None:
    """The bot's token can't open a connection."""
    client = AsyncWebClient(base_url=slack.api_url)
    assert await error_of(client.apps_connections_open(app_token=slack.core.bot_token)) == "not_allowed_token_type"


async def test_nobody_connects(slack: SlackSandbox) -> None:
    """Waiting for a socket that doesn't come ends with a TimeoutError."""
    with pytest.raises(TimeoutError):
        await slack.deliver_by_socket(timeout=0.1)
    outcome = await slack.human("U_ALICE").slash("/acr", channel="C_OPS")
    assert outcome.failure == "no_socket"
    assert outcome.shown == '/acr failed with the error "dispatch_failed"'
