"""Who may approve, and how many of them it takes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.proposal import Deed
from sandbox.slack import text_of
from tests.scenarios.stage import KIM, OLU, OPS, PLATFORM, SAM, Stage, days_ago, make_stage

# Longer than what Slack said is remembered.
LATER = timedelta(minutes=6)


@contextlib.asynccontextmanager
async def staged(transport: str, approvals: dict[str, Any], **more: Any) -> AsyncIterator[Stage]:
    """Give a stage whose app runs with these settings of approvals."""
    async with make_stage(transport) as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"approvals": approvals, **more}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            yield stage


def seed(stage: Stage, *repositories: str) -> None:
    """Put two untagged manifests into each."""
    for repository in repositories or ("myrepo",):
        for layer in (1, 2):
            stage.registry.push_image(repository, layers=[layer], updated=days_ago(9))


def deeds(stage: Stage) -> list[tuple[str, str]]:
    """Give who did what so far, without what became of items."""
    return [(event["actor"], event["deed"]) for event in stage.events() if event["deed"] != Deed.ITEM]


async def test_it_takes_two(transport: str) -> None:
    """The first approval is counted in place and answered when repeated; the second one starts the run."""
    async with staged(transport, {"required": 2}) as stage:
        seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        assert "0 of 2" in text_of(card)
        assert f"2 people, each <@{SAM}> or anybody in <!subteam^{PLATFORM}>" in text_of(card)
        await stage.sam.click(card, "approve")
        await stage.until(card, f"1 of 2: <@{SAM}>")
        said = await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "approved this already")
        assert "So far: 1 of 2." in said
        assert "[Approve]" in text_of(card)
        assert stage.acr.log.entries("delete_manifest") == []
        await stage.kim.click(card, "approve")
        await stage.settled(card)
        assert f"<@{SAM}> and <@{KIM}>" in text_of(card)
        decided = [deed for deed in deeds(stage) if deed[1] in {Deed.VOTED, Deed.APPROVED}]
        assert decided == [(SAM, Deed.VOTED), (KIM, Deed.APPROVED)]
        (approved,) = [event for event in stage.events() if event["deed"] == Deed.APPROVED]
        assert approved["votes"] == sorted([KIM, SAM])


async def test_eight_clicks_at_once_over_two(transport: str) -> None:
    """Eight clicks of two people at the same moment are two votes and one run."""
    async with staged(transport, {"required": 2}) as stage:
        seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        outcomes = await asyncio.gather(*(person.click(card, "approve") for person in [stage.sam, stage.kim] * 4))
        assert all(outcome.ok for outcome in outcomes)
        await stage.settled(card)
        assert len(stage.acr.log.entries("delete_manifest")) == 2
        assert [deed for _, deed in deeds(stage)].count(Deed.VOTED) == 1
        assert [deed for _, deed in deeds(stage)].count(Deed.APPROVED) == 1


async def test_who_left_the_group_does_not_count(transport: str) -> None:
    """An approval is looked up again with the next one, and the card says whose no longer counts."""
    async with staged(transport, {"required": 2}) as stage:
        seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.kim.click(card, "approve")
        await stage.until(card, f"1 of 2: <@{KIM}>")
        stage.slack.workspace.groups[PLATFORM].users.remove(KIM)
        stage.clock_ahead += LATER
        await stage.sam.click(card, "approve")
        await stage.until(card, f"<@{KIM}> may no longer approve and does not count")
        assert f"1 of 2: <@{SAM}>" in text_of(card)
        said = await stage.private_after(stage.kim, stage.kim.click(card, "approve"), "not one of those who may")
        assert f"<@{SAM}>" in said
        assert stage.acr.log.entries("delete_manifest") == []


async def test_a_deactivated_account_does_not_count(transport: str) -> None:
    """Who has approved and is deactivated before the last approval counts for nothing."""
    async with staged(transport, {"required": 2}) as stage:
        seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.sam.click(card, "approve")
        await stage.until(card, f"1 of 2: <@{SAM}>")
        stage.slack.workspace.people[SAM].deleted = True
        stage.clock_ahead += LATER
        await stage.kim.click(card, "approve")
        await stage.until(card, f"<@{SAM}> may no longer approve and does not count")
        assert stage.acr.log.entries("delete_manifest") == []


@pytest.mark.parametrize(("field", "words"), [("deleted", "is deactivated"), ("is_bot", "is a bot's")])
async def test_an_account_that_is_no_person_decides_on_nothing(transport: str, field: str, words: str) -> None:
    """A click of a deactivated account or a bot is refused in words, though the settings name it."""
    async with staged(transport, {}) as stage:
        seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        sam = stage.sam
        setattr(stage.slack.workspace.people[SAM], field, True)
        for button in ("approve", "reject"):
            await stage.private_after(sam, sam.click(card, button), words)
        assert "[Approve]" in text_of(card)
        assert deeds(stage)[1:] == [(SAM, Deed.REFUSED)] * 2


async def test_while_slack_does_not_know_an_account_it_is_refused(transport: str) -> None:
    """Where Slack does not say whether an account is active, the click is refused; where it does again, it counts."""
    async with staged(transport, {}) as stage:
        seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.slack.fail("users.info", error="fatal_error")
        await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "Slack did not say whether")
        assert "[Approve]" in text_of(card)
        await stage.sam.click(card, "approve")
        await stage.settled(card)


async def test_the_most_specific_entry_says_who(transport: str) -> None:
    """For a repository with an entry of its own the approvers of all are refused, and the card names those who may."""
    entry = {"repositories": ["prod/*"], "approvers": [OLU]}
    async with staged(transport, {"by_repository": [entry]}) as stage:
        seed(stage, "prod/app")
        card = await stage.propose(stage.riley, "/acr untagged prod/app")
        assert f"<@{OLU}>, but not the one who asked" in text_of(card)
        for button in ("approve", "reject"):
            said = await stage.private_after(stage.sam, stage.sam.click(card, button), f"may {button} this")
            assert f"Those who can: <@{OLU}>." in said
        await stage.olu.click(card, "approve")
        await stage.settled(card)


async def test_a_team_approves_for_itself(transport: str) -> None:
    """A team's approvers stand in the place of those of all, for its repositories and no others."""
    team = {"name": "shop", "channel": OPS, "repositories": ["shop/*"], "approvers": [OLU]}
    async with staged(transport, {}, teams=[team]) as stage:
        seed(stage, "shop/cart", "other")
        card = await stage.propose(stage.riley, "/acr untagged shop/cart")
        await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "not one of those who may approve")
        await stage.olu.click(card, "approve")
        await stage.settled(card)
        card = await stage.propose(stage.riley, "/acr untagged other")
        await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may approve")


async def test_each_part_of_a_proposal_needs_its_own_people(transport: str) -> None:
    """Over repositories with different approvers one person of each has to approve."""
    entry = {"repositories": ["team/prod"], "approvers": [OLU]}
    async with staged(transport, {"by_repository": [entry]}) as stage:
        seed(stage, "team/prod", "team/dev")
        card = await stage.propose(stage.riley, "/acr untagged 'team/*'")
        assert f"for `team/prod`: <@{OLU}>" in text_of(card)
        await stage.olu.click(card, "approve")
        await stage.until(card, f"`team/prod`: 1 of 1: <@{OLU}>")
        assert "`team/dev`: 0 of 1" in text_of(card)
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert len(stage.acr.log.entries("delete_manifest")) == 4


async def test_where_nobody_may_approve_nothing_is_proposed(transport: str) -> None:
    """Approvers of other repositories are none for this one: the answer names the settings."""
    entry = {"repositories": ["prod/*"], "approvers": [OLU]}
    async with make_stage(transport, approvers=()) as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"approvals": {"by_repository": [entry]}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            seed(stage)
            answer = await stage.ask(stage.riley, "/acr untagged myrepo")
            click = stage.riley.click(answer, "propose")
            said = await stage.private_after(stage.riley, click, "Nobody may approve anything for myrepo")
            assert "approvals.by_repository" in said
            assert stage.cards() == []
