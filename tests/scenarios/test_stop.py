"""Stopping what was approved: who may, how soon it ends, and what the record and the card say of it."""

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.proposal import Deed, State
from bot.janitor.execute import Pace
from sandbox.acr import Fault
from sandbox.slack import Message, text_of
from tests.scenarios.process import running_process
from tests.scenarios.stage import KIM, OPS, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_process import outcomes, stored

COUNT = 200
# Long enough for a click to arrive in the middle, also on a busy machine and with 32 deletes at once.
SLOW = 0.6


def seed(stage: Stage, repository: str = "myrepo", count: int = COUNT) -> set[str]:
    """Fill a repository with so many untagged manifests, and one that stays; give those that may go."""
    old = days_ago(9)
    stage.registry.push_image(repository, tags=["v1"], media="docker", updated=old)
    return {stage.registry.push_image(repository, media="docker", updated=old) for _ in range(count)}


async def begun(stage: Stage, repository: str = "myrepo") -> Message:
    """Propose and approve a run that takes its time, and give its card once it deletes and can be stopped."""
    card = await stage.propose(stage.riley, f"/acr untagged {repository}")
    stage.acr.options.latency = SLOW
    await stage.sam.click(card, "approve")
    await stage.until(card, "Deleting")
    await stage.slack.wait_for(lambda: stage.acr.log.count("delete_manifest") > 0, timeout=20)
    return card


@pytest.mark.parametrize(("transport", "who"), [("http", RILEY), ("socket", SAM), ("http", KIM)])
async def test_a_run_is_stopped(transport: str, who: str) -> None:
    """The requester and each approver can stop it: what was under way is finished, all else is left alone and said."""
    async with make_stage(transport) as stage, stage.running():
        loose = seed(stage)
        card = await begun(stage)
        await stage.slack.human(who).click(card, "stop")
        text = await stage.settled(card)
        left = loose & stage.registry.digests("myrepo")
        gone = COUNT - len(left)
        assert 0 < gone < COUNT, "it was not in the middle"
        assert f"Stopped by <@{who}> after {gone} of {COUNT}: deleted {gone} of {COUNT} untagged manifests" in text
        assert f"{len(left)} manifests were not reached, and left alone." in text
        assert "[Stop]" not in text
        assert Counter(outcomes(stage, card).values()) == {"deleted": gone, "todo": len(left)}
        deeds = [(event["deed"], event["actor"]) for event in stage.events() if event["deed"] != Deed.ITEM]
        assert deeds[-2:] == [(Deed.STOPPED, who), (Deed.FINISHED, "app")]
        assert stage.acr.log.count("delete_manifest") == gone


async def test_what_was_stopped_can_be_proposed_anew(stage: Stage) -> None:
    """A stop is the end of that proposal; the rest goes by another."""
    loose = seed(stage)
    card = await begun(stage)
    await stage.sam.click(card, "stop")
    await stage.settled(card)
    stage.acr.options.latency = 0
    again = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(again, "approve")
    await stage.settled(again)
    assert not loose & stage.registry.digests("myrepo")


async def test_an_outsider_may_not_stop(stage: Stage) -> None:
    """Anybody else is refused privately, with those who can, and the run goes on to its end."""
    loose = seed(stage, count=40)
    card = await begun(stage)
    text = await stage.private_after(stage.olu, stage.olu.click(card, "stop"), "not one of those who may stop")
    assert f"<@{RILEY}>" in text
    assert f"<@{SAM}>" in text
    assert "Deleted all 40" in await stage.settled(card)
    assert not loose & stage.registry.digests("myrepo")
    assert Deed.REFUSED in [event["deed"] for event in stage.events()]


async def test_a_run_that_waits_its_turn_is_stopped_before_it_begins(stage: Stage) -> None:
    """Nothing of it is deleted, the one before it goes on, and no run of it is ever on record."""
    first, second = seed(stage, "one", 40), seed(stage, "two", 5)
    waiting = await stage.propose(stage.riley, "/acr untagged two")
    running = await begun(stage, "one")
    await stage.sam.click(waiting, "approve")
    await stage.until(waiting, "Waiting to start")
    await stage.riley.click(waiting, "stop")
    text = await stage.until(waiting, "Stopped before it began")
    assert "Nothing was deleted" in text
    assert "[Stop]" not in text
    assert "Deleted all 40" in await stage.settled(running)
    await stage.private_after(stage.kim, stage.kim.click(waiting, "stop", stale=True), "was stopped by")
    assert not first & stage.registry.digests("one")
    assert second < stage.registry.digests("two")
    assert not any("outcome" in name for name in stage.files(waiting))


async def test_of_many_stops_one_counts(stage: Stage) -> None:
    """Clicks at the same moment are one stop on record; each of the others gets an answer."""
    seed(stage)
    card = await begun(stage)
    people = [stage.sam, stage.kim, stage.riley, stage.sam]
    await asyncio.gather(*(person.click(card, "stop") for person in people))
    text = await stage.settled(card)
    assert "Stopped by" in text

    def answers() -> int:
        told = {id(m) for p in people for m in p.messages(OPS) if m.only_for == p.id and "stopped" in text_of(m)}
        return len(told)

    await stage.slack.wait_for(lambda: answers() == 3, timeout=20)
    assert [event["deed"] for event in stage.events()].count(Deed.STOPPED) == 1


async def test_a_late_stop_is_answered_and_changes_nothing(stage: Stage) -> None:
    """After the end of a run a click on an old drawing says what became of it."""
    seed(stage, count=3)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    hang = stage.acr.faults.add(Fault(action="hang", kind="delete_manifest", seconds=0.5))
    await stage.sam.click(card, "approve")
    await stage.until(card, "Deleting")
    await stage.slack.wait_for(lambda: hang.hits > 0)
    await stage.settled(card)
    stop = next(n for n, version in enumerate(card.versions) if "[Stop]" in text_of(version.blocks))
    old = card.versions[stop].blocks
    card.blocks[:] = old
    await stage.private_after(stage.sam, stage.sam.click(card, "stop"), "has been carried out")
    assert Deed.STOPPED not in [event["deed"] for event in stage.events()]


async def test_a_stop_ends_the_wait_for_a_registry(transport: str) -> None:
    """A run that waits for its registry to come back is stopped, too; what was sent in vain counts as failed."""
    pace = Pace(
        patience=timedelta(minutes=5), first_wait=timedelta(milliseconds=50), longest_wait=timedelta(milliseconds=200)
    )
    async with make_stage(transport) as stage, stage.running(pace):
        loose = seed(stage, count=30)
        card = await begun(stage)
        await stage.acr.stop()
        await stage.until(card, "[Stop]")
        await stage.sam.click(card, "stop")
        text = await stage.settled(card, timeout=60)
        assert f"Stopped by <@{SAM}>" in text
        assert "failed" in text
        found = outcomes(stage, card)
        left = loose & stage.registry.digests("myrepo")
        assert {digest for digest, outcome in found.items() if outcome == "deleted"} <= loose - left
        assert Counter(found.values())["failed"] > 0


async def test_a_stop_that_another_process_wrote_is_noticed(stage: Stage) -> None:
    """The click may reach another process than the one that runs it: the database tells."""
    loose = seed(stage)
    card = await begun(stage)
    with contextlib.closing(sqlite3.connect(f"{stage.folder}/state.db", timeout=30)) as database:
        database.execute("UPDATE proposals SET stop_by = ?", [KIM])
        database.commit()
    assert f"Stopped by <@{KIM}>" in await stage.settled(card)
    assert loose & stage.registry.digests("myrepo")


@pytest.fixture
async def process_stage() -> AsyncIterator[Stage]:
    """Give a stage whose app is a process of its own."""
    async with make_stage("http") as stage:
        yield stage


@pytest.mark.slow
async def test_a_stop_survives_kill_9(process_stage: Stage) -> None:
    """Once the stop is on record no later start deletes anything; it only writes down how it ended."""
    stage = process_stage
    loose = seed(stage)
    async with running_process(stage) as app:
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        # The deletes under way never end, and so the run can't either.
        hang = stage.acr.faults.add(Fault(action="hang", kind="delete_manifest", skip=40))
        await stage.sam.click(card, "approve")
        await stage.slack.wait_for(lambda: hang.hits > 0, timeout=30)
        await stage.until(card, "[Stop]")
        await stage.kim.click(card, "stop")
        await stage.until(card, "has stopped this")
        await app.kill()
    stage.acr.faults.clear()
    deletes = stage.acr.log.count("delete_manifest")
    async with running_process(stage) as app:
        text = await stage.settled(card)
        assert await app.terminate() == 0
    assert f"Stopped by <@{KIM}>" in text
    assert stage.acr.log.count("delete_manifest") == deletes
    assert loose & stage.registry.digests("myrepo")
    ((proposal, _, events),) = await stored(stage)
    assert proposal.state is State.STOPPED
    assert [event.deed for event in events if event.deed is not Deed.ITEM][-3:] == [
        Deed.STOPPED,
        Deed.RESUMED,
        Deed.FINISHED,
    ]
