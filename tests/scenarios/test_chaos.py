"""Chaos: a run of a thousand deletes that is killed thirty times, and one by a registry that fails all the time."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.proposal import Deed, Event, Outcome, State
from bot.registry import Patience
from sandbox.acr import Fault
from sandbox.slack import Message, text_of
from tests.scenarios.process import environment, running_process, started
from tests.scenarios.stage import QUICK, Stage, make_stage
from tests.scenarios.test_process import check_order, children_of, outcomes, seed, stored

pytestmark = pytest.mark.slow

MANY = 1_000
KILLS = 30
# A thousand steps in seconds, and few of them under way at any moment.
CONFIG = {"limits": {"concurrency": 4}}
LATENCY = 0.01
SECONDS = 120.0


async def check_record(stage: Stage, card: Message, loose: set[str], *, resumed: int) -> Counter[str]:
    """See that the record is complete and that nothing is in it twice; give how often there is each outcome."""
    record = outcomes(stage, card)
    assert set(record) == loose
    ((proposal, tally, events),) = await stored(stage)
    assert proposal.state is State.DONE
    assert tally.settled == len(loose)
    items = [event for event in events if event.deed is Deed.ITEM]
    assert Counter(_digest(event) for event in items) == dict.fromkeys(loose, 1)
    assert {_digest(event): (event.detail or {})["outcome"] for event in items} == record
    assert [event.deed for event in events if event.deed is not Deed.ITEM] == [
        Deed.PROPOSED,
        Deed.APPROVED,
        Deed.STARTED,
        *[Deed.RESUMED] * resumed,
        Deed.FINISHED,
    ]
    counts = Counter(record.values())
    assert tally[Outcome.DELETED] == counts["deleted"]
    text = text_of(card)
    assert f"*{counts['deleted']:,}* deleted" in text
    assert not any(f"[{word}" in text for word in ("Approve", "Stop", "Retry"))
    return counts


def _digest(event: Event) -> object:
    return (event.detail or {})["digest"]


@pytest.mark.timeout(600)  # thirty starts of a process, each of some seconds on a busy machine
@pytest.mark.parametrize("number", [20261123])
async def test_kill_9_at_thirty_moments_of_a_run(number: int) -> None:
    """Exactly what was approved is gone, none lost, none twice on record, and the card says how often it went on."""
    chance = random.Random(number)
    moments = sorted(chance.sample(range(1, MANY - 100), KILLS))
    print(f"seed {number}: killed after {moments} deletes")  # noqa: T201 - shown where it fails
    async with make_stage("http") as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps(CONFIG), encoding="utf-8")
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        loose, stay = seed(stage, "myrepo", MANY)
        children = children_of(stage, "myrepo", loose)
        async with running_process(stage) as app:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = LATENCY
            await stage.sam.click(card, "approve")
            await deletes_reach(stage, moments[0])
            await app.kill()
        for kill, moment in enumerate(moments[1:], 1):
            # It goes on before anybody can reach it, so this need not wait until they can.
            async with started(environment(stage), stage.folder / f"killed-{kill}.log", "run") as app:
                await deletes_reach(stage, max(moment, stage.acr.log.count("delete_manifest") + 1))
                # Not only between two deletes: while outcomes are written, and while the next chunk is looked up.
                await asyncio.sleep(chance.uniform(0, 0.03))
                await app.kill()
        assert len(stage.registry.digests("myrepo") - stay) > 0, "it was through before the last kill"
        async with running_process(stage) as app:
            text = await stage.settled(card, timeout=SECONDS)
            assert await app.terminate() == 0
        await stage.slack.wait_for(lambda: stage.acr.pending == 0)
        assert stage.registry.digests("myrepo") == stay
        check_order(stage, children)
        assert f"Picked up again after {KILLS} interruptions" in text
        counts = await check_record(stage, card, loose, resumed=KILLS)
        assert set(counts) <= {"deleted", "gone"}


async def deletes_reach(stage: Stage, count: int) -> None:
    """Wait until so many deletes have been answered, and go on at that very moment."""
    async with asyncio.timeout(SECONDS):
        while stage.acr.log.count("delete_manifest") < count:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.002)


async def test_a_registry_that_fails_every_fifth_time() -> None:
    """Amid 429s, 500s, resets and untrue 404s exactly what was approved goes, and is on record as deleted."""
    pace = replace(QUICK, patience=timedelta(minutes=2))
    patience = Patience(tries=6, total=60.0, attempt=20.0, first_wait=0.02, longest_wait=0.1)
    async with make_stage("http") as stage:
        async with stage.running(pace, patience=patience):
            loose, stay = seed(stage, "myrepo", MANY)
            children = children_of(stage, "myrepo", loose)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            faults = [stage.acr.faults.add(fault) for fault in every_fifth()]
            await stage.sam.click(card, "approve")
            text = await stage.settled(card, timeout=SECONDS)
            stage.acr.faults.clear()
        assert all(fault.hits > 0 for fault in faults)
        assert stage.registry.digests("myrepo") == stay
        check_order(stage, children)
        assert f"Deleted all {MANY:,} untagged manifests" in text
        assert await check_record(stage, card, loose, resumed=0) == {"deleted": MANY}


def every_fifth() -> list[Fault]:
    """Give faults that strike a fifth of the deletes together, and nearly as many of the other calls."""
    gone = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest is not found", "detail": {}}]}
    calls = r"^/(acr/v1|v2)/"
    return [
        Fault(status=429, path=calls, probability=0.05),
        Fault(status=500, path=calls, probability=0.025),
        Fault(status=502, path=calls, probability=0.025, when="after"),
        Fault(action="reset", path=calls, probability=0.025),
        Fault(action="reset", path=calls, probability=0.025, when="after"),
        Fault(status=404, path=calls, probability=0.025),
        Fault(status=404, body=gone, kind="delete_manifest", probability=0.025),
    ]
