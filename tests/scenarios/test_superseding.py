"""A newer proposal for the same repository and rule asks before it takes the place of an older one."""

import asyncio
from typing import Any

import pytest

from sandbox.slack import Human, Message, check_message, text_of
from tests.scenarios.every import action_ids
from tests.scenarios.reading import read
from tests.scenarios.stage import KIM, OLU, OPS, RILEY, SAM, Stage, days_ago
from tests.scenarios.test_approvals import LATER, staged

over_http = pytest.mark.parametrize("transport", ["http"])
UNTAGGED = "/acr untagged myrepo"


def push(stage: Stage, *layers: int) -> None:
    """Put untagged manifests into ``myrepo``."""
    for layer in layers:
        stage.registry.push_image("myrepo", layers=[layer], updated=days_ago(60))


async def asked(stage: Stage, person: Human, click: Any) -> Message:
    """Propose, and give the question that comes."""
    known = {id(message) for message in person.messages(OPS)}
    outcome = await click
    assert outcome.ok, outcome

    def questions() -> list[Message]:
        new = [m for m in person.messages(OPS) if id(m) not in known and m.only_for == person.id]
        return [m for m in new if "for the same rule" in text_of(m)]

    await stage.slack.wait_for(questions, timeout=15)
    (found,) = questions()
    assert check_message({"text": found.text, "blocks": found.blocks}, "message") == []
    return found


async def two(stage: Stage, newer: Human, line: str = UNTAGGED) -> tuple[Message, Message]:
    """Let Riley propose two manifests, and somebody else three; give the card and the question."""
    push(stage, 1, 2)
    card = await stage.propose(stage.riley, line)
    push(stage, 3)
    answer = await stage.ask(newer, line)
    return card, await asked(stage, newer, newer.click(answer, "propose"))


def ends(stage: Stage) -> list[tuple[str, str]]:
    """Give who has done what on record."""
    return [(event["actor"], event["deed"]) for event in stage.events() if event["deed"] != "item"]


@pytest.mark.parametrize("line", [UNTAGGED, "/acr old myrepo --older-than 30d --untagged"])
async def test_the_newer_one_takes_the_place_of_the_older(stage: Stage, line: str) -> None:
    """It asks with both figures; replacing closes the older card, whose buttons lead to the newer one."""
    older, question = await two(stage, stage.sam, line)
    text = read(question)
    assert f"<@{RILEY}> has <https://" in text
    assert "|an open proposal> for the same rule, of <!date^" in text
    assert "2 items in `myrepo`. Yours has *3 items*." in text
    assert len(stage.cards()) == 1, "nothing is proposed before it is answered"
    newer = await stage.card_after(stage.sam.click(question, "supersede.replace"))
    text = await stage.until(older, "|The newer proposal> has taken its place.")
    assert "*Replaced:* ~delete 2 untagged manifests~ in `myrepo`. Nothing was deleted." in text
    assert f"<@{SAM}>" in text
    assert "[Approve]" not in text
    said = read(newer)
    assert f"This replaces the proposal of <@{RILEY}>" in said
    assert "which had 2 items. Approvals of that one do not count here." in said
    assert "*Delete 3 untagged manifests*" in said
    for button, person in (("approve", stage.kim), ("reject", stage.kim), ("withdraw", stage.riley)):
        told = await stage.private_after(person, person.click(older, button, stale=True), "was replaced by")
        assert f"<@{SAM}> with a newer proposal" in told
        assert "Open the newer card" in told
    withdrawn, proposed = [e for e in stage.events() if e["deed"] in {"withdrawn", "proposed"}][1:]
    assert (withdrawn["actor"], proposed["actor"]) == (SAM, SAM)
    assert withdrawn["reason"] == "Replaced by a newer list with 3 items."
    assert proposed["replaces"]
    assert withdrawn["replaced_by"]
    await stage.kim.click(newer, "approve")
    await stage.settled(newer)
    assert stage.registry.digests("myrepo") == set()


@over_http
async def test_approvals_of_the_older_one_do_not_count(transport: str) -> None:
    """Where it takes two, an approval of the replaced list is none for the newer one."""
    async with staged(transport, {"required": 2, "approvers": [SAM, KIM, OLU]}) as stage:
        push(stage, 1, 2)
        older = await stage.propose(stage.riley, UNTAGGED)
        await stage.sam.click(older, "approve")
        await stage.until(older, "1 of 2")
        push(stage, 3)
        answer = await stage.ask(stage.riley, UNTAGGED)
        question = await asked(stage, stage.riley, stage.riley.click(answer, "propose"))
        newer = await stage.card_after(stage.riley.click(question, "supersede.replace"))
        assert "0 of 2" in text_of(newer)
        await stage.kim.click(newer, "approve")
        await stage.until(newer, f"1 of 2: <@{KIM}>")
        assert stage.acr.log.entries("delete_manifest") == []


async def test_who_may_not_replace_it_can_post_beside(stage: Stage) -> None:
    """Neither its requester nor an approver: there is no such button, and the other two work."""
    older, question = await two(stage, stage.olu)
    assert set(action_ids(question.blocks)) == {"supersede.beside", "supersede.keep"}
    assert f"<@{RILEY}>, or whoever may approve it, could replace it." in read(question)
    newer = await stage.card_after(stage.olu.click(question, "supersede.beside"))
    assert "This replaces" not in text_of(newer)
    assert "[Approve]" in text_of(older)
    assert "[Approve]" in text_of(newer)


@over_http
async def test_a_right_that_is_gone_by_then_replaces_nothing(stage: Stage) -> None:
    """Who may replace it is looked up again at the click."""
    older, question = await two(stage, stage.kim)
    stage.slack.workspace.groups["S0PLATFORM"].users.remove(KIM)
    stage.clock_ahead += LATER
    click = stage.kim.click(question, "supersede.replace")
    said = await stage.private_after(stage.kim, click, "can replace it")
    assert f"Only <@{RILEY}>, who proposed the older one, or somebody who may approve it" in said
    assert "[Approve]" in text_of(older)
    assert len(stage.cards()) == 1


async def test_keeping_the_older_one_proposes_nothing(stage: Stage) -> None:
    """The question gives way to a line that says so, and leads to the older card."""
    older, question = await two(stage, stage.sam)
    outcome = await stage.sam.click(question, "supersede.keep")
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: "stays as it is. Nothing new was proposed." in text_of(question), timeout=15)
    assert "[Approve]" in text_of(older)
    assert [deed for _, deed in ends(stage)] == ["proposed"]


@over_http
async def test_another_rule_or_repository_is_not_asked_about(stage: Stage) -> None:
    """Another age, another rule and another repository stand beside each other as before."""
    push(stage, 1, 2)
    await stage.propose(stage.riley, "/acr untagged myrepo")
    push(stage, 3)
    stage.registry.push_image("other", layers=[1], updated=days_ago(60))
    await stage.propose(stage.riley, "/acr old myrepo --older-than 30d --untagged")
    push(stage, 4)
    await stage.propose(stage.riley, "/acr old myrepo --older-than 10d --untagged")
    await stage.propose(stage.riley, "/acr untagged other")
    assert len(stage.cards()) == 4


async def test_two_who_replace_at_once_are_one(stage: Stage) -> None:
    """One newer proposal is made, and the other person is told."""
    older, question = await two(stage, stage.sam)
    answer = await stage.ask(stage.kim, UNTAGGED)
    other = await asked(stage, stage.kim, stage.kim.click(answer, "propose"))
    await asyncio.gather(stage.sam.click(question, "supersede.replace"), stage.kim.click(other, "supersede.replace"))
    await stage.until(older, "Replaced:")
    refused = {(SAM, "refused"), (KIM, "refused")}
    await stage.slack.wait_for(lambda: len(refused & set(ends(stage))) == 1, timeout=15)
    await stage.slack.wait_for(lambda: len(stage.cards()) == 2, timeout=15)
    assert [deed for _, deed in ends(stage)].count("withdrawn") == 1
    assert [deed for _, deed in ends(stage)].count("proposed") == 2


async def test_replace_beside_approve_has_one_winner(stage: Stage) -> None:
    """Either the older list runs and nothing newer is proposed, or the newer one stands and nothing runs."""
    older, question = await two(stage, stage.riley)
    clicks = await asyncio.gather(
        stage.riley.click(question, "supersede.replace"), stage.sam.click(older, "approve"), return_exceptions=True
    )
    assert not [click for click in clicks if isinstance(click, BaseException)]
    await stage.slack.wait_for(lambda: "refused" in [deed for _, deed in ends(stage)], timeout=20)
    deeds = [deed for _, deed in ends(stage)]
    assert ("approved" in deeds) != ("withdrawn" in deeds)
    if "approved" in deeds:
        await stage.settled(older)
        assert len(stage.cards()) == 1
        assert len(stage.registry.digests("myrepo")) == 1
    else:
        await stage.until(older, "Replaced:")
        await stage.slack.wait_for(lambda: len(stage.cards()) == 2, timeout=15)
        assert len(stage.registry.digests("myrepo")) == 3


@over_http
async def test_what_was_decided_before_the_answer_stays_so(stage: Stage) -> None:
    """Replacing what was withdrawn in the meantime is answered as a late click is, and proposes nothing."""
    older, question = await two(stage, stage.sam)
    await stage.riley.click(older, "withdraw")
    await stage.until(older, "Withdrawn")
    said = await stage.private_after(stage.sam, stage.sam.click(question, "supersede.replace"), "This was withdrawn")
    assert "Your click changed nothing." in said
    assert len(stage.cards()) == 1


async def test_where_slack_refuses_the_newer_card_people_hear_that_none_is_open(stage: Stage) -> None:
    """The older one was closed in the same transaction; nobody is to believe that it still waits."""
    _, question = await two(stage, stage.riley)
    stage.slack.fail("chat.postMessage", error="channel_not_found")
    click = stage.riley.click(question, "supersede.replace")
    text = await stage.private_after(stage.riley, click, "nothing was proposed")
    assert "The older proposal was closed for it, so that none is open now." in text
    assert "Nothing waits for a decision" in read(await stage.ask(stage.riley, "/acr pending"))
