"""The app as a process: it ends cleanly, it refuses what it can't run with, and it survives ``kill -9`` anywhere."""

import asyncio
import contextlib
import csv
import io
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.domain.proposal import Deed, Event, Outcome, Proposal, State, Tally
from bot.store import Store
from sandbox.acr import Fault
from sandbox.slack import Message, text_of
from tests.scenarios.process import AppProcess, environment, failed_run, running_process
from tests.scenarios.stage import OPS, QUICK, Stage, days_ago, make_stage

pytestmark = pytest.mark.slow

MANY = 2_000
# All of a chunk is written down before the next is begun, so no more can be unknown after a kill.
CHUNK = 100
CONCURRENCY = 32


def seed(stage: Stage, repository: str, count: int) -> tuple[set[str], set[str]]:
    """Fill a repository with so many untagged manifests, some of them multi-arch; give those, and what must stay."""
    registry, old = stage.registry, days_ago(9)
    for _ in range(count // 40):
        registry.push_multi_arch(repository, platforms=("linux/amd64", "linux/arm64", "linux/s390x"), updated=old)
    while len(registry.digests(repository)) < count:
        # A Docker image can't hold or need another, so its body need not be read.
        registry.push_image(repository, media="docker", updated=old)
    loose = registry.digests(repository)
    signed = registry.push_multi_arch(repository, tags=["v1"], updated=old)
    registry.push_artifact(repository, subject=signed, updated=old)
    return loose, registry.digests(repository) - loose


def outcomes(stage: Stage, card: Message) -> dict[str, str]:
    """Give the outcome by digest, from the only such file in the card's thread; each digest is in it once."""
    files = [file for message in stage.olu.thread(OPS, card.ts) for file in message.files]
    (content,) = [file.content for file in files if file.name.endswith("outcome.csv")]
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert len({row["digest"] for row in rows}) == len(rows)
    return {row["digest"]: row["outcome"] for row in rows}


async def stored(stage: Stage) -> list[tuple[Proposal, Tally, list[Event]]]:
    """Read what the database holds of each proposal, while no process has it open."""
    store = await Store.open(stage.environ["DATABASE_URL"])
    try:
        ids = dict.fromkeys(event.proposal for event in await store.events.list() if event.proposal)
        found = []
        for one in ids:
            proposal = await store.proposals.get(one)
            assert proposal is not None
            found.append((proposal, await store.proposals.tally(one), await store.events.list(one)))
    finally:
        await store.close()
    return found


async def approve_and_wait(stage: Stage, card: Message, deletes: int) -> None:
    """Approve, and wait until so many deletes have been answered."""
    await stage.sam.click(card, "approve")
    await stage.slack.wait_for(lambda: stage.acr.log.count("delete_manifest") >= deletes, timeout=60)


def children_of(stage: Stage, repository: str, indexes: set[str]) -> dict[str, list[str]]:
    """Give the children of those manifests that are indexes."""
    bodies = {found.digest: json.loads(found.body) for found in stage.registry.manifests(repository)}
    return {
        digest: [entry["digest"] for entry in bodies[digest]["manifests"]]
        for digest in indexes
        if "manifests" in bodies[digest]
    }


def check_order(stage: Stage, children: dict[str, list[str]]) -> None:
    """See in the request log that no child went before its index."""
    asked: dict[str, int] = {}
    for position, entry in enumerate(stage.acr.log.entries("delete_manifest")):
        asked.setdefault(entry.path.rpartition("/")[2], position)
    assert children
    for index, parts in children.items():
        assert parts
        assert asked[index] < min(asked[part] for part in parts)


# Running and ending


async def test_healthz_answers_in_both_modes(transport: str) -> None:
    """As soon as requests are taken, ``GET /healthz`` answers 200, over HTTP and in Socket Mode."""
    async with make_stage(transport) as stage, running_process(stage) as app, aiohttp.ClientSession() as session:
        async with session.get(f"{app.address}/healthz") as answer:
            assert answer.status == 200
            assert (await answer.json())["status"] == "ok"
        async with session.post(f"{app.address}/slack/events") as answer:
            assert answer.status == (401 if transport == "http" else 404)
        assert "/acr untagged" in text_of(await stage.ask(stage.riley, "/acr help"))
        assert await app.terminate() == 0


async def test_sigterm_in_the_middle_of_a_run_ends_cleanly(transport: str) -> None:
    """No new delete is begun, all that was deleted is written down, and the next start finishes the run."""
    async with make_stage(transport) as stage:
        loose, stay = seed(stage, "myrepo", 300)
        async with running_process(stage) as app:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.03
            await approve_and_wait(stage, card, 40)
            assert await app.terminate() == 0
            assert app.events("stopped")
            assert "Traceback" not in app.said
        stage.acr.options.latency = 0
        gone = loose - stage.registry.digests("myrepo")
        assert 0 < len(gone) < 300, "it was not in the middle"
        ((proposal, tally, _),) = await stored(stage)
        assert proposal.state is State.RUNNING
        assert tally[Outcome.DELETED] == len(gone)
        async with running_process(stage):
            text = await stage.settled(card)
        assert "Deleted all 300 untagged manifests" in text
        assert "Picked up again after 1 interruption" in text
        assert stage.registry.digests("myrepo") == stay
        assert stage.acr.log.count("delete_manifest") == 300
        assert outcomes(stage, card) == dict.fromkeys(loose, "deleted")


async def test_sigterm_does_not_wait_for_a_silent_registry() -> None:
    """A registry that gives no answer does not keep the process from ending, and the next start finishes the run."""
    async with make_stage("http") as stage:
        _, stay = seed(stage, "myrepo", 60)
        hang = stage.acr.faults.add(Fault(action="hang", kind="delete_manifest", skip=10))
        async with running_process(stage) as app:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.sam.click(card, "approve")
            await stage.slack.wait_for(lambda: hang.hits > 0, timeout=30)
            assert await app.terminate() == 0
            assert app.events("job_cut_off")
        stage.acr.faults.clear()
        async with running_process(stage):
            await stage.settled(card)
        assert stage.registry.digests("myrepo") == stay
        assert Counter(outcomes(stage, card).values()).keys() <= {"deleted", "gone"}


# What it can't run with


async def test_a_second_process_on_the_same_database_refuses(transport: str, tmp_path: Path) -> None:
    """It ends with words that say who has the database and what to do, and the first goes on."""
    async with make_stage(transport) as stage, running_process(stage) as app:
        code, said = await failed_run(environment(stage), tmp_path / "second.log")
        assert code == 2
        assert f"is in use by process {app.pid}" in said
        assert "stop that one first" in said
        assert "Traceback" not in said
        assert "/acr untagged" in text_of(await stage.ask(stage.riley, "/acr help"))


async def test_all_faults_of_a_configuration_are_listed_at_once(tmp_path: Path) -> None:
    """Each fault is told with its setting and what was expected; nothing is started, and no secret is shown."""
    async with make_stage("http") as stage:
        config = tmp_path / "config.yml"
        config.write_text("limits: {concurrency: 99}\nselectoin: {}\n", encoding="utf-8")
        faults = {
            "SLACK_BOT_TOKEN": "not-a-token-but-secret",
            "SLACK_SIGNING_SECRET": "",
            "ACR_REGISTRIES": "http://registry.example.com",
            "ACR_APPROVERS": "@sam",
            "ACR_GRACE": "soon",
            "PORT": "http",
            "LOG_LEVEL": "LOUD",
            "DATABASE_URL": "mysql://nowhere",
            "ACR_JANITOR_CONFIG": str(config),
        }
        code, said = await failed_run(environment(stage, faults), tmp_path / "app.log")
    assert code == 2
    for name in (*faults, "concurrency", "selectoin"):
        if name != "ACR_JANITOR_CONFIG":
            assert name in said
    assert "fault(s)" in said
    assert "Traceback" not in said
    assert "not-a-token-but-secret" not in said


async def test_without_any_settings_it_says_what_is_missing(tmp_path: Path) -> None:
    """Started with nothing set it names each setting that it needs."""
    code, said = await failed_run({}, tmp_path / "app.log")
    assert code == 2
    for name in ("ACR_REGISTRIES", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"):
        assert name in said
    assert "Traceback" not in said


# kill -9


async def test_kill_9_in_the_middle_of_two_thousand_deletes(transport: str) -> None:
    """The next start deletes what is left and nothing else; each digest is on record exactly once."""
    async with make_stage(transport) as stage:
        loose, stay = seed(stage, "myrepo", MANY)
        children = children_of(stage, "myrepo", loose)
        async with running_process(stage) as app:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.004
            await approve_and_wait(stage, card, 400)
            await app.kill()
        await stage.slack.wait_for(lambda: stage.acr.pending == 0)
        gone = loose - stage.registry.digests("myrepo")
        assert 400 <= len(gone) < MANY - CHUNK, "it was not in the middle"
        ((proposal, tally, _),) = await stored(stage)
        assert proposal.state is State.RUNNING
        assert len(gone) - CHUNK <= tally[Outcome.DELETED] <= len(gone)

        async with running_process(stage) as app:
            text = await stage.settled(card, timeout=90)
            assert await app.terminate() == 0
        assert stage.registry.digests("myrepo") == stay
        check_order(stage, children)
        record = outcomes(stage, card)
        assert set(record) == loose
        counts = Counter(record.values())
        assert counts["deleted"] + counts["gone"] == MANY
        assert counts["gone"] <= CHUNK
        assert stage.acr.log.count("delete_manifest") <= MANY + CONCURRENCY
        ((proposal, tally, events),) = await stored(stage)
        assert proposal.state is State.DONE
        assert tally.settled == MANY
        deeds = [event.detail["digest"] for event in events if event.deed is Deed.ITEM and event.detail]
        assert Counter(deeds) == dict.fromkeys(loose, 1)
        assert [event.deed for event in events if event.deed is not Deed.ITEM] == [
            Deed.PROPOSED,
            Deed.APPROVED,
            Deed.STARTED,
            Deed.RESUMED,
            Deed.FINISHED,
        ]
        assert f"*{counts['deleted']:,}* deleted" in text
        assert "Picked up again after 1 interruption" in text
        assert "[Approve]" not in text


async def test_kill_9_in_the_middle_of_removing_tags() -> None:
    """The next start removes the tags that are left; each is on record once, and no manifest is touched."""
    async with make_stage("socket") as stage:
        manifests, keep = tagged(stage, 200)
        async with running_process(stage) as app:
            card = await stage.propose(stage.riley, "/acr purge 'app:^pr-' --ago 3d")
            stage.acr.options.latency = 0.02
            await stage.sam.click(card, "approve")
            await stage.slack.wait_for(lambda: stage.acr.log.count("delete_tag") >= 60, timeout=60)
            await app.kill()
        await stage.slack.wait_for(lambda: stage.acr.pending == 0)
        left = len(stage.registry.tags("app")) - 1
        assert 0 < left <= 140, "it was not in the middle"
        moved = max(tag for tag in stage.registry.tags("app") if tag.startswith("pr-"))
        stage.registry.tag("app", keep, moved)
        async with running_process(stage) as app:
            text = await stage.settled(card, timeout=60)
            assert await app.terminate() == 0
        assert stage.registry.tags("app") == {"v1": keep, moved: keep}
        assert stage.registry.digests("app") == manifests | {keep}
        assert "Picked up again after 1 interruption" in text
        assert not stage.acr.log.count("delete_manifest")
        ((proposal, tally, events),) = await stored(stage)
        assert proposal.state is State.DONE
        assert tally[Outcome.REMOVED] + tally[Outcome.GONE] == 199
        assert tally[Outcome.GONE] <= CHUNK
        assert tally[Outcome.SKIPPED] == 1
        deeds = [event.detail["tag"] for event in events if event.deed is Deed.ITEM and event.detail]
        assert Counter(deeds) == {f"pr-{n:03}": 1 for n in range(200)}


@pytest.mark.parametrize("line", ["purge 'app:^pr-' --ago 3d", "old app --older-than 3d --tags 'pr-.*'"])
async def test_a_worker_that_was_replaced_stops_at_once(line: str, logged: list[str]) -> None:
    """Once another worker has taken a run, the first writes no more and begins nothing; the run ends whole."""
    kind = "delete_tag" if line.startswith("purge") else "delete_manifest"
    async with make_stage("http") as stage:
        manifests, keep = tagged(stage, 200)
        async with stage.running(replace(QUICK, chunk=50)):
            card = await stage.propose(stage.riley, f"/acr {line}")
            stage.acr.options.latency = 0.05
            await stage.sam.click(card, "approve")
            await stage.slack.wait_for(lambda: stage.acr.log.count(kind) >= 40, timeout=60)
            await asyncio.to_thread(take_over, stage)
            await stage.slack.wait_for(lambda: "fence_lost" in logged, timeout=60)
            stage.acr.options.latency = 0
            text = await stage.settled(card, timeout=60)
        assert logged.count("run_started") == 2
        assert "Picked up again after" in text
        assert stage.registry.tags("app") == {"v1": keep}
        assert stage.registry.digests("app") == {keep} | (manifests if kind == "delete_tag" else set())
        assert stage.acr.log.count(kind) <= 200 + CONCURRENCY
        ((_, tally, events),) = await stored(stage)
        assert tally.settled == 200
        assert not tally[Outcome.FAILED]
        assert sum(event.deed is Deed.ITEM for event in events) == 200


def take_over(stage: Stage) -> None:
    """Count the fence up, as another worker does that takes the run."""
    with contextlib.closing(sqlite3.connect(stage.folder / "state.db", timeout=30)) as database, database:
        database.execute("UPDATE proposals SET fence = fence + 1")


def tagged(stage: Stage, count: int) -> tuple[set[str], str]:
    """Push so many images of one tag each, ``pr-000`` and so on, and one to keep; give their digests."""
    push, old = stage.registry.push_image, days_ago(9)
    keep = push("app", tags=["v1"], media="docker", layers=[count + 1], updated=old)
    loose = {push("app", tags=[f"pr-{n:03}"], media="docker", layers=[n + 1], updated=old) for n in range(count)}
    return loose, keep


async def test_kill_9_before_the_card_is_posted(transport: str) -> None:
    """A proposal that was stored and never shown is shown by the next start, and can then be decided on."""
    async with make_stage(transport) as stage:
        loose, stay = seed(stage, "myrepo", 5)
        async with running_process(stage) as app:
            answer = await stage.ask(stage.riley, "/acr untagged myrepo")
            await killed_at(stage, app, stage.riley.click(answer, "propose"), "chat.postMessage")
        ((proposal, _, _),) = await stored(stage)
        assert (proposal.state, proposal.card_ts) == (State.OPEN, "")
        # A card that is on its way would be posted twice: a later start waits a minute before it takes one for lost.
        stage.clock_ahead = timedelta(minutes=2)
        async with stage.running():
            await stage.slack.wait_for(stage.cards, timeout=20)
            (card,) = stage.cards()
            await stage.slack.wait_for(lambda: stage.files(card), timeout=20)
            assert stage.registry.digests("myrepo") == loose | stay
            await stage.sam.click(card, "approve")
            await stage.settled(card)
        assert stage.registry.digests("myrepo") == stay


async def test_kill_9_between_the_approval_and_the_run() -> None:
    """What was approved and has not begun is carried out by the next start, after what had."""
    async with make_stage("socket") as stage:
        stays = [seed(stage, name, 5)[1] for name in ("one", "two")]
        hang = stage.acr.faults.add(Fault(action="hang", kind="delete_manifest"))
        async with running_process(stage) as app:
            cards = [await stage.propose(stage.riley, f"/acr untagged {name}") for name in ("one", "two")]
            await stage.sam.click(cards[0], "approve")
            await stage.slack.wait_for(lambda: hang.hits > 0, timeout=30)
            await stage.sam.click(cards[1], "approve")
            await stage.until(cards[1], "Waiting to start")
            await app.kill()
        assert [proposal.state for proposal, _, _ in await stored(stage)] == [State.RUNNING, State.APPROVED]
        stage.acr.faults.clear()
        async with running_process(stage):
            for card in cards:
                assert "Deleted all 5 untagged manifests" in await stage.settled(card)
        assert [stage.registry.digests(name) for name in ("one", "two")] == stays


@pytest.mark.parametrize(("transport", "method"), [("http", "chat.update"), ("socket", "files.getUploadURLExternal")])
async def test_kill_9_before_the_last_drawing(transport: str, method: str) -> None:
    """A run that ended without anybody being shown is shown by the next start, with its file, once."""

    def is_the_last(arguments: dict[str, Any]) -> bool:
        return "Deleted all" in str(arguments.get("text")) or "outcome.csv" in str(arguments.get("filename"))

    async with make_stage(transport) as stage:
        loose, stay = seed(stage, "myrepo", 5)
        async with running_process(stage) as app:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await killed_at(stage, app, stage.sam.click(card, "approve"), method, is_the_last)
        assert stage.registry.digests("myrepo") == stay
        ((proposal, _, _),) = await stored(stage)
        assert proposal.state is State.DONE
        assert proposal.drawn != State.DONE
        async with running_process(stage):
            assert "Deleted all 5 untagged manifests" in await stage.settled(card)
        assert outcomes(stage, card) == dict.fromkeys(loose, "deleted")


async def killed_at(stage: Stage, app: AppProcess, move: Any, method: str, match: Any = lambda _: True) -> None:
    """Make a move, and kill the app while it waits for Slack's answer to a call."""
    asked = []

    def noted(arguments: dict[str, Any]) -> bool:
        if not match(arguments):
            return False
        asked.append(method)
        return True

    stage.slack.fail(method, error="fatal_error", delay=5.0, match=noted)
    outcome = await move
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: asked, timeout=30)
    await app.kill()
