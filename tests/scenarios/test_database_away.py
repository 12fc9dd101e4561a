"""A database that is away for a moment in the middle of a run: what was done meanwhile is on record as done."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.proposal import Deed
from bot.store import database
from tests.scenarios.stage import QUICK, Stage, make_stage
from tests.scenarios.test_process import approve_and_wait, outcomes, seed, stored


@asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Let another program hold the database."""
    path = stage.environ["DATABASE_URL"].removeprefix("sqlite:///")
    # In a thread: who writes at this moment needs the loop to come to an end.
    foreign = await asyncio.to_thread(sqlite3.connect, path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        await asyncio.to_thread(foreign.execute, "BEGIN IMMEDIATE")
        yield
    finally:
        foreign.close()


async def test_outcomes_wait_for_the_database(logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No delete is begun that could not be recorded, and those under way are recorded as deleted, by the same run."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.2)
    async with make_stage("http") as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"limits": {"concurrency": 4}}), encoding="utf-8")
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running(replace(QUICK, patience=timedelta(minutes=2))):
            loose, stay = seed(stage, "myrepo", 60)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.3
            await approve_and_wait(stage, card, 2)
            async with locked(stage):
                await stage.slack.wait_for(lambda: "outcomes_not_written" in logged, timeout=60)
                stage.acr.options.latency = 0
                await stage.slack.wait_for(lambda: stage.acr.pending == 0)
                sent = stage.acr.log.count("delete_manifest")
                await asyncio.sleep(0.5)
                assert stage.acr.log.count("delete_manifest") == sent < len(loose)
            await stage.settled(card, timeout=60)
        assert stage.registry.digests("myrepo") == stay
        assert outcomes(stage, card) == dict.fromkeys(loose, "deleted")
        ((_, _, events),) = await stored(stage)
        assert Deed.RESUMED not in [event.deed for event in events]
