"""A run that is interrupted between a manifest and what belongs to it goes on where it stopped."""

import pytest

from bot.janitor.execute import Pace
from tests.scenarios.stage import Stage, days_ago, make_stage


@pytest.fixture
async def interrupted(transport: str) -> object:
    """Give a stage whose app does not run yet, with a registry that takes its time over deletes."""
    async with make_stage(transport) as stage:
        yield stage


async def test_the_platforms_of_an_index_follow_it_after_a_restart(interrupted: Stage) -> None:
    """The index is gone when the app is stopped; the next start deletes the platforms that were approved with it."""
    stage = interrupted
    index = stage.registry.push_multi_arch("app", tags=["v1"], layers=[600], updated=days_ago(40))
    platforms = stage.registry.digests("app") - {index}
    keep = stage.registry.push_image("app", tags=["v2"], layers=[7], updated=days_ago(40))
    assert len(platforms) > 1
    async with stage.running(Pace(chunk=1)):
        card = await stage.propose(stage.riley, "/acr delete app:v1")
        stage.acr.options.latency = 0.3
        await stage.sam.click(card, "approve")
        await stage.slack.wait_for(lambda: index not in stage.registry.digests("app"), timeout=30)
    left = stage.registry.digests("app") - {keep}
    assert left, "the app was stopped between the index and its platforms"
    stage.acr.options.latency = 0
    async with stage.running():
        await stage.settled(card)
    assert stage.registry.digests("app") == {keep}
