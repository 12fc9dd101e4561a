"""Deliveries by Socket Mode: envelopes over the app's own WebSockets, each to any one of them."""

import asyncio
import json
import random
import secrets
import time
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.slack.core import Core, Delivery
from sandbox.slack.model import Json

MOST = 10
TICKET_LIFETIME = 30.0


@dataclass(eq=False, kw_only=True)
class Socket:
    """One connection of the app. `deaf` makes it half-open: pings go unanswered, envelopes get lost."""

    ws: web.WebSocketResponse
    waiting: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)
    leaving: bool = False
    deaf: bool = False


class SocketTransport:
    """Slack's end of Socket Mode."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sockets: list[Socket] = []
        self._tickets: dict[str, float] = {}
        self._random = random.Random(core.options.socket_seed)  # noqa: S311 - only picks a socket
        core.new_socket_url = self._new_url

    @property
    def connected(self) -> int:
        """How many sockets take payloads."""
        return len(self._open())

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        return [web.get("/link", self._link)]

    async def send(self, kind: str, payload: Json, *, retry_num: int = 0, retry_reason: str = "") -> Delivery:
        """Send an envelope to one of the sockets and wait for its acknowledgement."""
        envelope: Json = {
            "envelope_id": secrets.token_hex(16),
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_num, "retry_reason": retry_reason}
        return await self._send(envelope)

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very same envelope again, to any socket."""
        return await self._send(json.loads(delivery.body))

    async def refresh(self, *, reason: str = "refresh_requested", grace: float = 10.0) -> None:
        """Ask every socket to reconnect, and close those that are still there after `grace` seconds.

        Slack does so every few hours, with a warning first. Reasons: `warning`, `refresh_requested`,
        `link_disabled`.
        """
        leaving = self._open()
        for socket in leaving:
            if reason != "warning":
                socket.leaving = True
            await _tell(socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
        if reason == "warning":
            return
        deadline = time.monotonic() + grace
        while any(socket in self._sockets for socket in leaving) and time.monotonic() < deadline:
            changes = self._core.workspace.changes
            await changes.wait(changes.count, deadline - time.monotonic())
        for socket in leaving:
            await socket.ws.close(code=WSCloseCode.GOING_AWAY)

    async def cut(self) -> None:
        """Drop every connection without a word, as a network does."""
        for socket in self._open():
            transport = socket.ws._req.transport if socket.ws._req is not None else None  # noqa: SLF001 - no other way
            if transport is not None:
                transport.abort()

    @property
    def deaf(self) -> int:
        """How many sockets are half-open."""
        return sum(socket.deaf for socket in self._open())

    def deafen(self) -> None:
        """Make every socket half-open: it looks connected, and nothing comes through either way."""
        for socket in self._open():
            socket.deaf = True

    async def stop(self) -> None:
        """Close all sockets."""
        for socket in list(self._sockets):
            await socket.ws.close(code=WSCloseCode.GOING_AWAY)

    def _open(self) -> list[Socket]:
        return [socket for socket in self._sockets if not socket.ws.closed and not socket.leaving]

    def _new_url(self) -> str:
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = self._core.clock()
        address = self._core.base_url.replace("http://", "ws://", 1)
        return f"{address}/link?ticket={ticket}&app_id={self._core.workspace.app.id}"

    async def _send(self, envelope: Json) -> Delivery:
        body = json.dumps(envelope, ensure_ascii=False)
        delivery = Delivery(
            kind=envelope["type"],
            payload=envelope["payload"],
            transport="socket",
            at=self._core.clock(),
            body=body.encode(),
            envelope_id=envelope["envelope_id"],
            retry_num=envelope.get("retry_attempt", 0),
        )
        self._core.deliveries.append(delivery)
        started = time.monotonic()
        sockets = self._open()
        if not sockets:
            delivery.failure = "no_socket"
        else:
            await self._await_answer(self._random.choice(sockets), body, delivery)
        delivery.seconds = time.monotonic() - started
        self._core.workspace.changes.notify()
        return delivery

    async def _await_answer(self, socket: Socket, body: str, delivery: Delivery) -> None:
        answer: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        socket.waiting[delivery.envelope_id] = answer
        try:
            if not socket.deaf:
                await socket.ws.send_str(body)
            delivery.answer = await asyncio.wait_for(answer, self._core.options.ack_seconds)
        except TimeoutError:
            delivery.failure = "http_timeout"  # the reason that Slack gives over Socket Mode too
        except ConnectionError:
            delivery.failure = "connection_failed"
        finally:
            socket.waiting.pop(delivery.envelope_id, None)

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        issued = self._tickets.pop(request.query.get("ticket", ""), None)
        if issued is None or self._core.clock() - issued > TICKET_LIFETIME:
            raise web.HTTPForbidden(text="this WebSocket URL has been used or is too old")
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        socket = Socket(ws=ws)
        if len(self._open()) >= MOST:
            await _tell(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        self._sockets.append(socket)
        app_id = self._core.workspace.app.id
        await _tell(
            socket,
            {
                "type": "hello",
                "num_connections": self.connected,
                "connection_info": {"app_id": app_id},
                "debug_info": {"host": "sandbox", "approximate_connection_time": 18_060},
            },
        )
        self._core.workspace.changes.notify()
        pinging = asyncio.create_task(self._ping(socket))
        try:
            await self._listen(socket)
        finally:
            pinging.cancel()
            self._sockets.remove(socket)
            for answer in socket.waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the socket closed"))
            self._core.workspace.changes.notify()
        return ws

    async def _listen(self, socket: Socket) -> None:
        async for message in socket.ws:
            if socket.deaf:
                continue
            if message.type is WSMsgType.PING:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(socket, message.data)

    @staticmethod
    def _acknowledged(socket: Socket, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            return
        answer = socket.waiting.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
        if answer is not None and not answer.done():
            answer.set_result(said.get("payload") or None)

    async def _ping(self, socket: Socket) -> None:
        while not socket.ws.closed:
            await asyncio.sleep(self._core.options.ping_seconds)
            if not socket.deaf and not socket.ws.closed:
                await socket.ws.ping(b"Ping from applink")


async def _tell(socket: Socket, message: Json) -> None:
    if not socket.ws.closed:
        await socket.ws.send_str(json.dumps(message))
