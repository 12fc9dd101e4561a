"""A registry in trouble: what people are told, and that a run does what was approved or says why it did not."""

import contextlib
import csv
import html
import io
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.proposal import State
from bot.janitor.execute import Pace
from bot.registry import Patience
from bot.store import Store
from sandbox.acr import ADMIN, APP_IDENTITY, Fault
from sandbox.slack import Message, text_of
from tests.scenarios.stage import Stage, days_ago, make_stage

# For one request: a fault that stays is met three times in a moment.
BRIEF = Patience(tries=3, total=30.0, attempt=20.0, first_wait=0.02, longest_wait=0.1)
BRIEFER = {"hangs": replace(BRIEF, total=3.0, attempt=2.5), "429": replace(BRIEF, total=1.8)}
# For a run: SHORT for a registry that does not come back, LONG for one that does.
SHORT = Pace(
    patience=timedelta(milliseconds=300), first_wait=timedelta(milliseconds=50), longest_wait=timedelta(milliseconds=50)
)
LONG = replace(SHORT, patience=timedelta(minutes=1))
#: So many are still on their way when the first are seen to be gone.
FULL_SPEED = 400

#: How a registry fails, and what people read of it. None as the fault: nobody listens at its address.
TROUBLE: dict[str, tuple[dict[str, Any] | None, tuple[str, ...]]] = {
    "down": (None, ("it refused the connection", "Check the network")),
    "reset": ({"action": "reset"}, ("the connection broke", "Check the network")),
    "hangs": ({"action": "hang"}, ("it did not answer in time", "try again")),
    "401": ({"status": 401}, ("does not let this app", "needs the role Acr")),
    "403": ({"status": 403}, ("most likely its firewall", "(203.0.113.7)", "has the role Acr")),
    "429": (
        {"status": 429, "headers": {"Retry-After": "1"}},
        ("limits how often it may be asked", "Try again in some minutes"),
    ),
    "500": ({"status": 500}, ("failed with status 500", "The fault is on its side")),
    "garbage": ({"action": "garbage"}, ("its answer makes no sense", "no proxy answers for it")),
    "truncated": ({"action": "truncate"}, ("its answer makes no sense: it was cut short", "no proxy")),
}
DENIED = ("401", "403")
LOOKS: dict[str, Any] = {"path": r"^/acr/v1/myrepo"}
DELETES: dict[str, Any] = {"kind": "delete_manifest"}
every_trouble = pytest.mark.parametrize("trouble", TROUBLE)
# How a command or a click arrives is over when a run begins: from there on the transports take turns.
TURNS = {name: ("http", "socket")[number % 2] for number, name in enumerate(TROUBLE)}


def in_turns(*names: str) -> pytest.MarkDecorator:
    """Run a test with some of the troubles, each over one of the transports."""
    return pytest.mark.parametrize(("transport", "trouble"), [(TURNS[name], name) for name in names])


@contextlib.asynccontextmanager
async def brief_stage(transport: str, trouble: str = "", pace: Pace = SHORT) -> AsyncIterator[Stage]:
    """Give a stage whose app has little patience with each request, and less where it would wait for the trouble."""
    async with make_stage(transport) as stage, stage.running(pace, patience=patience_for(trouble)):
        yield stage


def patience_for(trouble: str) -> Patience:
    """Give the patience with one request in which a trouble shows soon."""
    return BRIEFER.get(trouble, BRIEF)


def seed(stage: Stage, count: int = 3) -> tuple[set[str], set[str]]:
    """Fill ``myrepo``; give what may go and what must stay. Docker images need no look at their bodies."""
    old = days_ago(9)
    loose = {stage.registry.push_image("myrepo", layers=[n + 1], media="docker", updated=old) for n in range(count)}
    stage.registry.push_multi_arch("myrepo", tags=["v1"], layers=[500], updated=old)
    return loose, stage.registry.digests("myrepo") - loose


async def afflict(stage: Stage, trouble: str, where: dict[str, Any], **more: Any) -> None:
    """Bring trouble upon a part of the registry's calls; one that is down is so for all."""
    fault = TROUBLE[trouble][0]
    if fault is None:
        await stage.acr.stop()
    else:
        stage.acr.faults.add(Fault(**fault, **where, **more))


async def relieve(stage: Stage) -> None:
    """End all trouble."""
    stage.acr.faults.clear()
    if not stage.acr.running:
        await stage.acr.start()


def check_words(text: str, trouble: str) -> None:
    """See that a text says what the trouble is and what can be done."""
    for words in TROUBLE[trouble][1]:
        assert words in html.unescape(text)


def outcomes(stage: Stage, card: Message) -> dict[str, tuple[str, str]]:
    """Give outcome and detail by digest, from the file in the card's thread; each digest is in it once."""
    content = next(content for name, content in stage.files(card).items() if name.endswith("outcome.csv"))
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert len({row["digest"] for row in rows}) == len(rows)
    return {row["digest"]: (row["outcome"], row["detail"]) for row in rows}


async def states(stage: Stage) -> list[State]:
    """Give the states of all proposals, read from the database after the app has ended."""
    store = await Store.open(stage.environ["DATABASE_URL"])
    try:
        ids = {event.proposal for event in await store.events.list()}
        found = [await store.proposals.get(one) for one in ids]
    finally:
        await store.close()
    return [proposal.state for proposal in found if proposal is not None]


# Looking


@every_trouble
async def test_who_looks_is_told_what_is_wrong(transport: str, trouble: str) -> None:
    """Whoever asks reads what the registry's trouble is and what to do; once it is over the same command works."""
    async with brief_stage(transport, trouble) as stage:
        seed(stage)
        await stage.ask(stage.riley, "/acr untagged myrepo")
        await afflict(stage, trouble, LOOKS)
        text = text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))
        check_words(text, trouble)
        assert stage.acr.login_server in text
        assert "[Propose deletion]" not in text
        await relieve(stage)
        assert "could go" in text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))


@pytest.mark.parametrize(
    "fault",
    [{"status": 429, "headers": {"Retry-After": "1"}}, {"status": 503}, {"action": "reset"}, {"action": "truncate"}],
    ids=["429", "503", "reset", "truncated"],
)
async def test_a_trouble_that_passes_is_not_noticed(transport: str, fault: dict[str, Any]) -> None:
    """What is over after a moment is waited for, and nobody hears of it."""
    async with brief_stage(transport) as stage:
        seed(stage)
        rule = stage.acr.faults.add(Fault(**fault, **LOOKS, count=1))
        assert "3 of 6 manifests" in text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))
        assert rule.hits == 1


async def test_of_several_repositories_the_unreadable_one_is_named(transport: str) -> None:
    """One repository that fails keeps the others from nothing: it is named, and is no part of the proposal."""
    async with brief_stage(transport) as stage:
        for name in ("team/app", "team/api"):
            stage.registry.push_image(name, layers=[1], updated=days_ago(9))
        stage.acr.faults.add(Fault(status=403, path=r"^/acr/v1/team/api"))
        text = text_of(await stage.ask(stage.riley, "/acr untagged team/*"))
        assert "could go" in text
        assert "Not cleaned" in text
        assert "team/api" in text
        assert "firewall" in text
        card = await stage.propose(stage.riley, "/acr untagged team/*")
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert len(stage.registry.digests("team/api")) == 1
        assert stage.registry.digests("team/app") == set()


# Proposing


@every_trouble
async def test_who_proposes_is_told_what_is_wrong(transport: str, trouble: str) -> None:
    """Nothing is proposed while the registry can't be read; afterwards the same button works."""
    async with make_stage(transport) as stage:
        async with stage.running(SHORT, patience=patience_for(trouble)):
            seed(stage)
            answer = await stage.ask(stage.riley, "/acr untagged myrepo")
            await afflict(stage, trouble, LOOKS)
            words = TROUBLE[trouble][1][0]
            text = await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), words)
            check_words(text, trouble)
            assert stage.cards() == []
            await relieve(stage)
            await stage.card_after(stage.riley.click(answer, "propose"))
        assert await states(stage) == [State.OPEN]


# Running: before the first delete


@in_turns(*TROUBLE)
async def test_a_run_that_cannot_look_again_deletes_nothing(transport: str, trouble: str) -> None:
    """Without a fresh look nothing is deleted: the run ends as failed, and the card says why."""
    async with brief_stage(transport, trouble) as stage:
        loose, stay = seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await afflict(stage, trouble, LOOKS)
        await stage.sam.click(card, "approve")
        text = await stage.settled(card)
        assert "Broke off: deleted none of 3 untagged manifests" in text
        assert "myrepo could not be read again" in text
        check_words(text, trouble)
        assert "3 manifests were not reached, and left alone" in text
        assert {outcome for outcome, _ in outcomes(stage, card).values()} == {"todo"}
        assert stage.registry.digests("myrepo") == loose | stay


@in_turns(*[name for name in TROUBLE if name not in DENIED])
async def test_a_run_waits_for_a_registry_that_comes_back(transport: str, trouble: str, logged: list[str]) -> None:
    """A registry that answers again within the run's patience is cleaned as if nothing had been."""
    async with brief_stage(transport, trouble, LONG) as stage:
        loose, stay = seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        # What is asked in the background is not to meet the trouble in the run's place.
        await stage.slack.wait_for(lambda: "measured" in logged, timeout=20)
        # More than one request tries, so the run itself has to wait. (Connections that break are tried twice each.)
        await afflict(stage, trouble, LOOKS, count=2 * BRIEF.tries + 1 if trouble == "reset" else BRIEF.tries + 1)
        await stage.sam.click(card, "approve")
        await stage.slack.wait_for(lambda: "registry_away" in logged, timeout=20)
        if not stage.acr.running:
            await stage.acr.start()
        text = await stage.settled(card)
        assert "Deleted all 3 untagged manifests" in text
        assert stage.registry.digests("myrepo") == stay
        assert set(outcomes(stage, card)) == loose


# Running: in the middle of the deletes


@in_turns("reset", "hangs", "429", "500", "garbage")
async def test_what_cannot_be_deleted_is_recorded_as_failed(transport: str, trouble: str) -> None:
    """When deletes begin to fail and go on so, each has its cause on record, and the rest stays as it is."""
    async with brief_stage(transport, trouble) as stage:
        loose, stay = seed(stage, 10)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await afflict(stage, trouble, DELETES, skip=6)
        await stage.sam.click(card, "approve")
        text = await stage.settled(card, timeout=60)
        check_record(stage, card, loose, stay, {"deleted": 6, "failed": 4})
        assert "Deleted 6 of 10 untagged manifests" in text
        assert "4 failed" in text
        assert TROUBLE[trouble][1][0] in html.unescape(text)


@in_turns(*DENIED)
async def test_a_run_that_is_denied_ends(transport: str, trouble: str) -> None:
    """When the registry begins to deny deletes, no further one is tried than are under way, and the card says why."""
    async with brief_stage(transport, trouble) as stage:
        loose, stay = seed(stage, 60)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await afflict(stage, trouble, DELETES, skip=6)
        await stage.sam.click(card, "approve")
        text = await stage.settled(card)
        counts = check_record(stage, card, loose, stay)
        assert counts["deleted"] == 6
        assert 1 <= counts["failed"] <= 32
        assert "Broke off: deleted 6 of 60 untagged manifests" in text
        assert "not reached, and left alone" in text
        check_words(text, trouble)


async def test_a_registry_that_goes_down_for_good_ends_the_run(transport: str) -> None:
    """What was sent is recorded as failed with its cause, what was not is left; the card says that and why."""
    async with brief_stage(transport) as stage:
        loose, stay = seed(stage, FULL_SPEED)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stop_in_the_middle(stage, card, loose)
        text = await stage.settled(card)
        counts = Counter(outcome for outcome, _ in outcomes(stage, card).values())
        assert counts["failed"]
        assert counts.total() == FULL_SPEED
        assert "Broke off: deleted" in text
        check_words(text, "down")
        # The last answers may have been lost with the connections, so more can be gone than is known to be.
        known = {digest for digest, (outcome, _) in outcomes(stage, card).items() if outcome in {"deleted", "gone"}}
        left_alone = {digest for digest, (outcome, _) in outcomes(stage, card).items() if outcome == "todo"}
        there = stage.registry.digests("myrepo")
        assert not known & there
        assert left_alone | stay <= there


async def test_a_registry_that_goes_down_and_comes_back_is_cleaned_to_the_end(transport: str) -> None:
    """An outage in the middle of the deletes is waited for, and in the end all that was approved is gone."""
    async with brief_stage(transport, pace=LONG) as stage:
        loose, stay = seed(stage, FULL_SPEED)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stop_in_the_middle(stage, card, loose)
        await stage.acr.start()
        text = await stage.settled(card)
        assert stage.registry.digests("myrepo") == stay
        counts = Counter(outcome for outcome, _ in outcomes(stage, card).values())
        # The answers that were lost with the connections: those are found gone at the second try.
        assert counts.keys() <= {"deleted", "gone"}
        assert counts.total() == FULL_SPEED
        assert f"*{counts['deleted']}* deleted" in text


@pytest.mark.parametrize(
    ("transport", "fault"),
    [
        ("http", {"status": 429, "headers": {"Retry-After": "1"}, "count": 2}),
        ("socket", {"status": 429, "count": 5}),
        ("http", {"status": 500, "count": BRIEF.tries + 1}),
        ("socket", {"action": "reset", "count": BRIEF.tries + 1}),
        ("http", {"action": "garbage", "count": 1}),
    ],
    ids=["429-with-an-end", "429", "500", "reset", "garbage"],
)
async def test_a_trouble_that_passes_costs_nothing(transport: str, fault: dict[str, Any]) -> None:
    """A delete that fails for a while is tried again, and in the end all are recorded as deleted."""
    async with brief_stage(transport, pace=LONG) as stage:
        loose, stay = seed(stage, 10)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        rule = stage.acr.faults.add(Fault(**fault, **DELETES, path=min(loose)))
        await stage.sam.click(card, "approve")
        assert "Deleted all 10 untagged manifests" in await stage.settled(card)
        assert rule.hits == fault["count"]
        check_record(stage, card, loose, stay, {"deleted": 10})


async def test_a_delete_whose_answer_is_lost_is_no_failure(transport: str) -> None:
    """What was deleted without an answer is found gone at the next try, and recorded as deleted."""
    async with brief_stage(transport) as stage:
        loose, stay = seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.acr.faults.add(Fault(action="reset", when="after", count=1, **DELETES))
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        check_record(stage, card, loose, stay, {"deleted": 3})


async def test_an_identity_without_the_right_to_delete_is_told_its_role(transport: str) -> None:
    """Nothing is deleted, and the card names the role that is missing."""
    async with brief_stage(transport) as stage:
        loose, stay = seed(stage)
        stage.acr.options.principals = [APP_IDENTITY.without("delete"), ADMIN]
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.sam.click(card, "approve")
        text = await stage.settled(card)
        assert "Broke off: deleted none of 3" in text
        assert "does not let this app delete myrepo@sha256:" in text
        assert "needs the role AcrDelete" in text
        assert stage.registry.digests("myrepo") == loose | stay


async def test_an_identity_that_may_not_list_repositories_can_clean(transport: str) -> None:
    """The right to list the catalog is needed for nothing but patterns: one repository is cleaned without it."""
    async with brief_stage(transport) as stage:
        stage.acr.options.principals = [APP_IDENTITY.without("catalog"), ADMIN]
        loose, stay = seed(stage, 10)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.acr.faults.add(Fault(status=500, path=min(loose), count=BRIEF.tries + 1, **DELETES))
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        check_record(stage, card, loose, stay, {"deleted": 10})
        text = text_of(await stage.ask(stage.riley, "/acr untagged team/*"))
        assert "Catalog Lister" in text


async def test_what_a_surviving_index_needs_is_skipped(transport: str) -> None:
    """An index that can't be deleted keeps its children, with that reason; all else that was approved goes."""
    async with brief_stage(transport) as stage:
        loose, stay = seed(stage)
        index = stage.registry.push_multi_arch("myrepo", layers=[700], updated=days_ago(9))
        children = stage.registry.digests("myrepo") - loose - stay - {index}
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.acr.faults.add(Fault(status=500, path=index, **DELETES))
        await stage.sam.click(card, "approve")
        text = await stage.settled(card)
        record = outcomes(stage, card)
        assert record[index][0] == "failed"
        assert "failed with status 500" in record[index][1]
        for child in children:
            outcome, reason = record[child]
            assert outcome == "skipped"
            assert reason == f"{index.removeprefix('sha256:')[:12]} was not deleted, and needs it"
        assert stage.registry.digests("myrepo") == stay | children | {index}
        assert "Deleted 3 of 6 untagged manifests" in text
        assert "2 skipped" in text
        assert "1 failed" in text


async def stop_in_the_middle(stage: Stage, card: Message, loose: set[str]) -> None:
    """Approve, and take the registry down when some of the deletes are answered and others are not."""
    stage.acr.options.latency = 0.2
    await stage.sam.click(card, "approve")
    await stage.slack.wait_for(lambda: stage.acr.log.count("delete_manifest") > 10, timeout=15)
    await stage.acr.stop()
    stage.acr.options.latency = 0
    assert stage.registry.digests("myrepo") & loose, "it was not in the middle"


def check_record(
    stage: Stage, card: Message, loose: set[str], stay: set[str], expected: dict[str, int] | None = None
) -> Counter[str]:
    """Hold the record against the registry: what it calls deleted or gone is gone, and all else is there."""
    record = outcomes(stage, card)
    assert set(record) == loose
    gone = {digest for digest, (outcome, _) in record.items() if outcome in {"deleted", "gone"}}
    assert stage.registry.digests("myrepo") == stay | (loose - gone)
    counts = Counter(outcome for outcome, _ in record.values())
    assert expected is None or counts == expected
    return counts
