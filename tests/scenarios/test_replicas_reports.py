"""The weekly report of several replicas, as processes, where the one that posts it is killed over it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.scenarios.stage import Stage, make_stage
from tests.scenarios.test_replicas import move_clocks, replicas, until
from tests.scenarios.test_reports import monday, move_to, reports, seed, teams_file

__all__ = ["monday"]

pytestmark = pytest.mark.slow

# How soon another replica may take the turn of one that is dead.
AFTER_THE_LEASE = timedelta(minutes=6)


def turns(url: str) -> list[tuple[str, int, str]]:
    """Give what became of each turn, how often it was taken and what is noted about it, the earliest first."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as database:
        query = "SELECT state, tries, note FROM report_turns ORDER BY slot"
        return [(str(state), int(tries), str(note)) for state, tries, note in database.execute(query)]


@pytest.mark.parametrize("taken", [False, True], ids=["before-slack-has-it", "slack-has-it-and-nobody-knows"])
async def test_kill_9_of_the_replica_that_posts_the_report(
    postgres_url: str,
    tmp_path: Path,
    monday: Any,
    taken: bool,
) -> None:
    """Another of the three takes the turn once the lease is over, and there is exactly one report in the channel."""
    settings = {"DATABASE_URL": postgres_url, "ACR_JANITOR_CONFIG": str(teams_file(tmp_path))}
    async with make_stage("http", settings=settings) as stage:
        seed(stage)
        move_to(stage, monday)
        async with replicas(stage, 3, turns_every=0.3) as apps:
            await until(lambda: turns(postgres_url) == [("before", 0, "")])
            held = hold_the_report(stage, arrives=taken)
            move_to(stage, monday + timedelta(hours=4))
            move_clocks(stage)
            await until(lambda: held)
            (holder,) = [app for app in apps if app.events("report_turn_taken")]
            assert reports(stage) == []
            await holder.kill()
            if taken:
                await stage.slack.wait_for(lambda: reports(stage), timeout=60)
            stage.clock_ahead += AFTER_THE_LEASE
            move_clocks(stage)
            note = "found in the channel" if taken else ""
            await until(lambda: turns(postgres_url)[1:] == [("posted", 2, note)])
            await stage.slack.settle(1)
            assert len(reports(stage)) == 1
            assert sorted(len(app.events("report_turn_taken")) for app in apps) == [0, 1, 1]


def hold_the_report(stage: Stage, *, arrives: bool) -> list[str]:
    """Let Slack hold the next report back: for long enough to kill who posts it, or for good. Gives what is held."""
    held: list[str] = []

    def is_a_report(arguments: dict[str, Any]) -> bool:
        if "stale" not in str(arguments.get("text")):
            return False
        held.append(str(arguments["text"]))
        return True

    if arrives:
        stage.slack.fail("chat.postMessage", delay=8.0, match=is_a_report)
    else:
        stage.slack.fail("chat.postMessage", error="fatal_error", delay=30.0, match=is_a_report)
    return held
