"""The connection of Socket Mode: its acknowledgements timed, and whether anything still comes through it."""

import time
from dataclasses import dataclass

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.metrics import Metrics

PING_SECONDS = 10.0
# As the SDK itself has it: it reconnects after so many pings without a pong.
SILENT_SECONDS = 4 * PING_SECONDS


@dataclass(frozen=True, slots=True)
class Connection:
    """How the connection stands. ``last_pong``: seconds since a ping was sent that Slack has answered."""

    connected: bool
    last_pong: float | None

    @property
    def silent(self) -> bool:
        """Whether it looks open and nothing has come through it for too long."""
        return self.last_pong is not None and self.last_pong > SILENT_SECONDS


class SocketMode(AsyncSocketModeHandler):
    """Bolt's handler of Socket Mode, watched."""

    def __init__(self, app: AsyncApp, app_token: str, metrics: Metrics) -> None:
        super().__init__(app, app_token, web_client=app.client, ping_interval=PING_SECONDS)
        self._acks = metrics.acks

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's own override narrows it so
        """Let the app answer a payload, and count how long it took."""
        began, wall = time.perf_counter(), time.time()
        # What Bolt's own does; it keeps the status to itself.
        response = await run_async_bolt_app(self.app, req)
        await send_async_response(client, req, response, wall)
        self._acks.labels("socket", str(response.status)).observe(time.perf_counter() - began)

    def state(self) -> Connection:
        """Look at the connection; sends nothing."""
        client = self.client
        session = client.current_session
        connected = not client.closed and not client.stale and session is not None and not session.closed
        seen = client.last_ping_pong_time
        return Connection(connected, None if seen is None else max(0.0, time.time() - seen))
