"""The stand-in as one object: start it, point the app at it, be its people, look at what happened."""

import asyncio
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web

from sandbox.listening import Listener
from sandbox.slack.api.server import LARGEST_BODY, WebApi
from sandbox.slack.core import Call, Core, Delivery, Fault, Options
from sandbox.slack.delivery.http import HttpTransport, sign
from sandbox.slack.delivery.socket import SocketTransport
from sandbox.slack.human import Human
from sandbox.slack.interactions import Interactions
from sandbox.slack.loopback import is_loopback
from sandbox.slack.manifest import Command, Manifest
from sandbox.slack.model import Json
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.ui import Ui
from sandbox.slack.workspace import Workspace


class SlackSandbox:
    """A Slack workspace with one app installed, served on a port of this machine.

    `manifest` (a path) says the app's scopes, commands and events; without it, or with `scopes` or `commands` given,
    those count: no scopes given means all of them, no commands given means that any is delivered. `clock` gives Unix
    seconds for trigger ids, response URLs, timestamps and rate limits; signatures carry the real time, since the app
    checks them by its own clock. What else can be strict or patient is in `options`.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107 - an example
        bot_token: str = "xoxb-sandbox",  # noqa: S107 - an example
        app_token: str = "xapp-sandbox",  # noqa: S107 - an example
        manifest: Path | None = None,
        scopes: Iterable[str] | None = None,
        commands: Iterable[Command] | None = None,
        clock: Callable[[], float] = time.time,
        options: Options | None = None,
    ) -> None:
        read = Manifest() if manifest is None else Manifest.read(manifest)
        workspace.clock = clock
        if read.name:
            workspace.app.name = read.name
        if read.bot_name:
            workspace.app.bot_name = read.bot_name
        workspace.introduce_app()
        self.workspace = workspace
        self.core = Core(
            workspace,
            signing_secret=signing_secret,
            bot_token=bot_token,
            app_token=app_token,
            scopes=read.scopes if scopes is None else frozenset(scopes),
            manifest=read,
            commands=read.commands if commands is None else tuple(commands),
            clock=clock,
            options=options or Options(),
        )
        self._response_urls = ResponseUrls(self.core)
        self.interactions = Interactions(self.core, self._response_urls)
        self.sockets = SocketTransport(self.core)
        self.api = WebApi(self.core, self._response_urls)
        self._listener: Listener | None = None
        self._session: aiohttp.ClientSession | None = None

    # running

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve on a loopback address; port 0 lets the system choose. Raises ValueError for other addresses."""
        if not is_loopback(host):
            raise ValueError(f"{host} is not an address of this machine alone: nothing here asks who you are")
        app = web.Application(client_max_size=LARGEST_BODY)
        ui = Ui(self.core, self.human)
        app.on_shutdown.append(ui.stop)
        app.add_routes(self.api.routes())
        app.add_routes(self.sockets.routes())
        app.add_routes(ui.routes())
        self._listener = Listener(web.AppRunner(app, access_log=None, shutdown_timeout=1.0))
        actual = await self._listener.open(host, port)
        self.core.base_url = f"http://[{host}]:{actual}" if ":" in host else f"http://{host}:{actual}"
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Close every connection and stop serving."""
        await self.interactions.stop()
        await self.sockets.stop()
        if self._session is not None:
            await self._session.close()
        if self._listener is not None:
            await self._listener.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where the page is, such as `http://127.0.0.1:4711`."""
        return self.core.base_url

    @property
    def api_url(self) -> str:
        """The Web API's base URL, to give to `AsyncWebClient(base_url=...)`."""
        return f"{self.core.base_url}/api/"

    # reaching the app

    def deliver_to(self, url: str) -> None:
        """Deliver by signed HTTP requests to the app's request URL, such as `http://127.0.0.1:3000/slack/events`."""
        if self._session is None:
            raise RuntimeError("start() first")
        self.core.transport = HttpTransport(self.core, url, self._session)

    async def deliver_by_socket(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - part of the tests' interface
        """Deliver by Socket Mode, as soon as the app has connected. Raises TimeoutError when it doesn't."""
        self.core.transport = self.sockets
        await self.wait_for(lambda: self.sockets.connected > 0, timeout=timeout)

    def signed(self, body: bytes | str, timestamp: int | None = None, secret: str | None = None) -> dict[str, str]:
        """Return the headers that sign a request body, for requests made by hand: late, early or forged."""
        content = body.encode() if isinstance(body, str) else body
        at = int(time.time()) if timestamp is None else timestamp
        return sign(content, self.core.signing_secret if secret is None else secret, at)

    @property
    def deliveries(self) -> list[Delivery]:
        """All that was brought to the app, in order."""
        return self.core.deliveries

    @property
    def last_delivery(self) -> Delivery:
        """The latest one."""
        return self.core.deliveries[-1]

    async def replay(self, delivery: Delivery) -> Delivery:
        """Bring the very same bytes (over Socket Mode: the same envelope) again."""
        if self.core.transport is None:
            raise RuntimeError("deliver_to() or deliver_by_socket() first")
        return await self.core.transport.replay(delivery)

    async def send_event(self, event: Json) -> Delivery:
        """Deliver any event of the Events API, such as `{"type": "app_uninstalled"}`."""
        return await self.interactions.send_event(event)

    # people, and what happened

    def human(self, user: str) -> Human:
        """Be that person."""
        return Human(self.core, self.interactions, user)

    @property
    def calls(self) -> list[Call]:
        """All calls of the Web API and posts to response URLs (as method `response_url`), in order."""
        return self.core.calls

    def calls_of(self, method: str) -> list[Call]:
        """List the calls of one method."""
        return [call for call in self.core.calls if call.method == method]

    def fail(
        self,
        method: str,
        error: str | None = None,
        *,
        status: int = 200,
        retry_after: int | None = None,
        delay: float = 0.0,
        times: int = 1,
        match: Callable[[Json], bool] | None = None,
    ) -> None:
        """Answer the next calls of a method (`*` for any, `response_url` for those) with a fault.

        `status=429` answers `ratelimited` with `Retry-After`; 5xx without `error` answers no JSON, as a gateway does.
        `match` picks calls by their arguments; `delay` seconds pass first, and where nothing else is given the real
        answer comes then.
        """
        if status == HTTPStatus.TOO_MANY_REQUESTS and retry_after is None:
            retry_after = 1
        self.core.faults.append(
            Fault(
                method=method,
                error=error,
                status=status,
                retry_after=retry_after,
                delay=delay,
                match=match,
                left=times,
            )
        )

    async def wait_for(self, predicate: Callable[[], Any], timeout: float = 5.0) -> Any:  # noqa: ASYNC109 - likewise
        """Wait until `predicate()` is true and return what it gave; it is asked again after every change.

        Raises TimeoutError, with the last calls of the Web API to help.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = self.workspace.changes.count
            if result := predicate():
                return result
            left = deadline - time.monotonic()
            if left <= 0:
                calls = ", ".join(call.method for call in self.core.calls[-10:]) or "none"
                raise TimeoutError(f"nothing came of it in {timeout} s; the app's last calls: {calls}")
            # What is waited for may lie outside the workspace, so look again now and then without a change.
            await self.workspace.changes.wait(seen, min(left, 0.05))

    async def settle(self, quiet: float = 0.2) -> None:
        """Wait until nothing has changed for `quiet` seconds, to see that nothing more happens."""
        while True:
            seen = self.workspace.changes.count
            await asyncio.sleep(quiet)
            if self.workspace.changes.count == seen:
                return
