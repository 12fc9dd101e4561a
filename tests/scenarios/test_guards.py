"""Guard rails with the settings' own defaults: the last tagged image, and a large share of what is tagged."""

from collections.abc import AsyncIterator

import pytest

from tests.scenarios.reading import read
from tests.scenarios.stage import Stage, days_ago, make_stage
from tests.scenarios.test_delete_repository import form

DEFAULTS = {"ACR_KEEP_LAST_TAGGED": "", "ACR_TAGGED_SHARE": ""}


@pytest.fixture(params=["http", "socket"])
async def guarded(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Start the app on a stage, with no setting that loosens a guard."""
    async with make_stage(request.param, settings=DEFAULTS) as stage, stage.running():
        yield stage


async def test_a_rule_leaves_the_last_tagged_image(guarded: Stage) -> None:
    """The answer says what stays and why; the card says how much goes; the name approves; the image stays."""
    push = guarded.registry.push_image
    for number in range(3):
        push("team/app", tags=[f"v{number}"], layers=[number + 1], updated=days_ago(50 - number))
    answer = await guarded.ask(guarded.riley, "/acr old team/app --older-than 30d")
    text = read(answer)
    assert "*2 of 3 manifests* in `team/app` could go" in text
    assert "1 the last tagged image" in text
    assert ":warning: *This takes 2 of the 3 tagged images* in `team/app`." in text
    card = await guarded.card_after(guarded.riley.click(answer, "propose"))
    text = read(card)
    assert ":warning: *This takes 2 of the 3 tagged images* in `team/app`." in text
    assert "To approve it, type the name of the repository: `team/app`." in text
    view = await form(guarded, guarded.sam, card)
    outcome = await guarded.sam.submit(view, {"typed": "yes"})
    assert outcome.errors == {"typed": "To approve this, type team/app, exactly so. Nothing was approved."}
    assert len(guarded.registry.digests("team/app")) == 3
    assert (await guarded.sam.submit(view, {"typed": "team/app"})).ok
    await guarded.settled(card)
    assert guarded.registry.tags("team/app").keys() == {"v2"}


async def test_two_proposals_cannot_take_it_between_them(guarded: Stage) -> None:
    """What was the last but one when it was approved is the last by now: the run skips it and says why."""
    push = guarded.registry.push_image
    for number in range(4):
        push("team/app", tags=[f"v{number}"], layers=[number + 1], updated=days_ago(50 - number))
    card = await guarded.propose(guarded.riley, "/acr old team/app --older-than 48d --tags 'v[01]'")
    other = await guarded.propose(guarded.riley, "/acr delete team/app:v2")
    third = await guarded.propose(guarded.riley, "/acr delete team/app:v3")
    for each in (other, third):
        await guarded.kim.click(each, "approve")
        await guarded.settled(each)
    await guarded.kim.click(card, "approve")
    assert "the last tagged image" in await guarded.settled(card)
    assert guarded.registry.tags("team/app").keys() == {"v1"}


async def test_the_last_one_goes_by_name_when_the_name_is_typed(guarded: Stage) -> None:
    """Somebody has named it, and whoever approves types the repository's name."""
    guarded.registry.push_image("team/app", tags=["v1"], layers=[1], updated=days_ago(50))
    card = await guarded.propose(guarded.riley, "/acr delete team/app:v1")
    assert ":warning: *This takes the only tagged image* in `team/app`." in read(card)
    view = await form(guarded, guarded.sam, card)
    assert (await guarded.sam.submit(view, {"typed": "team/app"})).ok
    await guarded.settled(card)
    assert guarded.registry.digests("team/app") == set()
