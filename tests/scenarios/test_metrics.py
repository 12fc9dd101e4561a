"""``GET /metrics``: what Prometheus reads of an app at work."""

import pytest

from bot.domain.proposal import State
from sandbox.acr import Fault
from tests.scenarios.reaching import fetch, scrape, total
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage


def seed(stage: Stage, count: int = 3) -> None:
    """Put some untagged images into a repository."""
    for number in range(count):
        stage.registry.push_image("myrepo", layers=[number + 1], updated=days_ago(40))


async def test_the_main_job_shows_in_the_figures(stage: Stage) -> None:
    """Proposals by state, items by outcome, calls by kind and status, and acknowledgements by transport."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    before = await scrape(stage)
    assert total(before, "acr_janitor_proposals", state="open") == 1
    assert total(before, "acr_janitor_items_total") == 0

    await stage.sam.click(card, "approve")
    await stage.settled(card)

    after = await scrape(stage)
    assert total(after, "acr_janitor_proposals", state="open") == 0
    assert total(after, "acr_janitor_proposals", state="done") == 1
    assert total(after, "acr_janitor_items_total", outcome="deleted") == 3
    assert total(after, "acr_janitor_registry_calls_total", kind="delete_manifest", status="202") == 3
    assert total(after, "acr_janitor_registry_calls_total", kind="get_token", status="200") >= 2
    # The command and two clicks; what else Slack may send (none here) would count too.
    assert total(after, "acr_janitor_ack_seconds_count", transport=stage.transport, status="200") == 3
    assert total(after, "acr_janitor_queue_items") == 0
    assert total(after, "acr_janitor_queue_age_seconds") == 0
    assert total(after, "acr_janitor_run_age_seconds") == 0
    assert total(after, "acr_janitor_database_up") == 1


async def test_every_state_is_there_from_the_first_look(stage: Stage) -> None:
    """An alert on a state works before the first proposal has come to it."""
    figures = await scrape(stage)
    states = {dict(labels)["state"] for name, labels in figures if name == "acr_janitor_proposals"}
    assert states == {state.value for state in State}


@pytest.mark.parametrize("transport", ["http"])
async def test_a_run_that_waits_for_the_registry_shows_its_age(stage: Stage) -> None:
    """While the registry hangs, what is left and the age of the run are to be seen."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    hang = stage.acr.faults.add(Fault(action="hang", kind="delete_manifest", seconds=4.0))
    await stage.sam.click(card, "approve")
    await stage.slack.wait_for(lambda: hang.hits, timeout=15)
    figures = await scrape(stage)
    assert total(figures, "acr_janitor_queue_items") == 3
    assert total(figures, "acr_janitor_proposals", state="running") == 1
    assert total(figures, "acr_janitor_registry_busy") >= 1
    assert total(figures, "acr_janitor_registry_concurrency_limit") >= 1
    assert total(figures, "acr_janitor_run_age_seconds") > 0
    await stage.settled(card)


async def test_waits_that_the_registry_asks_for_are_counted() -> None:
    """A 429 with Retry-After shows as a refused call and as a wait of that length."""
    async with make_stage("http") as stage, stage.running():
        seed(stage)
        stage.acr.faults.add(Fault(status=429, headers={"Retry-After": "1"}, path=r"_manifests$", count=1))
        await stage.ask(stage.riley, "/acr untagged myrepo")
        figures = await scrape(stage)
        assert total(figures, "acr_janitor_registry_calls_total", status="429") == 1
        assert total(figures, "acr_janitor_throttle_wait_seconds_count") >= 1
        assert total(figures, "acr_janitor_throttle_wait_seconds_sum") >= 0.9


async def test_no_answer_is_counted_as_none() -> None:
    """A connection that breaks has no status."""
    async with make_stage("http") as stage, stage.running():
        seed(stage)
        stage.acr.faults.add(Fault(action="reset", path=r"_manifests$", count=2))
        await stage.ask(stage.riley, "/acr untagged myrepo")
        # aiohttp tries once more by itself where a connection that was kept open breaks.
        assert 1 <= total(await scrape(stage), "acr_janitor_registry_calls_total", status="none") <= 2


async def test_no_name_of_a_repository_is_a_label(stage: Stage) -> None:
    """However many repositories and people there are, there are as many series as before."""
    seed(stage)
    await stage.ask(stage.riley, "/acr untagged myrepo")
    before = set(await scrape(stage))
    for number in range(5):
        stage.registry.push_image(f"other/{number}", layers=[9], updated=days_ago(40))
        await stage.ask(stage.sam, f"/acr untagged other/{number}")
    assert set(await scrape(stage)) == before
    _, text = await fetch(stage, "/metrics")
    assert "myrepo" not in text


async def test_two_apps_in_one_process_count_apart() -> None:
    """Each application has figures of its own."""
    async with make_stage("http") as one, one.running(), make_stage("http") as two, two.running():
        seed(one)
        await one.ask(one.riley, "/acr untagged myrepo")
        assert total(await scrape(one), "acr_janitor_registry_calls_total") > 0
        assert total(await scrape(two), "acr_janitor_registry_calls_total") == 0


async def test_a_refused_request_counts_by_its_status() -> None:
    """A forged request is no acknowledgement: its status tells it apart."""
    async with make_stage("http") as stage, stage.running():
        outcome = await stage.riley.slash("/acr help", channel=OPS)
        assert outcome.ok
        stage.slack.core.signing_secret = "another"
        await stage.riley.slash("/acr help", channel=OPS)
        figures = await scrape(stage)
        assert total(figures, "acr_janitor_ack_seconds_count", status="401") == 1
        assert total(figures, "acr_janitor_ack_seconds_count", status="200") == 1
