"""Freezing a registry and quiet hours: what waits, what is held in the middle, what people are told, who may."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.domain.proposal import Deed
from sandbox.slack import text_of
from tests.scenarios.reading import read
from tests.scenarios.stage import KIM, RILEY, SAM, Stage, make_stage
from tests.scenarios.test_stop import COUNT, begun, seed


def deeds(stage: Stage) -> list[tuple[str, str]]:
    """Give who has done what, items left out."""
    return [(event["deed"], event["actor"]) for event in stage.events() if event["deed"] != Deed.ITEM]


async def test_what_is_approved_while_frozen_waits(stage: Stage) -> None:
    """Proposals can be made and approved; the cards and the help say who froze it and why; it runs once unfrozen."""
    seed(stage, count=3)
    before = stage.registry.digests("myrepo")
    open_card = await stage.propose(stage.riley, "/acr untagged myrepo")
    text = read(await stage.ask(stage.sam, "/acr freeze it's an incident \u2014 ask Kim"))
    assert ":snowflake: *Frozen:*" in text
    assert "it's an incident \u2014 ask Kim" in text
    assert "`/acr unfreeze`" in text
    said = await stage.until(open_card, "Frozen")
    assert f"*Frozen* by <@{SAM}>" in said
    assert "it's an incident \u2014 ask Kim" in said
    assert "It can be approved, and then waits until somebody types `/acr unfreeze`." in said
    assert f"*Frozen* by <@{SAM}>" in read(await stage.ask(stage.olu, "/acr help"))

    await stage.kim.click(open_card, "approve")
    said = await stage.until(open_card, "Approved: ")
    assert "It waits until somebody types `/acr unfreeze`." in said
    assert stage.registry.digests("myrepo") == before
    text = read(await stage.ask(stage.kim, "/acr unfreeze"))
    assert "*Unfrozen:*" in text
    assert "1 approved clean-up goes on." in text
    assert f"It was frozen by <@{SAM}>" in text
    assert "Frozen" not in await stage.settled(open_card)
    assert len(stage.registry.digests("myrepo")) == 1
    assert (Deed.FROZEN, SAM) in deeds(stage)
    assert (Deed.UNFROZEN, KIM) in deeds(stage)


async def test_a_run_is_held_and_goes_on(stage: Stage) -> None:
    """Within the requests under way nothing more is deleted; unfrozen, the same run does what is left of it."""
    seed(stage)
    card = await begun(stage)
    await stage.ask(stage.sam, "/acr freeze incident 4711", patience=30)
    await stage.slack.wait_for(lambda: (Deed.HELD, "app") in deeds(stage), timeout=30)
    said = await stage.until(card, "Frozen")
    assert "It waits until somebody types `/acr unfreeze`." in said
    left = stage.registry.digests("myrepo")
    sent = stage.acr.log.count("delete_manifest")
    assert 1 < len(left) < COUNT + 1, "it was not in the middle"
    await asyncio.sleep(1)
    assert stage.acr.log.count("delete_manifest") == sent
    assert stage.registry.digests("myrepo") == left
    stage.acr.options.latency = 0
    await stage.ask(stage.sam, "/acr unfreeze")
    assert f"*Deleted all {COUNT} untagged manifests*" in await stage.settled(card)
    assert len(stage.registry.digests("myrepo")) == 1
    assert (Deed.RESUMED, "app") in deeds(stage)


async def test_what_is_frozen_can_be_stopped(stage: Stage) -> None:
    """Whoever does not want to wait for it ends it for good; unfreezing brings nothing back."""
    seed(stage, count=3)
    before = stage.registry.digests("myrepo")
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.ask(stage.sam, "/acr freeze incident")
    await stage.kim.click(card, "approve")
    await stage.until(card, "It waits until")
    await stage.riley.click(card, "stop")
    await stage.until(card, "Stopped")
    assert "Nothing was waiting." in read(await stage.ask(stage.sam, "/acr unfreeze"))
    assert stage.registry.digests("myrepo") == before


async def test_a_freeze_outlasts_a_restart(transport: str) -> None:
    """It is in the database: the next process holds the work as well."""
    async with make_stage(transport) as stage:
        async with stage.running():
            seed(stage, count=3)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.ask(stage.sam, "/acr freeze incident")
            await stage.kim.click(card, "approve")
            await stage.until(card, "It waits until")
        before = stage.registry.digests("myrepo")
        async with stage.running():
            await asyncio.sleep(0.5)
            assert stage.registry.digests("myrepo") == before
            await stage.ask(stage.sam, "/acr unfreeze")
            await stage.settled(card)
            assert len(stage.registry.digests("myrepo")) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/acr freeze", ("The reason is missing.", "/acr freeze incident 4711")),
        ("/acr freeze why --registry", ("--registry has no value.",)),
        ("/acr freeze why --registry nosuch", ("There is no registry 'nosuch' here.",)),
        ("/acr freeze " + "x" * 301, ("The reason is too long: 301 characters.", "It has at most 300")),
        ("/acr unfreeze myrepo", ("Nothing is expected here",)),
        ("/acr unfreeze", ("is not frozen.", "There is nothing to unfreeze.")),
    ],
)
async def test_what_makes_no_sense_is_told(stage: Stage, line: str, words: tuple[str, ...]) -> None:
    """Each fault says what was expected, and nothing is frozen."""
    text = read(await stage.ask(stage.sam, line))
    for each in words:
        assert each in text
    assert not [event for event in stage.events() if event["deed"] in {Deed.FROZEN, Deed.UNFROZEN}]


async def test_only_approvers_freeze_and_unfreeze(stage: Stage) -> None:
    """Anybody else is told who can, and it is on record; a second freeze is told of the first."""
    registry = next(iter(stage.app.settings.registries)).name
    text = read(await stage.ask(stage.riley, "/acr freeze I want to"))
    assert f"You are not one of those who may freeze {registry}, since that is for all of its repositories." in text
    assert f"Those who can: <@{SAM}>" in text
    await stage.ask(stage.sam, "/acr freeze incident")
    assert f"You are not one of those who may unfreeze {registry}" in read(
        await stage.ask(stage.riley, "/acr unfreeze")
    )
    assert f"is frozen already by <@{SAM}>: incident" in read(await stage.ask(stage.kim, "/acr freeze another"))
    done = deeds(stage)
    assert done.count((Deed.REFUSED, RILEY)) == 2
    assert [deed for deed, _ in done if deed in {Deed.FROZEN, Deed.UNFROZEN}] == [Deed.FROZEN]


async def test_approvers_of_some_repositories_hold_only_by_a_pattern_for_all(transport: str) -> None:
    """A freeze holds everybody's repositories: whoever approves only for some may not, and is told who may."""
    async with make_stage(transport, approvers=[]) as stage:
        own = {"repositories": ["web/*", "app"], "approvers": [KIM]}
        anywhere = {"repositories": ["*"], "approvers": [SAM]}
        config = stage.folder / "config.yml"
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        config.write_text(json.dumps({"approvals": {"by_repository": [own, anywhere]}}))
        async with stage.running():
            text = read(await stage.ask(stage.kim, "/acr freeze incident"))
            assert "since that is for all of its repositories" in text
            assert f"Those who can: <@{SAM}>." in text
            assert "*Frozen:*" in read(await stage.ask(stage.sam, "/acr freeze incident"))
            assert "You are not one of those who may unfreeze" in read(await stage.ask(stage.kim, "/acr unfreeze"))
            assert "*Unfrozen:*" in read(await stage.ask(stage.sam, "/acr unfreeze"))
        config.write_text(json.dumps({"approvals": {"by_repository": [own]}}))
        async with stage.running():
            text = read(await stage.ask(stage.kim, "/acr freeze incident"))
            assert "Nobody can: no approvers are set for the whole of" in text
            assert "(approvals.approvers)" in text


async def test_quiet_hours_hold_approved_work(transport: str) -> None:
    """The card says when it begins; it begins by itself when they are over."""
    async with make_stage(transport) as stage:
        now = stage.now()
        quiet = {
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "start": f"{now - timedelta(hours=1):%H:00}",
            "end": f"{now + timedelta(hours=2):%H:00}",
        }
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"limits": {"quiet_hours": quiet}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            seed(stage, count=3)
            before = stage.registry.digests("myrepo")
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            assert "Quiet hours." in text_of(card)
            await stage.sam.click(card, "approve")
            said = await stage.until(card, "Approved: ")
            assert ":crescent_moon: *Quiet hours.* It waits until <!date^" in said
            assert "and then begins by itself" in said
            assert stage.registry.digests("myrepo") == before
            stage.clock_ahead = timedelta(hours=3)
            await stage.settled(card)
            assert len(stage.registry.digests("myrepo")) == 1
