"""Several replicas in Socket Mode, as processes on one PostgreSQL: Slack hands each request to any of them."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from bot.domain.proposal import Deed
from sandbox.slack import text_of
from tests.scenarios.process import AppProcess
from tests.scenarios.stage import OPS, make_stage
from tests.scenarios.test_process import approve_and_wait, seed
from tests.scenarios.test_replicas import check_whole, on_record, replicas

pytestmark = pytest.mark.slow


def has_worked(app: AppProcess) -> bool:
    """Whether Slack has handed anything to it that it was to decide."""
    return any(app.events(name) for name in ("proposed", "decided", "answered_with_problem"))


async def test_eight_clicks_over_three_sockets(postgres_url: str) -> None:
    """A command, a proposal and eight clicks spread over the processes: one run, seven polite answers."""
    async with make_stage("socket", settings={"DATABASE_URL": postgres_url}) as stage:
        loose, stay = seed(stage, "myrepo", 40)
        async with replicas(stage, 3) as apps:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            people = [stage.sam, stage.kim] * 4
            clicks: list[Awaitable[Any]] = [person.click(card, "approve", stale=True) for person in people]
            assert all(outcome.ok for outcome in await asyncio.gather(*clicks))
            assert "Deleted all 40 untagged manifests" in await stage.settled(card, timeout=90)

            def answers() -> list[str]:
                told = [message for person in (stage.sam, stage.kim) for message in person.messages(OPS)]
                return [
                    text_of(message)
                    for message in {id(message): message for message in told if message.only_for}.values()
                    if "Your click changed nothing" in text_of(message)
                ]

            await stage.slack.wait_for(lambda: len(answers()) == 7, timeout=30)
            assert all("This was approved by" in text for text in answers())
            assert sum(has_worked(app) for app in apps) >= 2
            assert sum(len(app.events("run_started")) for app in apps) == 1
        assert stage.acr.log.count("delete_manifest") == 40
        await check_whole(stage, card, loose, stay)
        assert [event.deed for event in await on_record(stage)].count(Deed.STARTED) == 1


async def test_kill_9_of_one_hands_its_requests_to_the_others(postgres_url: str) -> None:
    """The run of the one that died is finished by another, and what people type and click is answered as before."""
    async with make_stage("socket", settings={"DATABASE_URL": postgres_url}) as stage:
        loose, stay = seed(stage, "myrepo", 200)
        async with replicas(stage, 3) as apps:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.05
            await approve_and_wait(stage, card, 40)
            (holder,) = [app for app in apps if app.events("run_started")]
            await holder.kill()
            await stage.slack.wait_for(lambda: stage.slack.sockets.connected == 2, timeout=30)
            for _ in range(4):
                assert "/acr untagged" in text_of(await stage.ask(stage.riley, "/acr help"))
            text = await stage.settled(card, timeout=90)
            stage.acr.options.latency = 0
            assert "Picked up again after 1 interruption" in text
            await stage.private_after(stage.kim, stage.kim.click(card, "approve", stale=True), "changed nothing")
        await check_whole(stage, card, loose, stay)
