"""A server with nothing behind it: it serves the page and a state that the test made up, and notes what is sent.

It speaks the endpoints that the page knows, so that a test can show the page what the real stand-in would have to be
talked into: every block there is, hostile names, answers that fail.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[Json]]

PAGE = Path(__file__).parents[2] / "sandbox" / "slack" / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def ts(seconds_ago: float) -> str:
    """Make a Slack timestamp of some time ago."""
    return f"{time.time() - seconds_ago:.6f}"


def message(text: str, *, ago: float = 60, user: str = "UBOT", **more: Any) -> Json:
    """Make a message as the state has it."""
    made: Json = {
        "ts": ts(ago),
        "user": user,
        "bot": user == "UBOT",
        "text": text,
        "blocks": None,
        "attachments": None,
        "ephemeral": False,
        "edited": None,
        "deleted": False,
        "thread_ts": None,
        "reply_count": 0,
        "files": [],
    }
    return made | more


def workspace(**more: Any) -> Json:
    """Make a state with three people, three channels, and nothing said yet."""
    made: Json = {
        "workspace": {"name": "Harbour Works"},
        "app": {"name": "ACR Janitor", "id": "A1", "bot_user": "UBOT"},
        "commands": [
            {
                "command": "/acr",
                "description": "See what could go from a registry, and propose to delete it",
                "usage_hint": "[untagged|stale|help] REPOSITORY [--min-age 7d]",
            },
            {"command": "/acr-admin", "description": "Settings of the janitor", "usage_hint": ""},
        ],
        "me": "U1",
        "people": [
            person("U1", "riley", "Riley", "developer"),
            person("U2", "sam", "Sam", "approver"),
            person("U3", "olu", "Olu", "outsider"),
            person("UBOT", "acr-janitor", "ACR Janitor", "") | {"is_bot": True},
        ],
        "groups": [{"id": "S1", "handle": "registry-owners", "name": "Registry owners"}],
        "channels": [
            channel("C1", "registry", "Clean-ups of our container registry"),
            channel("C2", "general", "For everybody"),
            channel("C3", "old-images", "Was about images") | {"archived": True},
            channel("D1", "directmessage", "") | {"is_dm": True},
        ],
        "messages": {"C1": [], "C2": [], "C3": [], "D1": []},
        "views": [],
        "home": None,
    }
    return made | more


def person(user_id: str, name: str, real_name: str, title: str) -> Json:
    """Make a person as the state has them."""
    return {"id": user_id, "name": name, "real_name": real_name, "title": title, "is_bot": False}


def channel(channel_id: str, name: str, purpose: str) -> Json:
    """Make a channel as the state has it."""
    return {"id": channel_id, "name": name, "purpose": purpose, "is_dm": False, "archived": False}


class FixtureServer:
    """Serves the page with the state in `state`; `moves` holds what the page sent, oldest first.

    `listening` can be cleared to keep pages waiting for their stream of events.
    """

    def __init__(self) -> None:
        self.listening = asyncio.Event()
        self.listening.set()
        self.state = workspace()
        self.moves: list[tuple[str, Json]] = []
        self.answers: dict[str, Answer] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.url = ""
        self._count = 0
        self._changed = asyncio.Condition()
        self._moved = asyncio.Condition()

    def reset(self) -> None:
        """Forget everything but the address."""
        self.state = workspace()
        self.moves = []
        self.answers = {}
        self.files = {}

    async def change(self) -> None:
        """Tell the open pages that the state is another now."""
        async with self._changed:
            self._count += 1
            self._changed.notify_all()

    def say(self, *messages: Json, channel: str = "C1") -> None:
        """Append messages to a channel, in the order of their time."""
        said = [*self.state["messages"][channel], *messages]
        self.state["messages"][channel] = sorted(said, key=lambda one: float(one["ts"]))

    def sent(self, move: str) -> list[Json]:
        """List the bodies of one kind of move."""
        return [body for name, body in self.moves if name == move]

    async def arrived(self, move: str, count: int) -> list[Json]:
        """Wait until that many moves of a kind have come, and list them. Raises TimeoutError after a while."""
        async with asyncio.timeout(20), self._moved:
            await self._moved.wait_for(lambda: len(self.sent(move)) >= count)
        return self.sent(move)

    async def _state(self, request: web.Request) -> web.Response:
        user = request.query.get("user") or "U1"
        people = {one["id"] for one in self.state["people"]}
        if user not in people:
            return web.json_response({"ok": False, "error": f"there is nobody called {user}"}, status=404)
        return web.json_response(self.state | {"me": user})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        await self.listening.wait()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        seen = self._count
        await response.write(b": hello\n\n")
        while request.transport is not None:
            async with self._changed:
                await self._changed.wait_for(lambda: self._count != seen)  # noqa: B023 - awaited in this round
                seen = self._count
            with suppress(ConnectionError):
                await response.write(f"data: {json.dumps({'n': seen})}\n\n".encode())
        return response

    async def _move(self, request: web.Request) -> web.Response:
        move = request.match_info["move"]
        body = await request.json()
        async with self._moved:
            self.moves.append((move, body))
            self._moved.notify_all()
        answer = self.answers.get(move)
        return web.json_response(await answer(body) if answer else {"ok": True})

    async def _file(self, request: web.Request) -> web.Response:
        content, mimetype = self.files[request.match_info["id"]]
        return web.Response(body=content, content_type=mimetype)

    async def _page(self, request: web.Request) -> web.FileResponse:
        name = request.match_info.get("file", "index.html")
        return web.FileResponse(PAGE / Path(name).name, headers={"Content-Security-Policy": POLICY})

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator["FixtureServer"]:
        """Serve while the context is open; port 0 lets the system choose."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/page/{file}", self._page),
                web.get("/_ui/state", self._state),
                web.get("/_ui/events", self._events),
                web.get("/_ui/files/{id}", self._file),
                web.post("/_ui/{move}", self._move),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()
