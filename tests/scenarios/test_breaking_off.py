"""A registry that answers and fails every delete: the run breaks off, and says so."""

from dataclasses import replace

import pytest

from bot.registry import Patience
from sandbox.acr import Fault
from tests.scenarios.stage import QUICK, Stage, days_ago, make_stage

BRIEF = Patience(tries=2, total=30.0, attempt=20.0, first_wait=0.01, longest_wait=0.02)
PACE = replace(QUICK, chunk=20, failures=10)


def seed(stage: Stage, count: int) -> set[str]:
    """Put so many untagged images into a repository."""
    return {stage.registry.push_image("myrepo", layers=[n + 1], updated=days_ago(40)) for n in range(count)}


@pytest.mark.parametrize("transport", ["http"])
async def test_a_run_in_which_every_delete_fails_breaks_off(transport: str) -> None:
    """After some failures in a row nothing more is sent; what was not tried is left, and the card says why."""
    async with make_stage(transport) as stage, stage.running(PACE, patience=BRIEF):
        loose = seed(stage, 300)
        fault = stage.acr.faults.add(Fault(status=500, kind="delete_manifest"))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.sam.click(card, "approve")
        text = await stage.settled(card)
        assert "steps in a row failed, each tried twice" in text
        assert "failed with status 500" in text
        # A chunk, each of it tried twice, each try being two requests.
        assert fault.hits <= 20 * 2 * 2
        assert stage.registry.digests("myrepo") == loose
        outcomes = [event["outcome"] for event in stage.events() if event["deed"] == "item"]
        assert set(outcomes) == {"failed"}
        assert len(outcomes) <= 20


@pytest.mark.parametrize("transport", ["socket"])
async def test_failures_with_successes_between_do_not(transport: str) -> None:
    """However many fail, a registry that deletes others in between is worth going on with."""
    async with make_stage(transport) as stage, stage.running(PACE, patience=BRIEF):
        # The oldest goes first, so that each chunk but the last has some that succeed.
        loose = [stage.registry.push_image("myrepo", layers=[n + 1], updated=days_ago(99 - n)) for n in range(60)]
        stay = {digest for place, digest in enumerate(loose) if place % 20 < 8}
        fault = stage.acr.faults.add(Fault(status=500, kind="delete_manifest", path="|".join(stay)))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert stage.registry.digests("myrepo") == stay
        assert len(stay) > PACE.failures
        assert fault.hits == len(stay) * 4
