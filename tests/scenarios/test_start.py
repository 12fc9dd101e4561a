"""Starting: what can't work is said in words, and a signal ends the app at any moment."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator

from sandbox.slack import text_of
from tests.scenarios.stage import Stage, make_stage

PATIENCE = 30.0


@contextlib.asynccontextmanager
async def process(stage: Stage, **changed: str) -> AsyncIterator[Process]:
    """Start ``acr-janitor run`` on a stage's settings, some of them changed."""
    environ = {**os.environ, **stage.acr.identity_env, **stage.environ, **changed}
    app = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield app
    finally:
        if app.returncode is None:
            app.kill()
        await app.communicate()


async def end_of(app: Process) -> tuple[int | None, str]:
    """Wait for a process to end by itself; give its exit code and all that it said."""
    async with asyncio.timeout(PATIENCE):
        output, _ = await app.communicate()
    return app.returncode, output.decode()


async def says(app: Process, words: str) -> None:
    """Wait until a process says something."""
    assert app.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in app.stdout:
            if words in line.decode():
                return
    raise AssertionError(f"it ended without saying {words!r}")


async def test_a_port_that_is_taken_is_said(transport: str) -> None:
    """The app ends with the settings that name the address, and without a stack trace."""
    async with make_stage(transport) as stage:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            async with process(stage, PORT=port) as app:
                code, output = await end_of(app)
        assert code == 2
        assert f"HOST, PORT: 127.0.0.1:{port} can't be listened on: Address already in use." in output
        assert "Traceback" not in output


async def test_an_address_of_another_machine_is_said() -> None:
    """What this machine can't listen on is named, whether it is a number or a name."""
    async with make_stage("http") as stage:
        for host, why in (("203.0.113.9", "Cannot assign requested address"), ("nosuch.invalid", "not known")):
            async with process(stage, HOST=host) as app:
                code, output = await end_of(app)
            assert code == 2, output
            assert f"HOST, PORT: {host}:0 can't be listened on: " in output
            assert why in output
            assert "Traceback" not in output


async def test_a_token_that_slack_refuses_is_named(transport: str) -> None:
    """Each token that Slack does not take is named by its setting, and the app does not look as if it worked."""
    async with make_stage(transport) as stage:
        wrong = {"SLACK_BOT_TOKEN": "xoxb-of-another-app"}
        if transport == "socket":
            wrong["SLACK_APP_TOKEN"] = "xapp-of-another-app"
        async with process(stage, **wrong) as app:
            code, output = await end_of(app)
        assert code == 2
        for setting, token in wrong.items():
            assert f"{setting}: Slack refuses it and says invalid_auth." in output
            assert token not in output
        assert f"{len(wrong)} fault(s)" in output
        assert "Traceback" not in output


async def test_a_slack_that_does_not_answer_is_no_reason_not_to_start(transport: str) -> None:
    """Where Slack is away for a while the app starts all the same, and answers once it is back."""
    async with make_stage(transport) as stage:
        for method in ("auth.test", "apps.connections.open"):
            stage.slack.fail(method, error="fatal_error")
        async with stage.running():
            assert "/acr untagged" in text_of(await stage.ask(stage.riley, "/acr help"))


async def test_a_signal_ends_an_app_that_still_waits_for_slack() -> None:
    """In Socket Mode the app waits for a Slack that is away; SIGTERM ends it cleanly even then."""
    async with make_stage("socket") as stage:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections to it are refused
            away = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/"
            async with process(stage, SLACK_API_URL=away) as app:
                await says(app, "Failed to connect")
                app.send_signal(signal.SIGTERM)
                code, _ = await end_of(app)
    assert code == 0


async def test_a_signal_ends_a_running_app(transport: str) -> None:
    """SIGTERM ends the app cleanly: with exit code 0, and its database free for the next one."""
    async with make_stage(transport) as stage:
        for number in (signal.SIGTERM, signal.SIGINT):
            async with process(stage) as app:
                await says(app, '"event": "started"')
                app.send_signal(number)
                code, output = await end_of(app)
            assert code == 0, output
            assert '"event": "stopped"' in output
