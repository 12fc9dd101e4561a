"""Several workspaces of one Slack: each with a token of its own, which the app gets by being installed there (OAuth).

Each workspace is a ``SlackSandbox``; in front of them stands one address of the Web API, as slack.com is, which leads a
call to the workspace that its token is of.
"""

import base64
import binascii
import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from aiohttp import web

from sandbox.listening import Listener
from sandbox.slack.api.server import LARGEST_BODY
from sandbox.slack.core import Delivery
from sandbox.slack.model import Json
from sandbox.slack.sandbox import SlackSandbox

CODE_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class _Code:
    """A code that was given out: for which workspace, with which scopes, for which address, until when."""

    slack: SlackSandbox
    scopes: tuple[str, ...]
    redirect_uri: str
    until: float


class SeveralSlacks:
    """One app in several workspaces. ``redirect_url`` is the one that the app has registered, set before it is asked.

    Until it is installed in a workspace, no token is good there.
    """

    def __init__(
        self,
        workspaces: Sequence[SlackSandbox],
        *,
        client_id: str = "1111.2222",
        client_secret: str = "sandbox-client-secret",  # noqa: S107 - an example
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.workspaces = {slack.workspace.team_id: slack for slack in workspaces}
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_url = ""
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._numbers = itertools.count(1)
        self._listener: Listener | None = None
        self._url = ""
        for slack in workspaces:
            slack.core.bot_token = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.add_routes(
            [
                web.get("/oauth/v2/authorize", self._authorize),
                web.get("/oauth/v2/answer", self._answer),
                web.post("/api/oauth.v2.access", self._access),
                web.route("*", "/api/{method}", self._call),
            ]
        )
        self._listener = Listener(web.AppRunner(app, access_log=None, shutdown_timeout=1.0))
        self._url = f"http://127.0.0.1:{await self._listener.open('127.0.0.1', 0)}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._listener is not None:
            await self._listener.close()

    @property
    def api_url(self) -> str:
        """The Web API's base URL for all of them."""
        return f"{self._url}/api/"

    async def uninstall(self, slack: SlackSandbox) -> list[Delivery]:
        """Take the app out of a workspace: its token is void at once, and the app hears of it."""
        slack.core.bot_token = ""
        return [
            await slack.send_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [slack.core.bot]}}),
            await slack.send_event({"type": "app_uninstalled"}),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        found = (slack for slack in self.workspaces.values() if token and slack.core.bot_token == token)
        # What no workspace knows any of them refuses in Slack's words.
        return await next(found, next(iter(self.workspaces.values()))).api.call(request)

    async def _authorize(self, request: web.Request) -> web.Response:
        """Ask whoever came which workspace it is to be, and whether the app may."""
        query = request.query
        if query.get("client_id") != self.client_id or not query.get("scope"):
            return web.Response(status=400, text="Invalid client_id or scope")
        if query.get("redirect_uri", self.redirect_url) != self.redirect_url:
            return web.Response(status=400, text="redirect_uri did not match any configured URIs")
        links = [
            f'<a href="/oauth/v2/answer?{urlencode({**query, "team": team})}">{slack.workspace.name}</a>'
            for team, slack in self.workspaces.items()
        ]
        return web.Response(text="<br>".join(links), content_type="text/html")

    async def _answer(self, request: web.Request) -> web.Response:
        """Lead back to the app, with a code, or with access_denied for who has cancelled."""
        query = request.query
        state = {"state": query.get("state", "")}
        if query.get("cancel"):
            raise web.HTTPFound(f"{self.redirect_url}?{urlencode({'error': 'access_denied', **state})}")
        code = secrets.token_hex(8)
        self._codes[code] = _Code(
            slack=self.workspaces[query["team"]],
            scopes=tuple(query["scope"].split(",")),
            redirect_uri=query.get("redirect_uri", ""),
            until=self._clock() + CODE_SECONDS,
        )
        raise web.HTTPFound(f"{self.redirect_url}?{urlencode({'code': code, **state})}")

    async def _access(self, request: web.Request) -> web.Response:
        return web.json_response(self._exchange(_basic(request), {**await request.post()}))

    def _exchange(self, given: tuple[str, str], form: Json) -> Json:
        if given[0] != self.client_id:
            return {"ok": False, "error": "invalid_client_id"}
        if given[1] != self.client_secret:
            return {"ok": False, "error": "bad_client_secret"}
        code = self._codes.pop(str(form.get("code", "")), None)
        if code is None or code.until < self._clock():
            return {"ok": False, "error": "invalid_code"}
        if str(form.get("redirect_uri") or "") != code.redirect_uri:
            return {"ok": False, "error": "bad_redirect_uri"}
        core, workspace = code.slack.core, code.slack.workspace
        # Who installs it once more keeps the token that is good.
        core.bot_token = core.bot_token or f"xoxb-{workspace.team_id}-{next(self._numbers)}"
        core.scopes = frozenset(code.scopes)
        enterprise = {"id": workspace.enterprise_id, "name": workspace.name} if workspace.enterprise_id else None
        return {
            "ok": True,
            "app_id": workspace.app.id,
            "authed_user": {"id": next(iter(workspace.people))},
            "scope": ",".join(code.scopes),
            "token_type": "bot",
            "access_token": core.bot_token,
            "bot_user_id": workspace.app.bot_user_id,
            "team": {"id": workspace.team_id, "name": workspace.name},
            "enterprise": enterprise,
            "is_enterprise_install": False,
        }


def _basic(request: web.Request) -> tuple[str, str]:
    """Read the app's id and secret, which come as HTTP's own user and password."""
    try:
        user, _, password = (
            base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
