"""The app as a process of its own, as people run it: started, asked to end, killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.scenarios.stage import ROOT, Stage

START_SECONDS = 60.0
END_SECONDS = 60.0


@dataclass
class AppProcess:
    """A running ``acr-janitor run``. ``address`` is where it listens."""

    process: Process
    log: Path
    address: str = ""

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        """All that it has printed so far."""
        return self.log.read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Give the log's lines about one event."""
        # The last line may be half written.
        lines = [line for line in self.said.splitlines(keepends=True) if line.startswith("{") and line.endswith("}\n")]
        found = [json.loads(line) for line in lines]
        return [line for line in found if line.get("event") == name]

    async def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL

    async def terminate(self) -> int:
        """Ask it to end as an orchestrator does, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), END_SECONDS)


def environment(stage: Stage, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the settings of a stage, and of the surroundings only what any program needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, **stage.acr.identity_env, **stage.environ, "LOG_FORMAT": "json", **(changes or {})}


@contextlib.asynccontextmanager
async def started(
    environ: Mapping[str, str], log: Path, *arguments: str, cwd: Path = ROOT, module: str = "bot"
) -> AsyncIterator[AppProcess]:
    """Start ``python -m bot``, or another module, with some arguments; whatever happens, it is gone in the end."""
    with log.open("ab") as stream:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, cwd=cwd, env=dict(environ), stdout=stream, stderr=stream
        )
        try:
            yield AppProcess(process, log)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def has_started(app: AppProcess) -> None:
    """Wait until it says that it takes requests, and where."""
    async with asyncio.timeout(START_SECONDS):
        while not (begun := app.events("started")):
            assert app.process.returncode is None, app.said
            await asyncio.sleep(0.05)
    app.address = begun[0]["address"]


@contextlib.asynccontextmanager
async def running_process(stage: Stage) -> AsyncIterator[AppProcess]:
    """Start ``acr-janitor run`` on a stage's settings, and let the stage's people reach it."""
    number = len(list(stage.folder.glob("app-*.log")))
    async with started(environment(stage), stage.folder / f"app-{number}.log", "run") as app:
        await has_started(app)
        if stage.transport == "http":
            stage.slack.deliver_to(f"{app.address}/slack/events")
        else:
            # Those of a process that was killed take a moment to be noticed.
            await stage.slack.wait_for(lambda: stage.slack.sockets.connected == 1, timeout=START_SECONDS)
            await stage.slack.deliver_by_socket()
        yield app


async def failed_run(environ: Mapping[str, str], log: Path) -> tuple[int, str]:
    """Run ``acr-janitor run`` with settings that it can't take; give its exit code and what it printed."""
    async with started(environ, log, "run") as app:
        code = await asyncio.wait_for(app.process.wait(), START_SECONDS)
        return code, app.said
