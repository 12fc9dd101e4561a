"""Weekly reports where something is in the way: charts refused, channels shut, Slack failing, people from elsewhere."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.acr import AcrOptions, AcrSandbox, Fault
from sandbox.slack import text_of
from tests.scenarios.stage import KIM, OPS, PLATFORM, SAM, Stage, days_ago, make_stage, this_day
from tests.scenarios.test_other_workspace import (
    click_as,
    from_another_team,
    from_another_team_of_the_enterprise,
)
from tests.scenarios.test_reports import (
    WEEK,
    ended,
    quiet_day,
    report_after,
    report_now,
    reports,
    seed,
    told,
    turns,
)

TEAM = {"name": "web team", "channel": OPS, "repositories": ["web/*"], "report": {"day": this_day(), "at": "00:00"}}


async def subscribe(stage: Stage, glob: str = "web/*", day: str = "") -> None:
    """Subscribe the channel; no report comes by itself unless a day is named."""
    await stage.ask(stage.riley, f"/acr subscribe '{glob}' --day {day or quiet_day()} --at 00:00 --zone UTC")


@pytest.fixture
async def stage_of_a_team(transport: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Run the app with a team of the settings file whose approvers are a person and a group."""
    path = tmp_path / "janitor.yml"
    path.write_text(yaml.safe_dump({"teams": [{**TEAM, "approvers": [SAM, PLATFORM]}]}), encoding="utf-8")
    async with make_stage(transport, settings={"ACR_JANITOR_CONFIG": str(path)}) as stage, stage.running():
        await ended(stage, "before")
        yield stage


async def test_where_charts_are_unknown_the_same_report_comes_without(stage: Stage) -> None:
    """Table, buttons and words are all there; Slack refused the first form with ``invalid_blocks``."""
    stage.slack.core.options = replace(stage.slack.core.options, newer_blocks=False)
    seed(stage)
    await subscribe(stage)
    await report_now(stage)
    report = await report_after(stage, 0)
    kinds = [block["type"] for block in report.blocks]
    assert "data_visualization" not in kinds
    assert "table" in kinds
    assert kinds.count("actions") == 2
    posts = [call for call in stage.slack.calls_of("chat.postMessage") if "stale" in str(call.arguments.get("text"))]
    assert len(posts) == 2
    assert len(reports(stage)) == 1


@pytest.mark.parametrize("removed", [False, True])
async def test_a_team_of_the_settings_file_is_paused_and_its_approvers_are_told(
    stage_of_a_team: Stage, removed: bool
) -> None:
    """Each person once, members of a group too; it goes on once somebody asks for the report in the channel."""
    stage = stage_of_a_team
    seed(stage)
    channel = stage.slack.workspace.channels[OPS]
    channel.archived, channel.bot = not removed, not removed
    stage.clock_ahead = WEEK
    words = "does not have me as a member any more" if removed else "is archived"
    for person in (SAM, KIM):
        assert words in await told(stage, person, "The weekly report of `web team` is paused")
    await ended(stage, "paused")
    channel.archived, channel.bot = False, True
    assert f"paused: {words}" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))
    await report_now(stage)
    assert len(reports(stage)) == 1
    assert "paused" not in text_of(await stage.ask(stage.riley, "/acr subscriptions"))


async def test_a_channel_that_the_app_was_removed_from_pauses_a_subscription(stage: Stage) -> None:
    """Who made it is told, once; asking for the report there is enough to go on."""
    seed(stage)
    await subscribe(stage, day=this_day())
    stage.slack.workspace.channels[OPS].bot = False
    stage.clock_ahead = WEEK
    assert "does not have me as a member any more" in await told(stage, stage.riley.id, "is paused")
    await ended(stage, "paused")
    await stage.private_after(stage.riley, stage.riley.slash("/acr report", channel=OPS), "I am not in this channel")
    stage.slack.workspace.channels[OPS].bot = True
    await stage.private_after(stage.riley, stage.riley.slash("/acr report", channel=OPS), "Posted the report")
    assert "paused" not in text_of(await stage.ask(stage.riley, "/acr subscriptions"))


async def test_a_paused_report_can_not_be_snoozed(stage: Stage) -> None:
    """A click on an old one would otherwise let it go on into the shut channel."""
    seed(stage)
    await subscribe(stage, day=this_day())
    await report_now(stage)
    report = await report_after(stage, 0)
    stage.slack.workspace.channels[OPS].bot = False
    stage.clock_ahead = WEEK
    await ended(stage, "paused")
    stage.slack.workspace.channels[OPS].bot = True
    await stage.private_after(stage.sam, stage.sam.click(report, "report.snooze"), "This report is paused")
    assert "paused" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))


async def test_the_buttons_of_an_old_report_say_that_nobody_is_subscribed(stage: Stage) -> None:
    """Neither is there anything to snooze, nor a list; the clean-up can still be proposed."""
    seed(stage)
    await subscribe(stage)
    await report_now(stage)
    report = await report_after(stage, 0)
    await stage.ask(stage.riley, "/acr unsubscribe")
    for button in ("report.snooze", "report.details"):
        await stage.private_after(stage.olu, stage.olu.click(report, button), "Nobody is subscribed to this report")
    assert not stage.files(report)
    await stage.card_after(stage.riley.click(report, "propose.0"))


@pytest.mark.parametrize("change", [from_another_team, from_another_team_of_the_enterprise])
@pytest.mark.parametrize("button", ["report.snooze", "report.details"])
async def test_a_click_from_another_workspace_changes_nothing(button: str, change: Any) -> None:
    """A report belongs to the workspace where it was asked for."""
    async with make_stage("http") as stage, stage.running() as app:
        seed(stage)
        await subscribe(stage)
        await report_now(stage)
        report = await report_after(stage, 0)
        await stage.riley.click(report, "report.details")
        await stage.slack.wait_for(lambda: stage.files(report), timeout=15)
        before = text_of(await stage.ask(stage.riley, "/acr subscriptions"))
        value = next(
            element["value"]
            for block in report.blocks
            if block["type"] == "actions"
            for element in block["elements"]
            if element["action_id"] == button
        )

        await stage.riley.click(report, "report.details")

        def changed(payload: dict[str, Any]) -> None:
            change(payload)
            payload["actions"][0]["value"] = value

        assert await click_as(stage, app.address, button, changed, "1.1.a") == 200
        await stage.slack.wait_for(
            lambda: [m for m in stage.riley.messages(OPS) if "Nobody is subscribed" in text_of(m)], timeout=15
        )
        assert text_of(await stage.ask(stage.riley, "/acr subscriptions")) == before


async def test_a_report_that_slack_does_not_take_is_told_in_words(stage: Stage) -> None:
    """With Slack's own word; of two reports the one that got there is mentioned, and nothing is paused."""
    seed(stage)
    await subscribe(stage, "web/app")
    await subscribe(stage, "web/*")
    stage.slack.fail(
        "chat.postMessage", "fatal_error", times=9, match=lambda arguments: "web/*" in str(arguments.get("text"))
    )
    move = stage.riley.slash("/acr report", channel=OPS)
    text = await stage.private_after(stage.riley, move, "Slack did not take the report of web/*")
    assert "(fatal_error)" in text
    assert "The 1 report before it can be seen above." in text
    assert len(reports(stage)) == 1


async def test_who_asks_twice_at_once_gets_one_report(stage: Stage) -> None:
    """The second is told that it is being made; later it can be asked for again."""
    seed(stage)
    await subscribe(stage)
    held = stage.acr.faults.add(Fault(action="hang", path=r"^/acr/v1/web/app", seconds=1.5, count=1))
    await stage.riley.slash("/acr report", channel=OPS)
    await stage.slack.wait_for(lambda: held.hits, timeout=15)
    again = stage.sam.slash("/acr report", channel=OPS)
    await stage.private_after(stage.sam, again, "A report is being made for this channel already")
    await stage.slack.wait_for(
        lambda: any("Posted the report" in message.text for message in stage.riley.messages(OPS)), timeout=15
    )
    await stage.private_after(stage.sam, stage.sam.slash("/acr report", channel=OPS), "Posted the report")
    assert len(reports(stage)) == 2


async def test_the_details_of_a_private_report_are_sent_to_the_asker(stage: Stage) -> None:
    """An answer that only one person sees has no thread that a file could be put into."""
    seed(stage)
    await subscribe(stage)
    move = stage.riley.slash("/acr report --private", channel=OPS)
    await stage.private_after(stage.riley, move, "5 stale manifests")
    report = next(m for m in reversed(stage.riley.messages(OPS)) if "5 stale manifests" in text_of(m))
    click = stage.riley.click(report, "report.details")
    await stage.private_after(stage.riley, click, "I sent you `acr-janitor-report.csv` in a direct message")
    dm = stage.slack.workspace.dm(stage.riley.id).id
    assert [file.name for message in stage.riley.messages(dm) for file in message.files] == ["acr-janitor-report.csv"]


async def test_a_registry_that_hangs_delays_no_report_of_another(transport: str, tmp_path: Path) -> None:
    """The other team's report comes in its turn while the first is still being looked for."""
    async with AcrSandbox(options=AcrOptions()) as second:
        path = tmp_path / "janitor.yml"
        second.registry.push_image("web/late", layers=[1], media="docker", updated=days_ago(50))
        teams = [
            {**TEAM, "name": "slow team", "registries": ["second"]},
            {**TEAM, "name": "quick team", "registries": ["first"]},
        ]
        async with make_stage(transport, settings={"ACR_JANITOR_CONFIG": str(path)}) as stage:
            registries = [{"name": "first", "endpoint": stage.acr.url}, {"name": "second", "endpoint": second.url}]
            path.write_text(json.dumps({"registries": registries, "teams": teams}), encoding="utf-8")
            del stage.environ["ACR_REGISTRIES"]
            seed(stage)
            hanging = second.faults.add(Fault(action="hang"))
            async with stage.running():
                # Both: one that is first seen after the clock has moved has its first turn a week later.
                await stage.slack.wait_for(lambda: [turn[2] for turn in turns(stage)] == ["before"] * 2, timeout=60)
                stage.clock_ahead = WEEK
                await stage.slack.wait_for(lambda: reports(stage) and hanging.hits, timeout=60)
                (report,) = reports(stage)
                assert text_of(report).startswith("`quick team`")
                second.faults.clear()
