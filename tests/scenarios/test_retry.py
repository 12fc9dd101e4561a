"""Trying again what has failed: who may and until when, once only, on a card of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.proposal import Deed
from bot.registry import Patience
from sandbox.acr import Fault
from sandbox.slack import Message, text_of
from tests.scenarios.process import running_process
from tests.scenarios.stage import KIM, OPS, QUICK, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_process import killed_at, outcomes, stored

BRIEF = Patience(tries=2, total=30.0, attempt=20.0, first_wait=0.02, longest_wait=0.05)
# A run in which a manifest keeps failing is not held up by it for long.
PACE = replace(QUICK, patience=timedelta(seconds=20))


@pytest.fixture
async def stage(transport: str) -> AsyncIterator[Stage]:
    """Give a stage whose app has little patience with a single request."""
    async with make_stage(transport) as stage, stage.running(PACE, patience=BRIEF):
        yield stage


def seed(stage: Stage, count: int = 6) -> list[str]:
    """Put untagged manifests into ``myrepo``, and one that stays."""
    old = days_ago(9)
    stage.registry.push_image("myrepo", tags=["v1"], media="docker", updated=old)
    return [stage.registry.push_image("myrepo", media="docker", updated=old) for _ in range(count)]


def spoil(stage: Stage, digests: Iterable[str], status: int = 500) -> None:
    """Let the deletes of these fail."""
    for digest in digests:
        stage.acr.faults.add(Fault(status=status, kind="delete_manifest", path=digest))


async def failed_run(stage: Stage, failing: Iterable[str], status: int = 500) -> Message:
    """Run a proposal by Riley, approved by Sam, in which these fail, and give its card."""
    spoil(stage, failing, status)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    await stage.until(card, "[Retry")
    stage.acr.faults.clear()
    return card


async def second_card(stage: Stage, card: Message) -> Message:
    """Wait for the card of the second try, until its run is over."""
    await stage.slack.wait_for(lambda: len(stage.cards()) == 2, timeout=20)
    (second,) = [one for one in stage.cards() if one is not card]
    await stage.settled(second)
    return second


def deeds(stage: Stage) -> list[tuple[str, str]]:
    """Give the deeds on record that are of people, without those about single items."""
    found = [(event["deed"], event["actor"]) for event in stage.events()]
    return [(deed, actor) for deed, actor in found if actor != "app"]


async def test_an_approver_has_it_tried_again(stage: Stage) -> None:
    """Exactly what failed is done again, as a new decision, on a card of its own that both cards lead to."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:2])
    assert "[Retry 2 failed]" in text_of(card)
    stage.registry.push_image("myrepo", media="docker", updated=days_ago(9))  # nobody has approved this one
    await stage.kim.click(card, "retry")
    second = await second_card(stage, card)
    text = text_of(second)
    assert "Deleted all 2 untagged manifests" in text
    assert "<@U0KIM> asked for it" in text
    assert outcomes(stage, second) == dict.fromkeys(loose[:2], "deleted")
    assert len(stage.registry.digests("myrepo")) == 2
    await stage.until(card, "<@U0KIM> has what failed tried again")
    assert "[Retry" not in text_of(card)
    told = await thread_says(stage, card, "has what could not be done tried again (2 items)")
    assert f"/p{second.ts.replace('.', '')}" in told
    assert deeds(stage)[-3:] == [(Deed.RETRIED, "U0KIM"), (Deed.PROPOSED, "U0KIM"), (Deed.APPROVED, "U0KIM")]


async def thread_says(stage: Stage, card: Message, words: str) -> str:
    """Wait until a card's thread says something, and give that message."""

    def found() -> list[str]:
        return [text_of(message) for message in stage.olu.thread(OPS, card.ts) if words in text_of(message)]

    await stage.slack.wait_for(found, timeout=20)
    return found()[0]


async def test_what_a_failed_one_held_back_is_done_too(stage: Stage) -> None:
    """The platforms of an index that could not be deleted were approved as well, and go with it."""
    seed(stage, 1)
    index = stage.registry.push_multi_arch("myrepo", layers=[700], updated=days_ago(9))
    card = await failed_run(stage, [index])
    held = {digest for digest, outcome in outcomes(stage, card).items() if outcome == "skipped"}
    assert len(held) == 2
    assert "[Retry 1 failed]" in text_of(card)
    await stage.sam.click(card, "retry")
    second = await second_card(stage, card)
    assert outcomes(stage, second) == dict.fromkeys({index, *held}, "deleted")
    assert len(stage.registry.digests("myrepo")) == 1
    await thread_says(stage, card, "has what could not be done tried again (3 items)")


async def test_all_who_approved_are_named_where_their_decision_stands(transport: str) -> None:
    """On the card of the second try and of the third, and on record."""
    async with make_stage(transport) as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"approvals": {"required": 2}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running(PACE, patience=BRIEF):
            loose = seed(stage, 3)
            spoil(stage, loose[:2])
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.sam.click(card, "approve")
            await stage.until(card, "1 of 2")
            await stage.kim.click(card, "approve")
            await stage.settled(card)
            await stage.until(card, "[Retry 2 failed]")
            known = [card]
            for _ in range(2):
                await stage.riley.click(known[-1], "retry")
                await stage.slack.wait_for(lambda: len(stage.cards()) > len(known), timeout=20)
                (another,) = [one for one in stage.cards() if one not in known]
                known.append(another)
                await stage.settled(another)
                await stage.until(another, "[Retry 2 failed]")
                assert f"<@{SAM}> and <@{KIM}>" in text_of(another)
            repeats = [event for event in stage.events() if event["deed"] == Deed.PROPOSED and event.get("retry_of")]
            assert [event["votes"] for event in repeats] == [sorted([SAM, KIM])] * 2


async def test_the_requester_may_for_an_hour(stage: Stage) -> None:
    """The decision that was taken still stands then, and the record does not claim another."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:1])
    stage.clock_ahead = timedelta(minutes=55)
    await stage.riley.click(card, "retry")
    text = text_of(await second_card(stage, card))
    assert "Deleted 1 untagged manifest" in text
    assert f"<@{SAM}>" in text
    assert deeds(stage)[-2:] == [(Deed.RETRIED, RILEY), (Deed.PROPOSED, RILEY)]


async def test_later_it_needs_a_new_decision(stage: Stage) -> None:
    """After an hour the requester is refused, and an approver decides anew."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:1])
    stage.clock_ahead = timedelta(minutes=65)
    text = await stage.private_after(stage.riley, stage.riley.click(card, "retry"), "needs a new decision")
    assert f"<@{SAM}>" in text
    assert len(stage.cards()) == 1
    await stage.sam.click(card, "retry")
    await second_card(stage, card)
    assert loose[0] not in stage.registry.digests("myrepo")
    assert deeds(stage)[-1] == (Deed.APPROVED, SAM)


async def test_repeating_does_not_keep_a_decision_alive(stage: Stage) -> None:
    """The hour is counted from the run that somebody decided on, however often the requester has it tried again."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:1])
    stage.clock_ahead = timedelta(minutes=40)
    spoil(stage, loose[:1])
    await stage.riley.click(card, "retry")
    second = await second_card(stage, card)
    await stage.until(second, "[Retry 1 failed]")
    stage.clock_ahead = timedelta(minutes=80)
    await stage.private_after(stage.riley, stage.riley.click(second, "retry"), "needs a new decision")


async def test_an_outsider_may_not(stage: Stage) -> None:
    """Anybody else is refused privately, with those who can, and nothing is tried."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:1])
    text = await stage.private_after(stage.olu, stage.olu.click(card, "retry"), "not one of those who may")
    assert f"<@{RILEY}>" in text
    assert f"<@{SAM}>" in text
    assert "[Retry" in text_of(card)
    assert loose[0] in stage.registry.digests("myrepo")


async def test_of_many_clicks_one_counts(stage: Stage) -> None:
    """Clicks at the same moment are one second try; each of the others gets an answer, and so does a late one."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:3])
    people = [stage.sam, stage.kim, stage.sam, stage.kim]
    await asyncio.gather(*(person.click(card, "retry") for person in people))
    await second_card(stage, card)

    def answers() -> int:
        told = {id(m) for p in people for m in p.messages(OPS) if m.only_for == p.id and "again already" in text_of(m)}
        return len(told)

    await stage.slack.wait_for(lambda: answers() == 3, timeout=20)
    await stage.private_after(stage.riley, stage.riley.click(card, "retry", stale=True), "again already")
    assert len(stage.cards()) == 2
    assert [deed for deed, _ in deeds(stage)].count(Deed.RETRIED) == 1
    assert not set(loose) & stage.registry.digests("myrepo")


async def test_it_is_judged_again_first(stage: Stage) -> None:
    """What has been put to use since is skipped, as in any run."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:2])
    stage.registry.tag("myrepo", loose[0], "v2")
    await stage.sam.click(card, "retry")
    text = text_of(await second_card(stage, card))
    assert "Deleted 1 of 2" in text
    assert loose[0] in stage.registry.digests("myrepo")
    assert loose[1] not in stage.registry.digests("myrepo")


async def test_another_list_is_not_tried(stage: Stage) -> None:
    """A button that was made up, or of another list, tries nothing."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:1])
    elements: list[dict[str, Any]] = [e for block in card.blocks for e in block.get("elements", [])]
    button = next(element for element in elements if element.get("action_id") == "retry")
    button["value"] = json.dumps(json.loads(button["value"]) | {"sum": "0" * 32})
    await stage.private_after(stage.sam, stage.sam.click(card, "retry"), "This card has changed since")
    assert loose[0] in stage.registry.digests("myrepo")


@pytest.mark.slow
async def test_kill_9_before_the_second_card_is_posted() -> None:
    """What was handed over is carried out by the next start, and shown with its end on one card."""
    async with make_stage("http") as stage:
        async with running_process(stage) as app:
            loose = seed(stage)
            # Nothing that would pass by itself, so that it is not tried again before it counts as failed.
            card = await failed_run(stage, loose[:2], status=400)
            await killed_at(stage, app, stage.sam.click(card, "retry"), "chat.postMessage")
        assert len(stage.cards()) == 1
        # A card that is on its way would be posted twice: a later start waits a minute before it takes one for lost.
        stage.clock_ahead = timedelta(minutes=2)
        async with stage.running(PACE):
            second = await second_card(stage, card)
            assert "Deleted all 2 untagged manifests" in text_of(second)
            assert not set(loose) & stage.registry.digests("myrepo")
        first, repeat = [proposal for proposal, _, _ in await stored(stage)]
        assert repeat.retry_of == first.id
        assert len(stage.cards()) == 2


async def test_where_no_card_can_be_posted_nothing_is_tried(stage: Stage) -> None:
    """What nobody would see does not run, and whoever clicked hears why."""
    loose = seed(stage)
    card = await failed_run(stage, loose[:1])
    # Its deletes take longer than the answer about the card.
    stage.acr.faults.add(Fault(action="hang", kind="delete_manifest", seconds=1.0))
    stage.slack.fail("chat.postMessage", error="restricted_action")
    await stage.private_after(stage.sam, stage.sam.click(card, "retry"), "Slack did not take the card")
    await stage.slack.wait_for(lambda: Deed.STOPPED in [event["deed"] for event in stage.events()], timeout=20)
    await stage.slack.settle(0.5)
    assert loose[0] in stage.registry.digests("myrepo")
    assert len(stage.cards()) == 1
