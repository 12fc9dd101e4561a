"""The Web API over HTTP: who calls, may they, what comes back; and a log of it all."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.slack.api import chat, connections, conversations, files, misc, people, views  # noqa: F401 - registers
from sandbox.slack.api.arguments import Arguments, read_arguments
from sandbox.slack.api.methods import METHODS, Method
from sandbox.slack.api.rates import Rates
from sandbox.slack.core import Call, Core, Fault
from sandbox.slack.errors import SlackError
from sandbox.slack.response_urls import ResponseUrls

LARGEST_BODY = 64 * 1024 * 1024


class WebApi:
    """The routes that the app calls: `/api/{method}`, response URLs and upload URLs."""

    def __init__(self, core: Core, response_urls: ResponseUrls) -> None:
        self._core = core
        self._response_urls = response_urls
        self._rates = Rates(core.clock)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        return [
            web.route("*", "/api/{method}", self.call),
            web.post("/commands/{team}/{token}", self._response_url),
            web.post("/actions/{team}/{token}", self._response_url),
            web.post("/upload/v1/{file_id}", self._upload),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Answer a call of a method."""
        name = request.match_info["method"]
        arguments: Arguments = Arguments()
        try:
            arguments, token = await read_arguments(request)
            if (fault := await self._fault(name, arguments)) is not None:
                return self._answer_fault(name, arguments, fault)
            method = self._admitted(name, arguments, token)
            body = method.handler(self._core, arguments)
        except RateLimitedError as limited:
            body = {"ok": False, "error": "ratelimited"}
            headers = {"Retry-After": str(limited.retry_after)}
            return self._answer(name, arguments, body, status=429, headers=headers)
        except SlackError as error:
            body = error.body()
        return self._answer(name, arguments, body)

    def _admitted(self, name: str, arguments: Arguments, token: str | None) -> Method:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if method.caller == "none":
            return method
        if not token:
            raise SlackError("not_authed")
        if token not in {self._core.bot_token, self._core.app_token}:
            raise SlackError("invalid_auth")
        if (token == self._core.app_token) != (method.caller == "app"):
            raise SlackError("not_allowed_token_type")
        if method.caller == "bot":
            self._core.require(*method.scopes)
        if self._core.options.rate_limits:
            wait = self._rates.take(method, arguments)
            if wait is not None:
                raise RateLimitedError(wait)
        return method

    async def _response_url(self, request: web.Request) -> web.Response:
        name, arguments = "response_url", Arguments()
        try:
            arguments = Arguments(await request.json())
            if (fault := await self._fault(name, arguments)) is not None:
                return self._answer_fault(name, arguments, fault)
            self._response_urls.use(request.match_info["token"], arguments)
        except (TypeError, ValueError):
            return self._answer(name, arguments, {"ok": False, "error": "invalid_payload"}, status=400)
        except SlackError as error:
            status = 404 if error.code in {"expired_url", "used_url", "message_not_found"} else 400
            return self._answer(name, arguments, error.body(), status=status)
        return self._answer(name, arguments, "ok")

    async def _upload(self, request: web.Request) -> web.Response:
        upload = self._core.uploads.get(request.match_info["file_id"])
        if upload is None or upload.content is not None:
            return web.Response(status=404, text="unknown or used upload URL")
        content = await _uploaded(request)
        if len(content) != upload.length:
            return web.Response(status=400, text=f"announced {upload.length} bytes, got {len(content)}")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    def _scopes(self) -> dict[str, str]:
        scopes = self._core.scopes
        return {} if scopes is None else {"X-OAuth-Scopes": ",".join(sorted(scopes))}

    async def _fault(self, name: str, arguments: Arguments) -> Fault | None:
        """Give what is to be answered in place of the real answer, if anything, once its time has come."""
        fault = next((fault for fault in self._core.faults if fault.takes(name, arguments)), None)
        if fault is None:
            return None
        fault.left -= 1
        await asyncio.sleep(fault.delay)
        return None if fault.only_slow else fault

    def _answer_fault(self, name: str, arguments: Arguments, fault: Fault) -> web.Response:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if fault.error is None and fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._answer(name, arguments, "Internal Server Error", status=fault.status, headers=headers)
        error = fault.error or ("ratelimited" if fault.status == HTTPStatus.TOO_MANY_REQUESTS else "fatal_error")
        body = {"ok": False, "error": error}
        return self._answer(name, arguments, body, status=fault.status, headers=headers)

    def _answer(
        self,
        name: str,
        arguments: Arguments,
        body: Any,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        call = Call(method=name, arguments=dict(arguments), at=self._core.clock(), status=status, response=body)
        self._core.calls.append(call)
        self._core.workspace.changes.notify()
        headers = {**self._scopes(), **(headers or {})}
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=headers)
        text = json.dumps(body, ensure_ascii=False)
        return web.Response(text=text, status=status, headers=headers, content_type="application/json")


async def _uploaded(request: web.Request) -> bytes:
    """Read an upload's bytes: the body, or the first file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    parts = (await request.post()).values()
    return next((part.file.read() for part in parts if isinstance(part, web.FileField)), b"")


class RateLimitedError(Exception):
    """Too many calls; `retry_after` whole seconds until the next."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
