"""What the browser page talks to; also a way to drive the stand-in from another process."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.slack.core import Core
from sandbox.slack.errors import NotPossibleError, SlackError
from sandbox.slack.human import Human
from sandbox.slack.interactions import Outcome
from sandbox.slack.loopback import guard
from sandbox.slack.model import Json, Message, View
from sandbox.slack.ui_state import state_of

PAGE = Path(__file__).parent / "page"
KEEP_ALIVE = 15.0
# The page, and files that an app uploaded, are shown on one origin: neither may be taken for what it is not.
SAFE = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-cache"}
PICTURES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
# What a click says beside the value it carries.
NO_VALUE = frozenset({"user", "channel", "ts", "view_id", "thread_ts", "block_id", "action_id", "state"})

Move = Callable[[Human, Json], Awaitable[Json]]


class Ui:
    """The routes under `/_ui/`, and the page itself: for browsers and programs on this machine only."""

    def __init__(self, core: Core, human: Callable[[str], Human]) -> None:
        self._core = core
        self._human = human
        self._stopping = False

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        moves: dict[str, Move] = {
            "slash": self._slash,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "suggest": self._suggest,
            "message": self._message,
        }
        return [
            web.get("/", guard(self._index)),
            web.get("/page/{file}", guard(self._page)),
            web.get("/_ui/state", guard(self._state)),
            web.get("/_ui/events", guard(self._events)),
            web.get("/_ui/files/{id}", guard(self._file)),
            web.get("/_ui/calls", guard(self._calls)),
            *(web.post(f"/_ui/{name}", guard(self._moved(move))) for name, move in moves.items()),
        ]

    async def stop(self, _app: web.Application) -> None:
        """End the event streams, so that the server needn't wait for them."""
        self._stopping = True
        self._core.workspace.changes.notify()

    # looking

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return _static("index.html")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return _static(request.match_info["file"])

    async def _state(self, request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response({"ok": True, **state_of(self._core, request.query.get("user", ""))})
        except NotPossibleError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=404)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        changes = self._core.workspace.changes
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", **SAFE})
        await stream.prepare(request)
        seen = changes.count
        with suppress(ConnectionError):
            await stream.write(b": hello\n\n")
            while not self._stopping:
                changed = await changes.wait(seen, KEEP_ALIVE)
                seen = changes.count
                await stream.write(b'data: {"n":%d}\n\n' % seen if changed else b": still here\n\n")
        return stream

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._core.workspace.files.get(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound(text="no such file")
        headers = {**SAFE, "Content-Security-Policy": "sandbox; default-src 'none'"}
        if file.mimetype not in PICTURES:
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)

    async def _calls(self, _request: web.Request) -> web.StreamResponse:
        calls = [asdict(call) for call in self._core.calls]
        return web.json_response({"ok": True, "calls": calls}, dumps=lambda value: json.dumps(value, default=str))

    # doing

    def _moved(self, move: Move) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                body = await request.json()
                answer = await move(self._human(str(body["user"])), body)
            except (KeyError, TypeError, ValueError) as error:
                return web.json_response({"ok": False, "error": f"malformed request: {error}"}, status=400)
            except NotPossibleError as error:
                answer = {"ok": False, "error": str(error)}
            except SlackError as error:
                answer = {"ok": False, "error": f"The app's answer was of no use: {error.code}", **error.extra}
            return web.json_response(answer)

        return handle

    @staticmethod
    async def _slash(human: Human, body: Json) -> Json:
        smart = bool(body.get("typographic", False))
        return _told(await human.slash(str(body["text"]).strip(), channel=body["channel"], smart=smart))

    async def _click(self, human: Human, body: Json) -> Json:
        surface = self._surface(human, body)
        human.enter(surface, (body.get("state") or {}).get("values") or {})
        chosen = {key: value for key, value in body.items() if key not in NO_VALUE}
        outcome = await human.click(
            surface, body["action_id"], block_id=body.get("block_id"), value=chosen.get("value"), option=chosen or None
        )
        return _told(outcome)

    async def _submit(self, human: Human, body: Json) -> Json:
        view = self._view(human, body["view_id"])
        outcome = await human.submit(view, body.get("values"))
        if not outcome.sent:
            view.errors = outcome.errors
            self._core.workspace.changes.notify()
        return {"ok": True, "errors": outcome.errors} if outcome.errors else _told(outcome)

    async def _close(self, human: Human, body: Json) -> Json:
        await human.close(self._view(human, body["view_id"]), clear=bool(body.get("clear", False)))
        return {"ok": True}

    @staticmethod
    async def _home(human: Human, _body: Json) -> Json:
        return _told(await human.open_home())

    async def _suggest(self, human: Human, body: Json) -> Json:
        surface = self._surface(human, body)
        typed, block_id = str(body.get("value") or ""), body.get("block_id")
        return {"ok": True, "options": await human.type_ahead(surface, body["action_id"], typed, block_id=block_id)}

    @staticmethod
    async def _message(human: Human, body: Json) -> Json:
        message = human.say(str(body["text"]), channel=body["channel"], thread_ts=body.get("thread_ts"))
        return {"ok": True, "ts": message.ts}

    def _surface(self, human: Human, body: Json) -> Message | View:
        if body.get("view_id"):
            return self._view(human, body["view_id"])
        message = self._core.workspace.message_at(str(body["channel"]), str(body["ts"]))
        if message is None:
            raise NotPossibleError("This message is gone.")
        return message

    @staticmethod
    def _view(human: Human, view_id: str) -> View:
        for view in (*human.views, human.home):
            if view is not None and view.id == view_id:
                return view
        raise NotPossibleError("This view is closed.")


def _static(name: str) -> web.StreamResponse:
    path = PAGE / name
    if path.parent != PAGE or not path.is_file():
        raise web.HTTPNotFound(text="no such page")
    return web.FileResponse(path, headers=SAFE)


def _told(outcome: Outcome) -> Json:
    answer: dict[str, Any] = {"ok": outcome.ok, "seconds": round(outcome.seconds, 3)}
    if not outcome.ok:
        answer["error"] = outcome.shown or "Something went wrong."
    return answer
