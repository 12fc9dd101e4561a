"""Weekly reports of teams of any size and over a whole year: what reached Slack."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.work import ReadBudget
from sandbox.slack import text_of
from tests.scenarios.stage import days_ago, make_stage
from tests.scenarios.test_reports import (
    ended,
    move_to,
    quiet_day,
    report_after,
    report_now,
    reports,
    seed,
    teams_file,
    turns,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize("count", [0, 1, 40, pytest.param(1000, marks=pytest.mark.slow)])
async def test_a_report_of_so_many_repositories(count: int) -> None:
    """Slack takes it whole in one message, and its first line counts them all; the rest is in the file."""
    async with make_stage("http") as stage:
        for number in range(count):
            stage.registry.push_image(f"team/app{number:04}", layers=[number + 1], media="docker", updated=days_ago(40))
        async with stage.running(budget=ReadBudget(burst=10**6, per_minute=10**6)):
            await stage.ask(stage.riley, f"/acr subscribe 'team/*' --day {quiet_day()}")
            await report_now(stage, patience=90)
            (report,) = [message for message in stage.cards() if "team/*" in text_of(message)]
            posts = [call for call in stage.slack.calls_of("chat.postMessage") if "team/*" in str(call.arguments)]
            assert [call.response["ok"] for call in posts] == [True]
            words = {
                0: "there is no repository",
                1: "1 stale manifest*",
                40: "40 stale manifests*",
                1000: "1,000 stale manifests*",
            }
            assert words[count].lower() in text_of(report).lower()
            if count:
                await stage.olu.click(report, "report.details")
                await stage.slack.wait_for(lambda: stage.files(report), timeout=30)
                assert stage.files(report)["acr-janitor-report.csv"].count(b"team/app") == count


@pytest.mark.slow
async def test_a_report_every_monday_at_nine_in_amsterdam_for_53_weeks(tmp_path: Path) -> None:
    """Over both changes of daylight saving: none a minute before nine, one a minute after it, none missing or twice."""
    today = datetime.now(AMSTERDAM)
    first = (today + timedelta(days=8 - today.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    first -= timedelta(days=first.weekday())
    async with make_stage("http", settings={"ACR_JANITOR_CONFIG": str(teams_file(tmp_path))}) as stage:
        seed(stage)
        move_to(stage, first.astimezone(UTC) - timedelta(minutes=30))
        offsets = set()
        async with stage.running():
            await ended(stage, "before")
            for week in range(53):
                # On the wall: a week is not always 168 hours.
                nine = first + timedelta(weeks=week)
                offsets.add(nine.utcoffset())
                move_to(stage, nine.astimezone(UTC) - timedelta(minutes=1))
                # Several looks in that minute.
                await stage.slack.settle(0.15)
                assert len(reports(stage)) == week
                move_to(stage, nine.astimezone(UTC) + timedelta(minutes=1))
                await report_after(stage, week)
                assert len(reports(stage)) == week + 1
        posted = [slot for _, slot, state in turns(stage) if state == "posted"]
    assert posted == [(first + timedelta(weeks=week)).date().isoformat() for week in range(53)]
    assert len(offsets) == 2
