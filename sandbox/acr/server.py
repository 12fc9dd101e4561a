"""The server: one registry on one port, and its identity endpoint on another."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable
from typing import Final, Self
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.acr import errors, routes
from sandbox.acr.control import PREFIX, Control
from sandbox.acr.faults import Faults
from sandbox.acr.journal import RequestLog
from sandbox.acr.options import AcrOptions
from sandbox.acr.registry import Registry
from sandbox.acr.reply import NOTHING, Call, Reply, error_reply, json_reply
from sandbox.acr.service import Service
from sandbox.acr.sockets import receive, send
from sandbox.acr.spoil import spoil
from sandbox.listening import Listener

#: How long ``stop`` lets an open request run, in seconds.
_DRAIN: Final = 0.1
_UNAUTHORIZED: Final = 401
#: Where a host gives tokens to what runs on it, and the header that proves that the caller does.
_IDENTITY_PATHS: Final = {"/msi/token": "X-IDENTITY-HEADER", "/metadata/identity/oauth2/token": "Metadata"}


class AcrSandbox:
    """A registry over real sockets.

    ``start`` binds it, ``stop`` takes it down as if its host were gone: open requests are cut off. State, log and
    tokens outlive that, and the next ``start`` takes the same ports. The identity endpoint listens on a port of its
    own, always on plain HTTP, as a host's does. As a context manager: started on entry, stopped on exit.
    """

    def __init__(self, registry: Registry | None = None, options: AcrOptions | None = None) -> None:
        self.registry = registry or Registry()
        self.options = options or AcrOptions()
        self.log = RequestLog(self.options.log_limit)
        self.faults = Faults(self.options.seed)
        self._service = Service(self.registry, self.options)
        self._control = Control(self)
        self._random = random.Random(self.options.seed)  # noqa: S311 - repeatable on purpose
        self._down = asyncio.Event()
        self._listeners: list[Listener] = []
        self._host = "127.0.0.1"
        self._port = 0
        self._identity_port = 0
        self._ssl: ssl.SSLContext | None = None
        self._pending = 0

    @property
    def login_server(self) -> str:
        """``host:port``, as image references begin."""
        return f"{self._host}:{self._port}"

    @property
    def url(self) -> str:
        """The address for clients, with its scheme."""
        return f"{'https' if self._ssl else 'http'}://{self.login_server}"

    @property
    def identity_env(self) -> dict[str, str]:
        """The environment in which a real ``DefaultAzureCredential`` is this registry's managed identity."""
        return {
            "IDENTITY_ENDPOINT": f"http://{self._host}:{self._identity_port}/msi/token",
            "IDENTITY_HEADER": self._service.tokens.identity_header,
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        }

    @property
    def running(self) -> bool:
        """Whether the ports are bound."""
        return bool(self._listeners)

    @property
    def pending(self) -> int:
        """How many requests have arrived and have no answer yet."""
        return self._pending

    async def start(self, host: str = "127.0.0.1", port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        """Bind the registry to ``port`` (0: the last one, or one that the system chooses).

        ``ssl_context`` makes it https, and holds for later starts as well. Raises OSError when the port is taken.
        """
        if self._listeners:
            raise RuntimeError("the sandbox is already running")
        self._host = host
        self._ssl = ssl_context or self._ssl
        self._down.clear()
        try:
            self._port = await self._listen(self._answer, port or self._port, self._ssl)
            self._identity_port = await self._listen(self._answer_identity, self._identity_port, None)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the ports and cut off every open request."""
        self._down.set()
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            await listener.close()

    async def __aenter__(self) -> Self:
        if not self._listeners:
            await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _listen(
        self,
        answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        port: int,
        context: ssl.SSLContext | None,
    ) -> int:
        runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=_DRAIN)
        listener = Listener(runner)
        self._listeners.append(listener)
        return await listener.open(self._host, port, context)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        call = receive(request)
        if self.options.control and call.path.startswith(PREFIX):
            return await send(request, await self._control.answer(call))
        self._pending += 1
        try:
            reply = await self._reply(call)
        finally:
            self._pending -= 1
        return await send(request, reply)

    async def _reply(self, call: Call) -> Reply:
        await self._wait()
        fault = self.faults.pick(call.method, call.path, call.route.kind)
        if fault is None:
            reply = await self._service.answer(call)
        else:
            reply = await spoil(fault, lambda: self._service.answer(call), self._down)
        self._write_down(call, reply, fault.action if fault is not None else "")
        return reply

    async def _wait(self) -> None:
        latency = self.options.latency
        if latency:
            await asyncio.sleep(latency if isinstance(latency, float | int) else self._random.uniform(*latency))

    def _write_down(self, call: Call, reply: Reply, fault: str) -> None:
        kind = call.route.kind
        if reply.status == _UNAUTHORIZED and call.route.guarded and "Authorization" not in call.headers:
            kind = "challenge"
        self.log.add(
            call.method,
            call.path,
            call.query_string,
            0 if reply.cut == NOTHING else reply.status,
            kind,
            scope=reply.scope,
            caller=reply.caller,
            fault=fault,
        )

    async def _answer_identity(self, request: web.BaseRequest) -> web.StreamResponse:
        path, query = routes.decode(request.raw_path), request.raw_path.partition("?")[2]
        wanted = dict(parse_qsl(query))
        fault = self.faults.pick(request.method, path, "identity")

        async def truth() -> Reply:
            try:
                return self._identity(path, request.headers.get(_IDENTITY_PATHS.get(path, ""), ""), wanted)
            except errors.AcrError as error:
                return error_reply(error)

        reply = await truth() if fault is None else await spoil(fault, truth, self._down)
        status = 0 if reply.cut == NOTHING else reply.status
        self.log.add(request.method, path, query, status, "identity", scope=wanted.get("resource", ""))
        return await send(request, reply)

    def _identity(self, path: str, proof: str, wanted: dict[str, str]) -> Reply:
        header = _IDENTITY_PATHS.get(path)
        if header is None:
            raise errors.AcrError(404, "NOT_FOUND", "404 page not found")
        tokens = self._service.tokens
        if proof != (tokens.identity_header if header == "X-IDENTITY-HEADER" else "true"):
            raise errors.AcrError(_UNAUTHORIZED, "Unauthorized", f"the header {header} is missing or wrong")
        return json_reply(tokens.identity(wanted.get("resource", ""), wanted.get("client_id")))
