"""Slack in trouble: no answer is lost, no card is left out of date, and forged or replayed requests do nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.domain.proposal import State
from bot.store import Store
from sandbox.slack import Delivery, Human, Message, check_message, text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage


def seed(stage: Stage, count: int = 3) -> tuple[set[str], str]:
    """Put some untagged manifests and a tagged one into ``myrepo``."""
    loose = {
        stage.registry.push_image("myrepo", layers=[n + 1], media="docker", updated=days_ago(9)) for n in range(count)
    }
    return loose, stage.registry.push_image("myrepo", tags=["v1"], layers=[900], updated=days_ago(9))


async def only_state(stage: Stage) -> State:
    """Give the state of the only proposal, read from the database after the app has ended."""
    store = await Store.open(stage.environ["DATABASE_URL"])
    try:
        (one,) = {event.proposal for event in await store.events.list()} - {""}  # a refusal is of none
        found = await store.proposals.get(one)
    finally:
        await store.close()
    assert found is not None
    return found.state


def has_blocks(arguments: dict[str, Any]) -> bool:
    """Whether a call carries any block."""
    return bool(arguments.get("blocks")) and arguments["blocks"] != "[]"


def has_new_blocks(arguments: dict[str, Any]) -> bool:
    """Whether a call carries a kind of block that is younger than sections and buttons."""
    return any(f'"{kind}"' in str(arguments.get("blocks")).replace("'", '"') for kind in ("table", "rich_text"))


# Too many calls


async def test_slack_may_ask_for_pauses(stage: Stage) -> None:
    """A 429 with ``Retry-After`` on any call of the main job is waited for, and nobody notices."""
    loose, keep = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    for method in ("chat.postMessage", "usergroups.users.list", "files.getUploadURLExternal"):
        stage.slack.fail(method, status=429, retry_after=1)
    stage.slack.fail("chat.update", status=429, retry_after=1, times=2)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    await stage.kim.click(card, "approve")
    assert f"Deleted all {len(loose)} untagged manifests" in await stage.settled(card)
    assert stage.registry.digests("myrepo") == {keep}
    assert [call.status for call in stage.slack.calls].count(429) == 5


# Posting the card


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("channel_not_found", "/invite @acr-janitor"),
        ("not_in_channel", "/invite @acr-janitor"),
        ("is_archived", "is archived"),
        ("restricted_action", "restricted_action"),
    ],
)
async def test_a_card_that_cannot_be_posted_leaves_nothing_open(transport: str, error: str, words: str) -> None:
    """Who proposed learns why and what to do, the proposal is withdrawn, and the same can be proposed again."""
    async with make_stage(transport) as stage:
        async with stage.running():
            loose, _ = seed(stage)
            answer = await stage.ask(stage.riley, "/acr untagged myrepo")
            stage.slack.fail("chat.postMessage", error=error)
            text = await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "nothing was proposed")
            assert words in text
            assert stage.cards() == []
        assert await only_state(stage) is State.WITHDRAWN
        async with stage.running():
            assert "[Approve]" in text_of(await stage.propose(stage.riley, "/acr untagged myrepo"))
            assert loose <= stage.registry.digests("myrepo")


async def test_without_files_the_card_still_works(stage: Stage) -> None:
    """Where the app may not upload files, the thread says so with the scope that is missing, and the run goes on."""
    loose, keep = seed(stage)
    assert stage.slack.core.scopes is not None
    stage.slack.core.scopes -= {"files:write"}
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    await stage.riley.click(answer, "propose")
    await stage.slack.wait_for(stage.cards)
    (card,) = stage.cards()
    await replies(stage, card, "plan.csv could not be attached: Slack said missing_scope (files:write)")
    await stage.sam.click(card, "approve")
    await replies(stage, card, "outcome.csv could not be attached: Slack said missing_scope (files:write)")
    assert f"Deleted all {len(loose)}" in text_of(card)
    assert stage.registry.digests("myrepo") == {keep}


async def replies(stage: Stage, card: Message, words: str) -> None:
    """Wait until a card's thread says something."""
    await stage.slack.wait_for(
        lambda: any(words in text_of(message) for message in stage.olu.thread(OPS, card.ts)), timeout=20
    )


# Private answers


@pytest.mark.parametrize(("error", "status"), [("used_url", 404), ("expired_url", 404), (None, 500)])
async def test_an_answer_arrives_without_its_response_url(stage: Stage, error: str | None, status: int) -> None:
    """Where a response URL is used up or fails, the same answer comes as an ephemeral message."""
    seed(stage)
    stage.slack.fail("response_url", error=error, status=status, times=100)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    assert "could go" in text_of(answer)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may")
    assert "is not the name" in text_of(await stage.ask(stage.riley, "/acr untagged MyRepo"))
    assert stage.slack.calls_of("chat.postEphemeral")


@pytest.mark.parametrize("way", ["response_url", "chat.postEphemeral"])
async def test_an_answer_whose_blocks_are_refused_comes_plainer(stage: Stage, way: str) -> None:
    """In a workspace that does not know the newest blocks the answer says the same, and keeps its button."""
    seed(stage)
    if way == "chat.postEphemeral":
        stage.slack.fail("response_url", error="used_url", status=404, times=100)
    stage.slack.fail(way, error="invalid_blocks", status=400 if way == "response_url" else 200, match=has_new_blocks)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    text = text_of(answer)
    assert "3 of 4 manifests" in text
    assert "1 tagged" in text
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    assert "[Approve]" in text_of(await stage.card_after(stage.riley.click(answer, "propose")))


@pytest.mark.parametrize("way", ["response_url", "chat.postEphemeral"])
async def test_an_answer_none_of_whose_blocks_is_taken_comes_as_text(stage: Stage, way: str) -> None:
    """Whatever Slack has against blocks, the words arrive."""
    seed(stage)
    if way == "chat.postEphemeral":
        stage.slack.fail("response_url", error="used_url", status=404, times=100)
    status = 400 if way == "response_url" else 200
    stage.slack.fail(way, error="invalid_blocks", status=status, match=has_blocks, times=100)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    assert answer.blocks == []
    assert "3 of 4 manifests" in text_of(answer)
    assert "is not the name of a repository" in text_of(await stage.ask(stage.riley, "/acr untagged MyRepo"))


# The card


async def test_a_card_whose_blocks_are_refused_comes_plainer(stage: Stage) -> None:
    """The card is posted and redrawn without the newest blocks, with its buttons while it is open."""
    loose, keep = seed(stage)
    for method in ("chat.postMessage", "chat.update"):
        stage.slack.fail(method, error="invalid_blocks", match=has_new_blocks, times=100)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    text = text_of(card)
    assert f"Delete {len(loose)} untagged manifests" in text
    assert "can't be recovered" in text
    assert "[Approve]" in text
    assert {block["type"] for block in card.blocks} == {"section", "actions"}
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert f"Deleted all {len(loose)} untagged manifests" in text
    assert "[Approve]" not in text
    assert stage.registry.digests("myrepo") == {keep}


async def test_a_card_that_can_have_no_buttons_is_not_posted(stage: Stage) -> None:
    """A question that nobody could answer is not asked: who proposed is told that Slack did not take it."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    stage.slack.fail("chat.postMessage", error="invalid_blocks", match=has_blocks, times=100)
    await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "said invalid_blocks")
    assert stage.cards() == []


async def test_a_record_ends_as_text_where_no_block_is_taken(stage: Stage) -> None:
    """A card's buttons go in the end even if Slack takes no block of its record."""
    loose, _ = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.slack.fail("chat.update", error="invalid_blocks", match=has_blocks, times=100)
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert card.blocks == []
    assert f"Deleted all {len(loose)} untagged manifests" in text


async def test_a_card_deleted_during_the_run_comes_back_as_a_record(stage: Stage) -> None:
    """The run goes on without its card, and how it ended is posted anew, with its file."""
    loose, keep = seed(stage, 30)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.acr.options.latency = 0.05
    await stage.sam.click(card, "approve")
    await stage.slack.wait_for(lambda: stage.acr.log.count("delete_manifest") > 2, timeout=15)
    stage.slack.workspace.delete(card)
    assert stage.registry.digests("myrepo") & loose, "it was not in the middle"
    await stage.slack.wait_for(stage.cards, timeout=20)
    (record,) = stage.cards()
    assert f"Deleted all {len(loose)} untagged manifests" in await stage.settled(record)
    assert "[Approve]" not in text_of(record)
    assert stage.registry.digests("myrepo") == {keep}


async def test_an_open_card_that_was_deleted_comes_back_when_it_is_proposed_again(stage: Stage) -> None:
    """Nobody is stuck with a proposal that nobody can see: its card is posted again, with its list."""
    loose, keep = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.slack.settle(0.5)
    stage.slack.workspace.delete(card)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "has proposed this already")
    await stage.slack.wait_for(lambda: stage.cards() and stage.files(stage.cards()[0]), timeout=15)
    (again,) = stage.cards()
    await stage.sam.click(again, "approve")
    assert f"Deleted all {len(loose)}" in await stage.settled(again)
    assert stage.registry.digests("myrepo") == {keep}


async def test_a_card_that_could_not_be_drawn_is_drawn_at_the_next_start(transport: str) -> None:
    """While Slack takes no update the run goes on; what the card should show is not forgotten."""
    async with make_stage(transport) as stage:
        async with stage.running():
            loose, keep = seed(stage)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.slack.fail("chat.update", error="fatal_error", times=10_000)
            await stage.sam.click(card, "approve")
            await stage.slack.wait_for(lambda: stage.registry.digests("myrepo") == {keep}, timeout=20)
        assert "[Approve]" in text_of(card)
        stage.slack.core.faults.clear()
        async with stage.running():
            assert f"Deleted all {len(loose)} untagged manifests" in await stage.settled(card)


async def test_the_outcome_is_told_once(stage: Stage) -> None:
    """Late clicks redraw the card, and bring no second file into its thread."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    for person in (stage.sam, stage.kim):
        await stage.private_after(person, person.click(card, "approve", stale=True), "has been carried out")
    await stage.slack.settle(0.5)
    files = [file.name for message in stage.olu.thread(OPS, card.ts) for file in message.files]
    assert len(files) == len(set(files)) == 2


# Forged, late and replayed requests


async def test_a_forged_or_late_request_does_nothing() -> None:
    """What is not signed by Slack's secret within five minutes gets 401, and is looked at no further."""
    async with make_stage("http") as stage, stage.running() as app:
        loose, keep = seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.olu.click(card, "approve")
        refusal = stage.slack.last_delivery
        body = refusal.body.replace(b"U0OLU", b"U0SAM")  # what Olu would send to decide in Sam's name
        await stage.slack.settle()
        calls, requests, seen = len(stage.slack.calls), len(stage.acr.log), len(stage.sam.messages(OPS))
        headers = {"Content-Type": refusal.headers["Content-Type"]}
        now = int(refusal.headers["X-Slack-Request-Timestamp"])
        forgeries = {
            "no signature": {},
            "another secret": stage.slack.signed(body, secret="not-the-secret"),
            "the signature of another body": {k: v for k, v in refusal.headers.items() if k.startswith("X-Slack")},
            "ten minutes late": stage.slack.signed(body, timestamp=now - 600),
            "ten minutes early": stage.slack.signed(body, timestamp=now + 600),
            "a time that is none": {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "soon"},
            "an encoding that is none": {"Content-Type": "text/plain; charset=nosuch"},
        }
        async with aiohttp.ClientSession() as session:
            for name, signature in forgeries.items():
                async with session.post(
                    f"{app.address}/slack/events", data=body, headers=headers | signature
                ) as answer:
                    assert answer.status == 401, name
                    assert "Traceback" not in await answer.text()
            async with session.post(f"{app.address}/slack/events", data=b"\xff\xfe") as answer:
                assert answer.status == 401
        await stage.slack.settle()
        assert len(stage.slack.calls) == calls
        assert len(stage.acr.log) == requests
        assert len(stage.sam.messages(OPS)) == seen
        assert "[Approve]" in text_of(card)
        assert stage.registry.digests("myrepo") == loose | {keep}


async def test_a_replayed_request_has_no_second_effect(stage: Stage) -> None:
    """The very same bytes again, within five minutes: no second answer, no second card, no second run."""
    loose, keep = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    look = stage.slack.last_delivery
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    propose = stage.slack.last_delivery
    await reject(stage, stage.sam, card)
    rejected = stage.slack.last_delivery
    await stage.until(card, "ejected")
    other = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(other, "approve")
    approve = stage.slack.last_delivery
    await stage.settled(other)
    await stage.until(other, "checked, ")  # the last that it hears of
    await stage.slack.settle(0.5)

    before = everything_seen(stage)
    stage.registry.push_image("myrepo", layers=[77], updated=days_ago(9))
    there = stage.registry.digests("myrepo")
    for delivery in (look, propose, rejected, approve):
        replayed = await stage.slack.replay(delivery)
        assert replayed.failure is None
    await stage.slack.settle(0.5)
    assert everything_seen(stage) == before
    assert stage.registry.digests("myrepo") == there
    assert keep in there
    assert not loose & there


async def test_a_replay_after_a_restart_has_no_second_effect(transport: str) -> None:
    """An app that remembers no requests still decides once: the replay is answered with what became of it."""
    async with make_stage(transport) as stage:
        async with stage.running():
            seed(stage)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.sam.click(card, "approve")
            approve = stage.slack.last_delivery
            await stage.settled(card)
        there = {stage.registry.push_image("myrepo", layers=[77], updated=days_ago(9))}
        there |= stage.registry.digests("myrepo")
        async with stage.running() as app:
            url = f"{app.address}/slack/events" if transport == "http" else ""
            await stage.private_after(
                stage.sam, replay(stage, replace(approve, url=url)), "approved by <@U0SAM> and has been carried out"
            )
        assert stage.registry.digests("myrepo") == there


async def replay(stage: Stage, delivery: Delivery) -> Any:
    """Bring a delivery again, as a move that ``private_after`` can wait for."""
    again = await stage.slack.replay(delivery)

    class Done:
        ok = again.failure is None

    return Done()


def everything_seen(stage: Stage) -> list[tuple[str, str]]:
    """Give all that the people see in the channel and its threads."""
    people: list[Human] = [stage.riley, stage.sam, stage.kim, stage.olu]
    return [(person.id, text_of(message)) for person in people for message in seen_by(stage, person)]


def seen_by(stage: Stage, person: Human) -> list[Message]:
    """Give what one person sees in the channel, threads included."""
    return list(stage.slack.workspace.seen_by(person.id, OPS))


async def test_many_people_at_once_all_get_their_answer(stage: Stage) -> None:
    """Answers that are waited for at the same time do not get into each other's way."""
    seed(stage)
    stage.acr.options.latency = 0.05
    people = [stage.riley, stage.sam, stage.kim, stage.olu]
    answers = await asyncio.gather(*(stage.ask(person, "/acr untagged myrepo") for person in people))
    assert all("3 of 4 manifests" in text_of(answer) for answer in answers)
    assert [answer.only_for for answer in answers] == [person.id for person in people]
