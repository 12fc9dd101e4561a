"""What both ways of the demo start: the stand-ins, and ``acr-janitor run`` as its own process with its own settings."""

import asyncio
import calendar
import contextlib
import os
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import yaml

from sandbox.acr import AcrSandbox
from sandbox.acr.scenario import load_scenario
from sandbox.slack import Channel, Person, SlackSandbox, UserGroup, Workspace

SCENARIO = Path(__file__).parent.parent / "scenarios" / "demo.yml"
MANIFEST = Path(__file__).parents[2] / "manifest.yml"
REGISTRY = "contoso"
CHANNEL = "C0PLATFORM"
TEAM = "platform"
RILEY, SAM, OLU = "U0RILEY", "U0SAM", "U0OLU"
APPROVERS = "S0PLATFORM"
_SECRET = "demo-signing-secret"
_START_SECONDS = 30.0
_OK = 200


@dataclass
class Demo:
    """The running demo. ``app`` is the real app's process, its log in ``log``."""

    slack: SlackSandbox
    acr: AcrSandbox
    app: Process
    log: Path


def make_workspace() -> Workspace:
    """Make a small company: who asks, who may approve, and somebody who may not."""
    people = [
        Person(id=RILEY, name="riley", real_name="Riley Chen", title="Developer"),
        Person(id=SAM, name="sam", real_name="Sam Okafor", title="Platform team, may approve"),
        Person(id=OLU, name="olu", real_name="Olu Berg", title="Designer, may not approve"),
    ]
    ids = [person.id for person in people]
    return Workspace(
        name="Contoso",
        people=people,
        groups=[UserGroup(id=APPROVERS, handle="platform", name="Platform team", users=[SAM])],
        channels=[
            Channel(id=CHANNEL, name="platform", members=ids, purpose="Images, registries and builds"),
            Channel(id="C0RANDOM", name="random", members=ids, purpose="The app is not in this channel", bot=False),
        ],
    )


@contextlib.asynccontextmanager
async def started(page_port: int = 0) -> AsyncIterator[Demo]:
    """Start everything on this machine, and end it all again.

    Raises OSError when the port is taken, RuntimeError with the end of the app's log when the app does not start.
    """
    async with contextlib.AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="acr-janitor-demo-")))
        acr = await exits.enter_async_context(AcrSandbox(load_scenario(SCENARIO)))
        # From a checkout the app has the scopes of its manifest and no others; the installed package has no manifest.
        manifest = MANIFEST if MANIFEST.exists() else None
        slack = SlackSandbox(make_workspace(), signing_secret=_SECRET, manifest=manifest)
        await slack.start(port=page_port)
        exits.push_async_callback(slack.stop)
        port = _free_port()
        environ = _environment(acr, slack, folder, port)
        log = folder / "app.log"
        app = await exits.enter_async_context(_process(environ, log))
        await _healthy(app, port, log)
        slack.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        yield Demo(slack, acr, app, log)


# What a team would write into its settings: for `/acr rules` and `/acr apply`.
_RULES = [
    {"name": "pull-requests", "repositories": ["team/*"], "tags": "pr-.*", "older_than": "14d", "keep": 3},
    {"name": "ci-builds", "repositories": ["ci/*"], "tags": "build-.*", "older_than": "30d"},
]


def _environment(acr: AcrSandbox, slack: SlackSandbox, folder: Path, port: int) -> dict[str, str]:
    """Give the app its settings, and none of the surroundings that could lead it to a real registry or workspace."""
    config = folder / "acr-janitor.yml"
    # In two days, and so five days ago: while the demo runs, a report comes only where somebody asks for it.
    day = calendar.day_abbr[(datetime.now(UTC).weekday() + 2) % 7].lower()
    written = {
        "registries": [{"name": REGISTRY, "endpoint": acr.url}],
        "rules": _RULES,
        "teams": [{"name": TEAM, "channel": CHANNEL, "repositories": ["*"], "report": {"day": day}}],
    }
    config.write_text(yaml.safe_dump(written), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "ACR_", "AZURE_"))}
    return {
        **kept,
        **acr.identity_env,
        "ACR_JANITOR_CONFIG": str(config),
        "ACR_APPROVERS": APPROVERS,
        "DATABASE_URL": f"sqlite:///{folder}/state.db",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": _SECRET,
        "LOG_FORMAT": "console",
    }


@contextlib.asynccontextmanager
async def _process(environ: dict[str, str], log: Path) -> AsyncIterator[Process]:
    with log.open("wb") as stream:
        app = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environ, stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            yield app
        finally:
            if app.returncode is None:
                app.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(app.wait(), timeout=20)
            except TimeoutError:
                app.kill()
                await app.wait()


async def _healthy(app: Process, port: int, log: Path) -> None:
    """Wait until the app takes requests."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(_START_SECONDS):
        while True:
            if app.returncode is not None:
                raise RuntimeError(f"the app did not start:\n{end_of(log)}")
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    if answer.status == _OK:
                        return
            await asyncio.sleep(0.1)


def end_of(log: Path) -> str:
    """Give the last lines of the app's log."""
    return log.read_text(encoding="utf-8")[-3000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
