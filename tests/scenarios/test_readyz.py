"""``GET /readyz``: whether requests may come, and what is wrong where they may not."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from bot.operations import readiness, socket
from sandbox.acr import APP_IDENTITY, AcrSandbox, Fault
from tests.scenarios.reaching import readiness as ready
from tests.scenarios.stage import SECRET, Stage, make_stage


@pytest.fixture(autouse=True)
def unremembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each question be asked anew."""
    monkeypatch.setattr(readiness, "REMEMBERED_SECONDS", 0.0)


async def until(stage: Stage, fits: Callable[[int, Any], bool]) -> dict[str, Any]:
    """Ask until the answer fits, and give it."""
    async with asyncio.timeout(30):
        while True:
            status, said = await ready(stage)
            if fits(status, said):
                return said
            await asyncio.sleep(0.01)


async def test_a_sound_app_is_ready(stage: Stage) -> None:
    """200 with each part: the database, Slack by its transport, each registry by its name."""
    status, said = await ready(stage)
    (name,) = said["registries"]
    assert (status, said["status"]) == (200, "ready")
    assert said["database"] == {"ok": True}
    assert said["registries"][name] == {"ok": True}
    assert said["slack"]["ok"]
    assert said["slack"]["mode"] == stage.transport
    assert ("last_pong_seconds" in said["slack"]) == (stage.transport == "socket")


async def test_the_age_of_the_last_pong_is_shown() -> None:
    """Slack's answer to the first ping comes with the connection."""
    async with make_stage("socket") as stage, stage.running():
        said = await until(stage, lambda status, said: said["slack"]["last_pong_seconds"] is not None)
        assert 0 <= said["slack"]["last_pong_seconds"] < 40


async def test_a_silent_connection_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that looks open and through which no pong came for too long makes the app unready."""
    monkeypatch.setattr(socket, "SILENT_SECONDS", 0.05)
    async with make_stage("socket") as stage, stage.running():
        stage.slack.sockets.deafen()
        said = await until(stage, lambda status, _: status == 503)
        assert said["status"] == "not ready"
        assert not said["slack"]["ok"]
        assert said["slack"]["last_pong_seconds"] is not None
        assert "has not answered a ping" in said["slack"]["problem"]


async def test_a_lost_connection_to_slack_is_not_ready() -> None:
    """While Slack can't be reached, no requests come: 503, and it says that the app goes on trying."""
    async with make_stage("socket") as stage, stage.running():
        stage.slack.fail("apps.connections.open", status=500, times=1000)
        await stage.slack.sockets.cut()
        said = await until(stage, lambda status, _: status == 503)
        assert "no connection to Slack" in said["slack"]["problem"]
        assert said["database"]["ok"]


async def test_a_registry_that_lets_nobody_in_is_not_ready(transport: str) -> None:
    """Without a token for the only registry nothing could be answered: 503 with the words that people would read."""
    async with make_stage(transport) as stage:
        stage.acr.options.principals[:] = []
        async with stage.running():
            status, said = await ready(stage)
            (part,) = said["registries"].values()
            assert status == 503
            assert "Azure identity" in part["problem"]


async def test_a_token_at_hand_is_enough() -> None:
    """A registry that is down for a while takes nothing away from an app which still has its token."""
    async with make_stage("http") as stage, stage.running():
        assert (await ready(stage))[0] == 200
        await stage.acr.stop()
        assert (await ready(stage))[0] == 200


async def test_one_registry_of_two_is_enough() -> None:
    """With one registry in trouble people can still work with the other: 200, and the part says what is wrong."""
    async with AcrSandbox() as other, make_stage("http") as stage:
        stage.environ["ACR_REGISTRIES"] = f"{stage.acr.url},{other.url.replace('127.0.0.1', 'localhost')}"
        other.faults.add(Fault(status=403, kind="exchange"))
        async with stage.running():
            status, said = await ready(stage)
            good, bad = said["registries"].values()
            assert status == 200
            assert good["ok"]
            assert not bad["ok"]
            assert "firewall" in bad["problem"]


async def test_a_database_that_does_not_answer_is_not_ready(transport: str) -> None:
    """503 with the database's own words."""
    async with make_stage(transport) as stage, stage.running():
        database = stage.folder / "state.db"
        with patch.object(sqlite3, "connect", side_effect=sqlite3.OperationalError("disk I/O error")):
            status, said = await ready(stage)
        assert status == 503
        assert not said["database"]["ok"]
        assert str(database) in said["database"]["problem"]


async def test_it_is_asked_for_at_most_every_few_seconds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the probe comes, the parts are asked once."""
    monkeypatch.setattr(readiness, "REMEMBERED_SECONDS", 3600.0)
    stage.acr.options.principals[:] = []
    first = await ready(stage)
    stage.acr.options.principals[:] = [APP_IDENTITY]
    assert [await ready(stage) for _ in range(20)] == [first] * 20


async def test_no_secret_is_told(transport: str) -> None:
    """Neither ready nor unready does it show a token."""
    async with make_stage(transport) as stage, stage.running():
        stage.acr.faults.add(Fault(kind="exchange"))
        _, said = await ready(stage)
        for secret in ("xoxb-sandbox", "xapp-sandbox", SECRET, os.environ.get("IDENTITY_HEADER", "xoxb-sandbox")):
            assert secret not in str(said)
