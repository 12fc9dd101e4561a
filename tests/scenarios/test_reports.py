"""Weekly reports: asked for, posted once in their turn, and what people do with them."""

import contextlib
import csv
import io
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clocks import DAYS
from bot.work import ReadBudget
from sandbox.acr import Fault
from sandbox.slack import Message, text_of
from tests.scenarios.stage import ELSEWHERE, OPS, SAM, Stage, days_ago, make_stage, this_day

MIB = 2**20
WEEK = timedelta(days=7)


def seed(stage: Stage, count: int = 3) -> set[str]:
    """Fill two repositories; give what is stale in the first."""
    for number in range(2):
        stage.registry.push_image("web/api", layers=[MIB + number], media="docker", updated=days_ago(50))
    stage.registry.push_image("web/app", tags=["v1"], layers=[500], media="docker", updated=days_ago(50))
    return {
        stage.registry.push_image("web/app", layers=[10 * MIB + number], media="docker", updated=days_ago(40 + number))
        for number in range(count)
    }


def reports(stage: Stage, channel: str = OPS) -> list[Message]:
    """Give the reports in a channel."""
    return [message for message in stage.cards(channel) if "stale" in message.text]


async def report_after(stage: Stage, known: int, channel: str = OPS) -> Message:
    """Wait for one more report than is known, and give it."""
    await stage.slack.wait_for(lambda: len(reports(stage, channel)) > known, timeout=20)
    return reports(stage, channel)[-1]


async def report_now(stage: Stage, patience: float = 20) -> None:
    """Ask for the channel's report, and wait until the asker is told that it is there."""

    def posted() -> int:
        return sum("Posted the report" in message.text for message in stage.riley.messages(OPS))

    before = posted()
    outcome = await stage.riley.slash("/acr report", channel=OPS)
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: posted() > before, timeout=patience)


async def told(stage: Stage, person: str, words: str) -> str:
    """Wait for a direct message to a person with some words in it."""
    human = stage.slack.human(person)
    dm = stage.slack.workspace.dm(person).id
    await stage.slack.wait_for(lambda: [m for m in human.messages(dm) if words in text_of(m)], timeout=20)
    return next(text_of(m) for m in human.messages(dm) if words in text_of(m))


def turns(stage: Stage) -> list[tuple[str, str, str]]:
    """Give schedule, slot and state of every turn on record."""
    with contextlib.closing(sqlite3.connect(f"file:{stage.folder}/state.db?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT schedule, slot, state FROM report_turns ORDER BY schedule, slot").fetchall()
    return [tuple(row) for row in rows]


async def ended(stage: Stage, state: str) -> None:
    """Wait until some turn has ended as something."""
    await stage.slack.wait_for(lambda: any(turn[2] == state for turn in turns(stage)), timeout=20)


def teams_file(folder: Path, *, channel: str = OPS) -> Path:
    """Write a settings file with one team, whose turn comes on Mondays at 09:00 in Amsterdam."""
    path = folder / "janitor.yml"
    path.write_text(
        f"""
        teams:
          - name: web team
            channel: {channel}
            repositories: ["web/*"]
            approvers: [{SAM}]
            report: {{day: mon, at: "09:00", zone: Europe/Amsterdam}}
        """
    )
    return path


def move_to(stage: Stage, when: datetime) -> None:
    """Move the app's clock to a moment."""
    stage.clock_ahead = when - datetime.now(UTC)


# Asking


async def test_a_channel_subscribes_and_its_report_is_posted_now(stage: Stage) -> None:
    """The answer says what comes when; ``/acr report`` posts it to all, with the point in its first line."""
    seed(stage)
    text = text_of(await stage.ask(stage.riley, "/acr subscribe 'web/*' --day tue --at 8:30 --zone Europe/Amsterdam"))
    assert "gets a report* of `web/*` in " in text
    assert "every Tuesday at 08:30 (Europe/Amsterdam)." in text
    await report_now(stage)
    report = await report_after(stage, 0)
    assert text_of(report).startswith("`web/*`: *5 stale manifests*, up to *32 MiB*")
    assert "web/app" in text_of(report)
    assert report.only_for is None


async def test_a_private_report_is_the_asker_s(stage: Stage) -> None:
    """Nobody else sees it."""
    seed(stage)
    await stage.ask(stage.riley, "/acr subscribe")
    await stage.private_after(stage.riley, stage.riley.slash("/acr report --private", channel=OPS), "5 stale manifests")
    assert reports(stage) == []


async def test_who_names_no_zone_gets_their_own(stage: Stage) -> None:
    """As their profile in Slack says; where it does not, UTC, and the answer says so."""
    stage.slack.workspace.people[stage.riley.id].tz = "America/New_York"
    assert "(America/New_York)" in text_of(await stage.ask(stage.riley, "/acr subscribe 'web/*'"))
    stage.slack.workspace.people[stage.riley.id].tz = ""
    text = text_of(await stage.ask(stage.sam, "/acr subscribe 'api/*' --zone UTC"))
    assert "does not say" not in text


async def test_a_channel_that_the_app_is_not_in_is_told_at_once(stage: Stage) -> None:
    """Better now than on Monday: with what to do."""
    text = text_of(await stage.ask(stage.riley, "/acr subscribe", channel=ELSEWHERE))
    assert "I am not in this channel" in text
    assert "/invite @acr-janitor" in text
    assert "Nobody gets a report" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))


async def test_subscriptions_are_listed_and_ended(stage: Stage) -> None:
    """With their channel, time, next report and maker; a second time there is nothing to end."""
    await stage.ask(stage.riley, "/acr subscribe 'web/*'")
    await stage.ask(stage.riley, "/acr subscribe 'web/*' --day fri")
    await stage.ask(stage.riley, "/acr subscribe 'api/*'")
    text = text_of(await stage.ask(stage.sam, "/acr subscriptions"))
    assert "2 weekly reports" in text
    assert "Friday at 09:00" in text
    assert "No more reports* of `web/*`" in text_of(await stage.ask(stage.sam, "/acr unsubscribe 'web/*'"))
    text = text_of(await stage.ask(stage.sam, "/acr unsubscribe 'web/*'"))
    assert "no such subscription" in text
    assert "It has: api/*." in text
    await stage.ask(stage.sam, "/acr unsubscribe")
    assert "has no subscription" in text_of(await stage.ask(stage.sam, "/acr unsubscribe"))


async def test_a_channel_without_a_subscription_has_no_report(stage: Stage) -> None:
    """The answer says how to get one."""
    text = text_of(await stage.ask(stage.riley, "/acr report"))
    assert "This channel gets no report." in text
    assert "/acr subscribe" in text


async def test_an_unknown_registry_is_refused(stage: Stage) -> None:
    """With the names that there are."""
    assert "There is no registry 'attic' here." in text_of(
        await stage.ask(stage.riley, "/acr subscribe --registry attic")
    )


# What people do with a report


async def test_a_clean_up_is_proposed_from_a_report(stage: Stage) -> None:
    """The card is for what the report called stale there, and the report stays as it is for everybody."""
    stale = seed(stage)
    fresh = stage.registry.push_image("web/app", layers=[77], media="docker", updated=days_ago(9))
    await stage.ask(stage.riley, "/acr subscribe 'web/*'")
    await report_now(stage)
    report = await report_after(stage, 0)
    before = text_of(report)
    card = await stage.card_after(stage.riley.click(report, "propose.0"))
    assert "Delete 3 untagged manifests" in text_of(card)
    assert text_of(report) == before
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    there = stage.registry.digests("web/app")
    assert not stale & there
    assert fresh in there
    await report_now(stage)
    report = await report_after(stage, 1)
    assert "Cleaned in the last 7 days" in text_of(report)
    assert "3 manifests of `web/app`" in text_of(report)


async def test_the_details_are_those_of_the_report(stage: Stage) -> None:
    """The file in the thread has the figures that the report was made from, whatever was pushed since."""
    seed(stage)
    await stage.ask(stage.riley, "/acr subscribe 'web/*'")
    await report_now(stage)
    report = await report_after(stage, 0)
    stage.registry.push_image("web/app", layers=[5], media="docker", updated=days_ago(90))
    await stage.olu.click(report, "report.details")
    await stage.slack.wait_for(lambda: stage.files(report), timeout=15)
    rows = list(csv.DictReader(io.StringIO(stage.files(report)["acr-janitor-report.csv"].decode())))
    assert {row["repository"]: row["stale"] for row in rows} == {"web/app": "3", "web/api": "2"}


async def test_what_waits_for_a_decision_is_in_the_report(stage: Stage) -> None:
    """With a link to its card."""
    seed(stage)
    await stage.propose(stage.riley, "/acr untagged web/app")
    await stage.ask(stage.riley, "/acr subscribe 'web/*'")
    await report_now(stage)
    await stage.slack.wait_for(
        lambda: any("Waiting for a decision" in text_of(message) for message in stage.cards()), timeout=15
    )


async def test_a_repository_that_cannot_be_read_is_named(stage: Stage) -> None:
    """With the reason; it counts neither as stale nor as clean."""
    seed(stage)
    stage.acr.faults.add(Fault(status=403, path=r"^/acr/v1/web/api"))
    await stage.ask(stage.riley, "/acr subscribe 'web/*'")
    await report_now(stage)
    text = text_of(await report_after(stage, 0))
    assert text.startswith("`web/*`: *3 stale manifests*, up to *30 MiB*")
    assert "Could not be read, and is no part of these figures" in text
    assert "web/api" in text


def quiet_day() -> str:
    """Name the day in two days, which is that of five days ago: no report comes by itself now or in a week."""
    return DAYS[(datetime.now(UTC).weekday() + 2) % 7]


async def test_a_trend_is_drawn_from_reports(stage: Stage) -> None:
    """One row for each week that has a report."""
    seed(stage)
    text = text_of(await stage.ask(stage.riley, "/acr trend web/app"))
    assert "No report has seen 'web/app' in the last 12 weeks." in text
    await stage.ask(stage.riley, f"/acr subscribe 'web/*' --day {quiet_day()}")
    await report_now(stage)
    await report_after(stage, 0)
    stage.clock_ahead = WEEK
    stage.registry.push_image("web/app", layers=[2 * MIB], media="docker", updated=days_ago(60))
    await report_now(stage)
    await report_after(stage, 1)
    text = text_of(await stage.ask(stage.riley, "/acr trend web/app"))
    assert "`web/app` has *4 stale manifests*, up to *32 MiB*, 2 MiB more than at the first of 2 weeks." in text


# Turns


@pytest.fixture
def monday() -> datetime:
    """Give a Monday to come, half an hour before 09:00 in Amsterdam, in winter or in summer."""
    day = datetime.now(UTC) + timedelta(days=1)
    while day.weekday() != 0:
        day += timedelta(days=1)
    return day.replace(hour=5, minute=30, second=0, microsecond=0)


@pytest.fixture
async def stage_of_a_team(transport: str, tmp_path: Path) -> object:
    """Prepare a stage with a team in the settings file; the app does not run yet."""
    path = teams_file(tmp_path)
    async with make_stage(transport, settings={"ACR_JANITOR_CONFIG": str(path)}) as stage:
        yield stage


async def test_a_report_is_posted_once_a_week(stage_of_a_team: Stage, monday: datetime) -> None:
    """Nothing before its time, one after it, none again by a restart, one a week later with the change."""
    stage = stage_of_a_team
    seed(stage)
    move_to(stage, monday)
    async with stage.running():
        await ended(stage, "before")
        assert reports(stage) == []
        move_to(stage, monday + timedelta(hours=4))
        report = await report_after(stage, 0)
        assert report.text.startswith("`web team`: *5 stale manifests*, up to *32 MiB*")
        await ended(stage, "posted")
    async with stage.running():
        stage.registry.push_image("web/app", layers=[6 * MIB], media="docker", updated=days_ago(60))
        move_to(stage, monday + WEEK + timedelta(hours=4))
        report = await report_after(stage, 1)
        assert "*6 stale manifests*, up to *38 MiB*, 6 MiB more than last week" in report.text
    assert [state for _, _, state in turns(stage)][:2] == ["before", "posted"]
    assert len(reports(stage)) == 2


@pytest.mark.parametrize(("days", "count"), [(2, 1), (4, 0)])
async def test_a_bot_that_was_down_catches_up(stage_of_a_team: Stage, monday: datetime, days: int, count: int) -> None:
    """What came while it was down is posted when it comes back, unless that is more than three days late."""
    stage = stage_of_a_team
    seed(stage)
    move_to(stage, monday)
    async with stage.running():
        await ended(stage, "before")
    move_to(stage, monday + timedelta(days=days))
    async with stage.running():
        if count:
            await report_after(stage, 0)
        await stage.ask(stage.riley, "/acr subscriptions")
        assert len(reports(stage)) == count


async def test_a_report_that_was_posted_by_who_died_over_it_is_found(stage_of_a_team: Stage, monday: datetime) -> None:
    """The turn is taken over, the message is found in the channel, and there is no second one."""
    stage = stage_of_a_team
    seed(stage)
    move_to(stage, monday)
    async with stage.running():
        await ended(stage, "before")
        move_to(stage, monday + timedelta(hours=4))
        await report_after(stage, 0)
        await ended(stage, "posted")
    with contextlib.closing(sqlite3.connect(stage.folder / "state.db")) as database:
        database.execute("UPDATE report_turns SET state = 'taken', ts = '' WHERE state = 'posted'")
        database.commit()
    stage.clock_ahead += timedelta(hours=1)
    async with stage.running():
        await ended(stage, "posted")
    assert len(reports(stage)) == 1


async def test_a_snoozed_report_is_left_out_once(stage_of_a_team: Stage, monday: datetime) -> None:
    """The next one is not posted, the one after it is."""
    stage = stage_of_a_team
    seed(stage)
    move_to(stage, monday)
    async with stage.running():
        await ended(stage, "before")
        move_to(stage, monday + timedelta(hours=4))
        report = await report_after(stage, 0)
        text = await stage.private_after(stage.riley, stage.riley.click(report, "report.snooze"), "is snoozed")
        assert "The report of `web team` is snoozed." in text
        text = await stage.private_after(stage.sam, stage.sam.click(report, "report.snooze"), "is snoozed")
        assert "is snoozed already" in text
        assert "snoozed until then" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))
        move_to(stage, monday + WEEK + timedelta(hours=4))
        await ended(stage, "snoozed")
        move_to(stage, monday + 2 * WEEK + timedelta(hours=4))
        await report_after(stage, 1)
    assert [state for _, _, state in turns(stage)] == ["before", "posted", "snoozed", "posted"]


async def test_a_channel_that_shut_pauses_its_report_and_who_made_it_is_told(stage: Stage) -> None:
    """Nothing more is posted until somebody subscribes again."""
    seed(stage)
    await stage.ask(stage.riley, f"/acr subscribe 'web/*' --day {this_day()} --at 00:00 --zone UTC")
    stage.slack.workspace.channels[OPS].archived = True
    stage.clock_ahead = WEEK
    text = await told(stage, stage.riley.id, "is paused")
    assert "The weekly report of `web/*` is paused" in text
    assert "is archived" in text
    await ended(stage, "paused")
    stage.slack.workspace.channels[OPS].archived = False
    assert "paused: is archived" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))
    await stage.ask(stage.riley, f"/acr subscribe 'web/*' --day {this_day()} --at 00:00 --zone UTC")
    assert "paused" not in text_of(await stage.ask(stage.riley, "/acr subscriptions"))
    stage.clock_ahead = 2 * WEEK
    await report_after(stage, 0)


async def test_another_report_of_some_of_the_same_repositories_is_no_comparison(stage: Stage, monday: datetime) -> None:
    """What this report saw last week counts, though part of it was looked at since for another one."""
    seed(stage)
    await stage.ask(stage.riley, "/acr subscribe '*' --day mon --at 00:00 --zone UTC")
    await stage.ask(stage.riley, "/acr subscribe 'web/app' --day tue --at 00:00 --zone UTC")
    move_to(stage, monday + timedelta(hours=6))
    await report_after(stage, 0)
    move_to(stage, monday + timedelta(days=1, hours=7))
    await report_after(stage, 1)
    move_to(stage, monday + timedelta(days=7, hours=8))
    report = await report_after(stage, 2)
    assert text_of(report).startswith("`*`: *5 stale manifests*, up to *32 MiB*, as much as last week")


async def test_a_report_that_came_already_comes_again_at_its_new_time(stage: Stage, monday: datetime) -> None:
    """Whoever moves it to later on the same day is told when it comes, and it does."""
    seed(stage)
    await stage.ask(stage.riley, "/acr subscribe --day mon --at 05:00 --zone UTC")
    move_to(stage, monday)
    await report_after(stage, 0)
    await ended(stage, "posted")
    text = text_of(await stage.ask(stage.riley, "/acr subscribe --day mon --at 11:00 --zone UTC"))
    assert f"{monday:%Y-%m-%d} 11:00" in text
    move_to(stage, monday + timedelta(hours=6))
    await report_after(stage, 1)


async def test_a_team_of_the_settings_file_is_not_changed_from_slack(stage_of_a_team: Stage) -> None:
    """The answer says where it can be."""
    stage = stage_of_a_team
    async with stage.running():
        text = text_of(await stage.ask(stage.riley, "/acr unsubscribe"))
        assert "The report of web team is in the settings file, and can't be changed from Slack." in text
        assert "settings file" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))


# How much is read


@pytest.mark.slow
async def test_the_second_week_keeps_to_what_a_basic_registry_allows_in_a_minute() -> None:
    """Of 200 repositories with 50 manifests each: three reads of each, and no body is asked for again."""
    async with make_stage("http") as stage:
        for number in range(200):
            for image in range(50):
                stage.registry.push_image(
                    f"team/app{number:03}",
                    tags=[f"v{image}"] if image < 10 else [],
                    layers=[50_000 + 50 * number + image],
                    updated=days_ago(40 + image),
                )
        async with stage.running(budget=ReadBudget(burst=10**6, per_minute=10**6)):
            await stage.ask(stage.riley, f"/acr subscribe 'team/*' --day {quiet_day()}")
            await report_now(stage, patience=90)
            first = stage.acr.log.count()
            stage.acr.log.clear()
            stage.clock_ahead = WEEK
            await report_now(stage, patience=90)
        assert "as much as last week" in text_of(reports(stage)[-1])
    kinds = stage.acr.log.kinds()
    assert first > 10_000
    assert {kind: count for kind, count in kinds.items() if count >= 200} == {
        "get_repository": 200,
        "list_manifests": 200,
        "list_tags": 200,
    }
    assert stage.acr.log.count() <= 700
    assert set(stage.acr.log.statuses()) <= {200, 401}
