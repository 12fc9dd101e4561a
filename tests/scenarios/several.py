"""Two workspaces of one Slack, one app, and somebody with a browser who installs it."""

import contextlib
import json
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from bot.app import Application
from sandbox.acr import AcrOptions, AcrSandbox, Registry
from sandbox.slack import Options, SeveralSlacks, SlackSandbox
from tests.scenarios.stage import OLU, OPS, PLATFORM, ROOT, SAM, SECRET, Stage, make_workspace, this_day
from tests.scenarios.words import check_words

CONTOSO, FABRIKAM = "T0CONTOSO", "T0FABRIKAM"


@dataclass(frozen=True)
class Page:
    """What a browser shows, and the cookie that came with it."""

    status: int
    text: str
    cookie: str = ""


@dataclass
class Both:
    """The stages of two workspaces with one registry, one database and one app, which runs on ``contoso``.

    People and channels have the same ids in both. Sam and the platform team approve in Contoso, Olu in Fabrikam.
    """

    contoso: Stage
    fabrikam: Stage
    slacks: SeveralSlacks
    browser: aiohttp.ClientSession

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Application]:
        """Start the app, which both workspaces reach and come back to."""
        async with self.contoso.running() as app:
            self.fabrikam.slack.deliver_to(f"{app.address}/slack/events")
            self.fabrikam.apps.append(app)
            self.slacks.redirect_url = f"{app.address}/slack/oauth_redirect"
            yield app

    @property
    def address(self) -> str:
        """Where the app is."""
        return self.contoso.app.address

    async def get(self, url: str, cookie: str = "") -> Page:
        """Open a page of the app or of Slack."""
        headers = {"Cookie": cookie} if cookie else {}
        async with self.browser.get(url, headers=headers, allow_redirects=False) as answer:
            cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
            return Page(answer.status, answer.headers.get("Location") or await answer.text(), cookie)

    async def begin(self, team: str, **more: str) -> tuple[str, str]:
        """Open the first page and choose a workspace in Slack; give the way back from there, and the cookie."""
        first = await self.get(f"{self.address}/slack/install")
        assert first.status == 200, first
        link = re.search(r'class="button" href="([^"]+)"', first.text)
        assert link is not None, first.text
        authorize = unescape(link[1])
        assert (await self.get(authorize)).status == 200
        query = {**dict(parse_qsl(urlsplit(authorize).query)), "team": team, **more}
        back = await self.get(f"{authorize.partition('/oauth/')[0]}/oauth/v2/answer?{urlencode(query)}")
        assert back.status == 302, back
        return back.text, first.cookie

    async def install(self, team: str) -> Page:
        """Install the app into a workspace; give the page in the end."""
        back, cookie = await self.begin(team)
        return await self.get(back, cookie)


@contextlib.asynccontextmanager
async def make_both(*, url: str = "", more: dict[str, Any] | None = None) -> AsyncIterator[Both]:
    """Start the stand-ins. ``url`` is the database, a file if none is given; ``more`` settings for the file."""
    acr = AcrSandbox(Registry(), AcrOptions())
    options = Options(ack_seconds=20, trigger_seconds=20)
    found = []
    for team, name in ((CONTOSO, "Contoso"), (FABRIKAM, "Fabrikam")):
        workspace = make_workspace()
        workspace.team_id, workspace.name = team, name
        found.append(SlackSandbox(workspace, manifest=ROOT / "manifest.yml", signing_secret=SECRET, options=options))
    slacks = SeveralSlacks(found)
    settings = {
        "workspaces": [{"id": CONTOSO, "approvers": [SAM, PLATFORM]}, {"id": FABRIKAM, "approvers": [OLU]}],
        **(more or {}),
    }
    async with contextlib.AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        await exits.enter_async_context(acr)
        for slack in found:
            await exits.enter_async_context(slack)
        await exits.enter_async_context(slacks)
        file = folder / "janitor.yml"
        file.write_text(json.dumps(settings), encoding="utf-8")
        environ = {
            "SLACK_CLIENT_ID": slacks.client_id,
            "SLACK_CLIENT_SECRET": slacks.client_secret,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slacks.api_url,
            "DATABASE_URL": url or f"sqlite:///{folder}/state.db",
            "ACR_REGISTRIES": acr.url,
            "ACR_JANITOR_CONFIG": str(file),
            "ACR_KEEP_LAST_TAGGED": "false",
            "ACR_TAGGED_SHARE": "100",
            "HOST": "127.0.0.1",
            "PORT": "0",
        }
        contoso, fabrikam = (Stage(slack, acr, folder, "http", environ) for slack in found)
        browser = await exits.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        yield Both(contoso, fabrikam, slacks, browser)
        for slack in found:
            check_words(slack)


_TODAY = {"day": this_day(), "at": "00:00"}
TEAMS = [
    {"name": "contoso web", "workspace": CONTOSO, "channel": OPS, "repositories": ["web/*"], "report": _TODAY},
    {"name": "fabrikam api", "workspace": FABRIKAM, "channel": OPS, "repositories": ["api/*"], "report": _TODAY},
]
