"""Rejecting: a reason is asked for, and stands wherever people look."""

import asyncio
import json
from datetime import timedelta

import pytest

from handlers import rejecting
from sandbox.slack import Message, check_message, text_of
from tests.scenarios.reading import read
from tests.scenarios.rejecting import WHY, reason_form, reject
from tests.scenarios.stage import KIM, OPS, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_approvals import LATER
from tests.scenarios.test_audit_command import record

over_http = pytest.mark.parametrize("transport", ["http"])


def seed(stage: Stage) -> set[str]:
    """Put two untagged manifests into ``myrepo``."""
    return {stage.registry.push_image("myrepo", layers=[layer], updated=days_ago(9)) for layer in (1, 2)}


async def proposed(stage: Stage) -> Message:
    """Give the card of a proposal by Riley."""
    return await stage.propose(stage.riley, "/acr untagged myrepo")


def thread(stage: Stage, card: Message) -> list[str]:
    """Give what stands in a card's thread."""
    return [read(message) for message in stage.riley.thread(OPS, card.ts)[1:] if message.blocks]


async def test_the_reason_stands_wherever_people_look(stage: Stage) -> None:
    """On the card, in the thread for whoever asked, in their Home tab, on record and in its file."""
    loose = seed(stage)
    card = await proposed(stage)
    view = await reason_form(stage, stage.sam, card)
    assert check_message(view.definition, "modal") == []
    assert view.title == "Reject"
    shown = json.dumps(view.blocks)
    assert "*Delete 2 untagged manifests* in `myrepo`" in shown
    assert f"Asked by <@{RILEY}>" in shown
    assert "[Approve]" in text_of(card), "the form alone decides nothing"
    assert (await stage.sam.submit(view, {"reason": WHY})).ok
    assert stage.sam.view is None
    text = await stage.until(card, "Rejected:")
    assert f"Rejected by <@{SAM}>: {WHY}" in text
    assert "[Approve]" not in text
    await stage.slack.wait_for(lambda: thread(stage, card), timeout=15)
    (said,) = thread(stage, card)
    assert f"<@{RILEY}>, <@{SAM}> has rejected this: *Delete 2 untagged manifests* in `myrepo`" in said
    assert WHY in said
    assert not stage.riley.messages(stage.riley.dm)
    await stage.riley.open_home()
    await stage.slack.wait_for(lambda: stage.riley.home is not None, timeout=15)
    home = stage.riley.home
    assert home is not None
    assert f"Rejected by <@{SAM}>: {WHY}" in text_of(home)
    (event,) = [event for event in stage.events() if event["deed"] == "rejected"]
    assert (event["actor"], event["reason"]) == (SAM, WHY)
    assert WHY in str(await record(stage, "--repo myrepo"))
    assert stage.registry.digests("myrepo") == loose


REASONS = [
    "<!channel> *no* `x` <@U0OLU> <https://evil.example|here> &amp;",
    "\u201cNot yet\u201d \u2014 it\u2019s Kim\u2019s \U0001f642\nSee the runbook.",
    "_no_ ~no~ :tada: =1+1",
    "\u05dc\u05d0 \u202e yet",
]


@pytest.mark.parametrize("reason", REASONS)
@over_http
async def test_a_reason_is_shown_as_text(stage: Stage, reason: str) -> None:
    """Whatever stands in it pings nobody and formats nothing, and is there to read on the card and in the thread."""
    seed(stage)
    card = await proposed(stage)
    await reject(stage, stage.sam, card, reason)
    await stage.until(card, "Rejected:")
    await stage.slack.wait_for(lambda: thread(stage, card), timeout=15)
    reply = stage.riley.thread(OPS, card.ts)[-1]
    for message in (card, reply):
        assert check_message({"text": message.text, "blocks": message.blocks}, "message") == []
        literal = [
            element["text"]
            for block in message.blocks
            if block["type"] == "rich_text"
            for part in block["elements"]
            for element in part["elements"]
            if element["type"] == "text"
        ]
        plain = reason.replace("\u202e", "\\u202e")
        assert any(plain in text for text in literal), literal
        for mark in ("<!channel>", "<@U0OLU>", "<https://evil"):
            assert mark not in message.text
            assert mark not in json.dumps([b for b in message.blocks if b["type"] != "rich_text"])
    (event,) = [event for event in stage.events() if event["deed"] == "rejected"]
    assert event["reason"] == reason


@pytest.mark.parametrize("empty", [" ", "\u200b\u200b", "\n\t"])
@over_http
async def test_a_reason_is_required(stage: Stage, empty: str) -> None:
    """One that nobody could read is refused at the field, and the form stays open."""
    seed(stage)
    card = await proposed(stage)
    view = await reason_form(stage, stage.sam, card)
    assert (await stage.sam.submit(view, {"reason": ""})).errors
    outcome = await stage.sam.submit(view, {"reason": empty})
    assert "A reason is missing. Say in a few words why not" in outcome.errors.get("reason", "")
    assert "[Approve]" in text_of(card)
    assert (await stage.sam.submit(view, {"reason": WHY})).ok
    await stage.until(card, WHY)


async def test_only_approvers_are_asked_why(stage: Stage) -> None:
    """Whoever may not reject is told so at the click, and gets no form; the requester hears that they can withdraw."""
    seed(stage)
    card = await proposed(stage)
    said = await stage.private_after(stage.olu, stage.olu.click(card, "reject"), "not one of those who may reject")
    assert f"Those who can: <@{SAM}>" in said
    await stage.private_after(stage.riley, stage.riley.click(card, "reject"), "You can withdraw it.")
    assert stage.olu.view is stage.riley.view is None
    assert [event["deed"] for event in stage.events()] == ["proposed", "refused", "refused"]


@over_http
async def test_the_right_is_looked_up_again_at_submit(stage: Stage) -> None:
    """Who has left the group while the form was open rejects nothing, and reads why in its place."""
    seed(stage)
    card = await proposed(stage)
    view = await reason_form(stage, stage.kim, card)
    stage.slack.workspace.groups["S0PLATFORM"].users.remove(KIM)
    stage.clock_ahead += LATER
    assert (await stage.kim.submit(view, {"reason": WHY})).ok
    assert view.title == "Not rejected"
    shown = json.dumps(view.blocks)
    assert "not one of those who may reject" in shown
    assert WHY in shown, "what was written is not lost"
    assert "[Approve]" in text_of(card)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("approve", "This was approved"),
        ("withdraw", "This was withdrawn"),
        ("reject", "This was rejected"),
        ("expire", "expired"),
    ],
)
@over_http
async def test_what_was_decided_meanwhile_stays_so(stage: Stage, end: str, words: str) -> None:
    """A form sent after that is answered as a late click is, and what was written can be copied from it."""
    seed(stage)
    card = await proposed(stage)
    view = await reason_form(stage, stage.sam, card)
    if end == "reject":
        await reject(stage, stage.kim, card, "Mine.")
        await stage.until(card, "Mine.")
    elif end == "expire":
        stage.clock_ahead = timedelta(hours=73)
    else:
        await (stage.kim if end == "approve" else stage.riley).click(card, end)
        await (stage.settled(card) if end == "approve" else stage.until(card, "ithdrawn"))
    assert (await stage.sam.submit(view, {"reason": WHY})).ok
    assert view.title == "Not rejected"
    shown = json.dumps(view.blocks)
    assert words in shown
    assert WHY in shown
    assert WHY not in text_of(card)


async def test_of_two_forms_one_rejects(stage: Stage) -> None:
    """Two people send theirs at once: one reason stands, and the other is told."""
    seed(stage)
    card = await proposed(stage)
    one, other = await reason_form(stage, stage.sam, card), await reason_form(stage, stage.kim, card)
    await asyncio.gather(stage.sam.submit(one, {"reason": "One."}), stage.kim.submit(other, {"reason": "Other."}))
    text = await stage.until(card, "Rejected:")
    assert ("One." in text) != ("Other." in text)
    assert [view.title for view in (one, other)].count("Not rejected") == 1
    assert [event["deed"] for event in stage.events()].count("rejected") == 1


@over_http
async def test_where_the_thread_takes_nothing_it_comes_directly(stage: Stage) -> None:
    """Whoever asked gets the reason as a direct message, with a link to the card."""
    seed(stage)
    card = await proposed(stage)
    stage.slack.fail("chat.postMessage", "not_in_channel", match=lambda call: "thread_ts" in call)
    await reject(stage, stage.sam, card)
    dm = stage.riley.dm
    await stage.slack.wait_for(lambda: stage.riley.messages(dm), timeout=15)
    said = read(stage.riley.messages(dm)[0])
    assert WHY in said
    assert "The card" in said


@over_http
async def test_who_rejects_their_own_is_not_told(stage: Stage) -> None:
    """An approver may reject what they proposed, and needs no message about it."""
    seed(stage)
    card = await stage.propose(stage.sam, "/acr untagged myrepo")
    await reject(stage, stage.sam, card)
    await stage.until(card, WHY)
    await stage.slack.settle(0.3)
    assert thread(stage, card) == []


async def test_rejecting_at_home(stage: Stage) -> None:
    """The button in the Home tab asks for the reason as well, and says on top what came of it."""
    seed(stage)
    card = await proposed(stage)
    await stage.sam.open_home()
    await stage.slack.wait_for(lambda: stage.sam.home is not None, timeout=15)
    home = stage.sam.home
    assert home is not None
    await reject(stage, stage.sam, home)
    assert WHY in await stage.until(card, "Rejected:")
    await stage.slack.wait_for(lambda: "You have rejected the" in text_of(home), timeout=15)
    await stage.slack.wait_for(lambda: thread(stage, card), timeout=15)


async def test_while_slack_is_slow_the_form_opens_all_the_same(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a group may outlast the three seconds: the form opens first, and is filled or says who may."""
    monkeypatch.setattr(rejecting, "OPEN_SECONDS", 0.05)
    monkeypatch.setattr(rejecting, "ANSWER_SECONDS", 0.05)
    async with make_stage(transport, approvers=("S0PLATFORM",)) as stage:
        async with stage.running():
            seed(stage)
            card = await proposed(stage)
        async with stage.running():
            stage.slack.fail("usergroups.users.list", delay=0.5)
            await stage.olu.click(card, "reject")
            await stage.slack.wait_for(lambda: stage.olu.view and stage.olu.view.title == "Not rejected", timeout=15)
            assert stage.olu.view is not None
            assert "not one of those who may reject" in json.dumps(stage.olu.view.blocks)
        async with stage.running():
            stage.slack.fail("usergroups.users.list", delay=0.5)
            view = await reason_form(stage, stage.kim, card)
        async with stage.running():
            stage.slack.fail("usergroups.users.list", delay=0.5)
            assert (await stage.kim.submit(view, {"reason": WHY})).ok
            assert WHY in await stage.until(card, "Rejected:")
            await stage.slack.wait_for(lambda: view.title == "Rejected", timeout=15)


@over_http
async def test_a_form_that_can_not_be_opened_in_time_says_so(stage: Stage) -> None:
    """The click changed nothing, and another one will do."""
    seed(stage)
    card = await proposed(stage)
    stage.slack.fail("views.open", error="expired_trigger_id")
    said = await stage.private_after(stage.sam, stage.sam.click(card, "reject"), "could not be opened in time")
    assert "Click Reject once more." in said
    await reject(stage, stage.sam, card)
    await stage.until(card, WHY)
