"""Deciding: who may, once only, and what everybody else is told."""

import asyncio
import json
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from sandbox.slack import Message, text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OPS, PLATFORM, SAM, Stage, days_ago, make_stage


def seed(stage: Stage, count: int = 3) -> set[str]:
    """Put some untagged manifests into ``myrepo``."""
    return {stage.registry.push_image("myrepo", layers=[n + 1], updated=days_ago(9)) for n in range(count)}


async def test_who_proposed_may_not_approve(stage: Stage) -> None:
    """The requester's own approval is refused privately, with those who can; the card stays open."""
    loose = seed(stage)
    card = await stage.propose(stage.sam, "/acr untagged myrepo")
    text = await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "somebody else has to approve")
    assert f"<!subteam^{PLATFORM}>" in text
    assert "[Approve]" in text_of(card)
    assert stage.registry.digests("myrepo") == loose


@pytest.mark.parametrize("button", ["approve", "reject"])
async def test_an_outsider_may_not_decide(stage: Stage, button: str) -> None:
    """Anybody else is refused privately, with those who can; the card stays open."""
    loose = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    text = await stage.private_after(stage.olu, stage.olu.click(card, button), "not one of those who may")
    assert f"<@{SAM}>" in text
    assert "[Approve]" in text_of(card)
    assert stage.registry.digests("myrepo") == loose


async def test_settings_may_allow_self_approval(transport: str) -> None:
    """With ``allow_self_approval`` an approver may approve their own proposal."""
    async with make_stage(transport) as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"approvals": {"allow_self_approval": True}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            seed(stage)
            keep = stage.registry.push_image("myrepo", tags=["v1"], layers=[9], updated=days_ago(9))
            card = await stage.propose(stage.sam, "/acr untagged myrepo")
            await stage.sam.click(card, "approve")
            await stage.settled(card)
            assert stage.registry.digests("myrepo") == {keep}


async def test_a_group_lookup_that_fails_lets_nobody_through(stage: Stage) -> None:
    """When Slack does not say who is in the approvers' group, its members are refused; when it does, they are not."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.slack.fail("usergroups.users.list", error="plan_upgrade_required")
    await stage.private_after(stage.kim, stage.kim.click(card, "approve"), "Slack did not say who is in")
    assert "[Approve]" in text_of(card)
    await stage.kim.click(card, "approve")
    await stage.settled(card)


async def test_without_approvers_nothing_can_be_proposed(transport: str) -> None:
    """With no approvers set the list has no button, and names the setting to set."""
    async with make_stage(transport, approvers=()) as stage, stage.running():
        seed(stage)
        text = text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))
        assert "[Propose deletion]" not in text
        assert "ACR_APPROVERS" in text


async def test_reject_settles_it(stage: Stage) -> None:
    """A rejected proposal deletes nothing, its buttons are gone, and a later approval changes nothing."""
    loose = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await reject(stage, stage.sam, card)
    assert f"<@{SAM}>" in await stage.until(card, "ejected")
    assert "[Approve]" not in text_of(card)
    await stage.private_after(stage.kim, stage.kim.click(card, "approve", stale=True), "was rejected")
    assert stage.registry.digests("myrepo") == loose


async def test_withdraw_is_for_the_requester(stage: Stage) -> None:
    """Only who proposed it can withdraw it; afterwards it is settled."""
    loose = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.private_after(stage.sam, stage.sam.click(card, "withdraw"), "can withdraw it")
    assert "[Withdraw]" in text_of(card)
    await stage.riley.click(card, "withdraw")
    await stage.until(card, "ithdrawn")
    await stage.private_after(stage.sam, stage.sam.click(card, "approve", stale=True), "was withdrawn")
    assert stage.registry.digests("myrepo") == loose


async def test_silence_never_becomes_yes(stage: Stage) -> None:
    """After its time a proposal can't be approved: the click is answered, and the card is closed."""
    loose = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.clock_ahead = timedelta(hours=73)
    await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "expired")
    assert stage.registry.digests("myrepo") == loose


async def test_an_expired_proposal_is_closed_by_itself(transport: str) -> None:
    """Nobody has to click: the sweep closes what has expired, also what expired while the app was down."""
    async with make_stage(transport) as stage:
        async with stage.running():
            loose = seed(stage)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.clock_ahead = timedelta(hours=73)
        async with stage.running():
            await stage.until(card, "xpired")
            assert "[Approve]" not in text_of(card)
            assert stage.registry.digests("myrepo") == loose


async def test_eight_clicks_at_once_are_one_decision(stage: Stage) -> None:
    """Eight approvals at the same moment start one run; seven are answered."""
    seed(stage, 30)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.acr.options.latency = 0.05
    people = [stage.sam, stage.kim] * 4
    outcomes = await asyncio.gather(*(person.click(card, "approve") for person in people))
    assert all(outcome.ok for outcome in outcomes)
    await stage.settled(card)

    def answers() -> int:
        seen = {id(m): text_of(m) for p in (stage.sam, stage.kim) for m in p.messages(OPS) if m.only_for == p.id}
        return sum("approved" in text for text in seen.values())

    await stage.slack.wait_for(lambda: answers() == 7)
    deletes = stage.acr.log.entries("delete_manifest")
    assert len(deletes) == 30
    assert len({entry.path for entry in deletes}) == 30


async def test_a_late_click_is_answered_and_changes_nothing(stage: Stage) -> None:
    """After the run, clicks on an old drawing of the card are answered with what became of it."""
    seed(stage)
    keep = stage.registry.push_image("myrepo", tags=["v1"], layers=[9], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    before = await stage.until(card, "checked, ")
    for button in ("approve", "reject", "withdraw"):
        person = stage.riley if button == "withdraw" else stage.kim
        await stage.private_after(person, person.click(card, button, stale=True), "has been carried out")
    assert text_of(card) == before
    assert stage.registry.digests("myrepo") == {keep}


async def test_a_double_click_proposes_once(stage: Stage) -> None:
    """Two clicks on "Propose deletion" bring up one card and one answer."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    clicks = asyncio.gather(stage.riley.click(answer, "propose"), stage.riley.click(answer, "propose"))
    await stage.private_after(stage.riley, _first(clicks), "has proposed this already")
    await stage.slack.wait_for(lambda: len(stage.cards()) == 1)


async def _first(clicks: Awaitable[Sequence[object]]) -> object:
    return (await clicks)[0]


async def test_a_button_of_another_list_is_refused(stage: Stage) -> None:
    """A button that carries another checksum or revision than the proposal's changes nothing."""
    loose = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    true_value = json.loads(_approve_button(card)["value"])
    for forged, words in (
        (json.dumps(true_value | {"sum": "0" * 32}), "This card has changed since"),
        (json.dumps(true_value | {"rev": 2}), "This card has changed since"),
        (json.dumps(true_value | {"id": "nosuch"}), "not known here"),
        ("garbage", "doesn't say which proposal"),
    ):
        await stage.slack.settle(0.5)  # the app may have redrawn the card meanwhile
        _approve_button(card)["value"] = forged
        await stage.private_after(stage.sam, stage.sam.click(card, "approve"), words)
    assert stage.registry.digests("myrepo") == loose


def _approve_button(card: Message) -> dict[str, Any]:
    elements: list[dict[str, Any]] = [e for block in card.blocks for e in block.get("elements", [])]
    return next(element for element in elements if element.get("action_id") == "approve")


async def test_who_proposes_hears_that_the_list_has_changed(stage: Stage) -> None:
    """A card is made from what is there at that moment; how it differs from the list is said."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    stage.registry.push_image("myrepo", layers=[70], updated=days_ago(9))
    await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "1 more than in the list you saw")


async def test_nothing_is_proposed_when_all_is_in_use_by_now(stage: Stage) -> None:
    """When nothing of the list can go any more, no card is posted and that is said."""
    loose = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    for number, digest in enumerate(sorted(loose)):
        stage.registry.tag("myrepo", digest, f"v{number}")
    await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "nothing to propose")
    assert stage.cards() == []


async def test_too_much_for_one_proposal_is_refused(transport: str) -> None:
    """A list longer than the limit is refused with the limit and a way to ask for less."""
    async with make_stage(transport) as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"limits": {"items_per_proposal": 2}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            seed(stage, 3)
            answer = await stage.ask(stage.riley, "/acr untagged myrepo")
            text = await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "too much")
            assert "--min-age" in text
