"""A proposal half way to its expiry reminds its approvers once, in the thread of its card."""

import asyncio
import contextlib
import json
import sqlite3
from datetime import timedelta

from sandbox.slack import Message, text_of
from tests.scenarios.reading import propose
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OLU, PLATFORM, RILEY, SAM, Stage, days_ago, make_stage

MIB = 2**20
HALF = timedelta(hours=36)


def reminders(stage: Stage, card: Message) -> list[Message]:
    """Give the reminders in a card's thread."""
    return [message for message in stage.olu.thread(card.channel, card.ts) if "half of its time" in message.text]


def noted(stage: Stage) -> list[str]:
    """Give what became of each reminder, as the database has it."""
    with contextlib.closing(sqlite3.connect(f"file:{stage.folder}/state.db?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("SELECT outcome FROM reminders")]


async def reminded(stage: Stage, card: Message) -> Message:
    """Wait for the reminder and its note."""
    await stage.slack.wait_for(lambda: reminders(stage, card) and noted(stage) == [reminders(stage, card)[0].ts])
    return reminders(stage, card)[0]


async def test_those_who_may_approve_are_mentioned_once(transport: str) -> None:
    """After half of the time, in the thread, people and groups by name; never again, however often the app starts."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("app", layers=[MIB], updated=days_ago(40))
        async with stage.running():
            card = await propose(stage, stage.riley, "app")
        stage.clock_ahead = HALF - timedelta(minutes=5)
        async with stage.running():
            await stage.ask(stage.riley, "/acr help")
        assert reminders(stage, card) == []
        stage.clock_ahead = HALF + timedelta(minutes=5)
        async with stage.running():
            text = text_of(await reminded(stage, card))
        assert f"<@{SAM}> and <!subteam^{PLATFORM}>: this still waits for a decision" in text
        assert "expires <!date^" in text
        for ahead in (timedelta(hours=1), timedelta(hours=30)):
            stage.clock_ahead = HALF + ahead
            async with stage.running():
                await stage.ask(stage.riley, "/acr help")
        assert len(reminders(stage, card)) == 1
        assert "waits for a decision" not in text_of(card), "the card itself stays as it was"


async def test_who_asked_is_not_asked_to_approve(transport: str) -> None:
    """An approver's own proposal mentions only the others."""
    async with make_stage(transport, approvers=[RILEY, SAM]) as stage:
        stage.registry.push_image("app", layers=[MIB], updated=days_ago(40))
        async with stage.running():
            card = await propose(stage, stage.riley, "app")
        stage.clock_ahead = HALF + timedelta(minutes=5)
        async with stage.running():
            text = text_of(await reminded(stage, card))
        assert f"<@{SAM}>: this" in text
        assert RILEY not in text


async def test_only_those_who_are_still_needed_are_mentioned(transport: str) -> None:
    """The repository's own entry says who is asked; who has approved is not asked again, nor for a done part."""
    async with make_stage(transport, approvers=[OLU]) as stage:
        config = stage.folder / "config.yml"
        entries = [
            {"repositories": ["app/web"], "approvers": [SAM]},
            {"repositories": ["app/*"], "approvers": [PLATFORM, SAM], "required": 2},
        ]
        config.write_text(json.dumps({"approvals": {"by_repository": entries}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        for name in ("app/web", "app/api"):
            stage.registry.push_image(name, layers=[MIB], updated=days_ago(40))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged 'app/*'")
            await stage.sam.click(card, "approve")
            await stage.until(card, f"1 of 2: <@{SAM}>")
        stage.clock_ahead = HALF + timedelta(minutes=5)
        async with stage.running():
            text = text_of(await reminded(stage, card))
        assert f"<!subteam^{PLATFORM}>: this still waits for a decision" in text
        assert SAM not in text
        assert OLU not in text


async def test_what_is_settled_or_expired_is_left_alone(transport: str) -> None:
    """A rejected proposal reminds nobody; one whose time is over is closed instead."""
    async with make_stage(transport) as stage:
        for name in ("app", "web"):
            stage.registry.push_image(name, layers=[MIB], updated=days_ago(40))
        async with stage.running():
            settled = await propose(stage, stage.riley, "app")
            late = await propose(stage, stage.riley, "web")
            await reject(stage, stage.sam, settled)
            await stage.until(settled, "Rejected")
        stage.clock_ahead = timedelta(hours=73)
        async with stage.running():
            await stage.until(late, "Expired")
        assert reminders(stage, settled) + reminders(stage, late) == []
        assert noted(stage) == []


async def test_a_crash_after_the_posting_posts_no_second_one(transport: str) -> None:
    """What the database says is only begun is looked for in the thread before it is posted again."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("app", layers=[MIB], updated=days_ago(40))
        async with stage.running():
            card = await propose(stage, stage.riley, "app")
        stage.clock_ahead = HALF + timedelta(minutes=5)
        async with stage.running():
            first = await reminded(stage, card)
        with contextlib.closing(sqlite3.connect(stage.folder / "state.db")) as database:
            database.execute("UPDATE reminders SET outcome = 'begun'")
            database.commit()
        async with stage.running():
            assert await reminded(stage, card) is first
        assert len(reminders(stage, card)) == 1


async def test_trouble_with_slack_puts_it_off(transport: str) -> None:
    """A posting that Slack did not take is tried again later; where the channel is gone it is given up."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("app", layers=[MIB], updated=days_ago(40))
        async with stage.running():
            card = await propose(stage, stage.riley, "app")
        stage.clock_ahead = HALF + timedelta(minutes=5)
        stage.slack.fail("chat.postMessage", "fatal_error")
        async with stage.running():
            await stage.slack.wait_for(lambda: noted(stage) == ["begun"])
            await asyncio.wait_for(stage.ask(stage.riley, "/acr help"), 30)
        assert reminders(stage, card) == []
        async with stage.running():
            await reminded(stage, card)


async def test_a_channel_that_is_gone_is_given_up(transport: str) -> None:
    """Nobody could read it there, so it is not tried again and again."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("app", layers=[MIB], updated=days_ago(40))
        async with stage.running():
            card = await propose(stage, stage.riley, "app")
        stage.clock_ahead = HALF + timedelta(minutes=5)
        stage.slack.workspace.channels[card.channel].archived = True
        async with stage.running():
            await stage.slack.wait_for(lambda: noted(stage) == ["is_archived"])
        assert reminders(stage, card) == []
