"""A bare request URL that records what comes and answers as told: what Slack sees of an app that isn't Bolt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Listener:
    """Records requests; `answers` are given in turn, then the last one again."""

    url: str = ""
    answers: list[web.Response | float] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def says(self, *answers: Any) -> None:
        """Set the answers: an object for JSON, a number for a status, a float for so many seconds of silence."""
        self.answers = [self._answer(answer) for answer in answers]

    @staticmethod
    def _answer(answer: Any) -> web.Response | float:
        if isinstance(answer, float):
            return answer
        return web.Response(status=answer) if isinstance(answer, int) else web.json_response(answer)

    async def handle(self, request: web.Request) -> web.Response:
        """Take one request."""
        self.requests.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else (self.answers or [web.Response()])[0]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.Response()
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """Serve a listener on a port of the system's choice."""
    listener = Listener()
    app = web.Application()
    app.router.add_post("/slack/events", listener.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield listener
    finally:
        await runner.cleanup()
