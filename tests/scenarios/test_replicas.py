"""Several replicas on one PostgreSQL, behind a load balancer: they act as one, whatever becomes of one of them."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.domain.proposal import Deed, Event
from bot.store import Store
from sandbox.slack import Message, text_of
from tests.conftest import Server
from tests.scenarios.process import AppProcess, environment, has_started, started
from tests.scenarios.replica import CLOCK_FILE, TURNS_EVERY
from tests.scenarios.stage import KIM, OPS, SAM, Stage, make_stage
from tests.scenarios.test_process import approve_and_wait, outcomes, seed

pytestmark = pytest.mark.slow


class Balancer:
    """Hands each request to the next of its addresses, and to another where that one does not answer."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.addresses: list[str] = []
        self.taken: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        for _ in range(len(self.addresses)):
            address = self.addresses.pop(0)
            self.addresses.append(address)
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with self._session.post(f"{address}{request.path}", data=body, headers=request.headers) as answer:
                    self.taken[address] += 1
                    kind = answer.content_type
                    return web.Response(status=answer.status, body=await answer.read(), content_type=kind)
        return web.Response(status=503)


@asynccontextmanager
async def balanced(stage: Stage, *addresses: str) -> AsyncIterator[Balancer]:
    """Let Slack reach these addresses in turn."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        balancer = Balancer(session)
        balancer.addresses = list(addresses)
        site = web.Application()
        site.router.add_post("/slack/events", balancer.handle)
        runner = web.AppRunner(site)
        await runner.setup()
        try:
            listener = web.TCPSite(runner, "127.0.0.1", 0)
            await listener.start()
            stage.slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
            yield balancer
        finally:
            await runner.cleanup()


@asynccontextmanager
async def replicas(stage: Stage, count: int, *, turns_every: float = 20) -> AsyncIterator[list[AppProcess]]:
    """Start so many, behind a balancer, or each on a socket of its own. ``move_clocks`` moves their time."""
    move_clocks(stage)
    environ = environment(stage, {CLOCK_FILE: str(_clock_file(stage)), TURNS_EVERY: str(turns_every)})
    async with AsyncExitStack() as exits:
        apps = [
            await exits.enter_async_context(
                started(environ, stage.folder / f"replica-{number}.log", module="tests.scenarios.replica")
            )
            for number in range(count)
        ]
        for app in apps:
            await has_started(app)
        if stage.transport == "http":
            await exits.enter_async_context(balanced(stage, *(app.address for app in apps)))
        else:
            await stage.slack.wait_for(lambda: stage.slack.sockets.connected == count, timeout=60)
            await stage.slack.deliver_by_socket()
        yield apps


def move_clocks(stage: Stage) -> None:
    """Let the clocks of replicas be as far ahead as the stage's."""
    new = stage.folder / "clock.new"
    new.write_text(str(stage.clock_ahead.total_seconds()), encoding="ascii")
    new.replace(_clock_file(stage))


def _clock_file(stage: Stage) -> Path:
    return stage.folder / "clock"


async def on_record(stage: Stage) -> list[Event]:
    """Read every deed."""
    store = await Store.open(stage.environ["DATABASE_URL"])
    try:
        return await store.events.list()
    finally:
        await store.close()


async def until(condition: Callable[[], Any], seconds: float = 90) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.05)


async def check_whole(stage: Stage, card: Message, loose: set[str], stay: set[str]) -> None:
    """See that exactly what was approved is gone, and stands on record once: in the table, the events and the file."""
    assert stage.registry.digests("myrepo") == stay
    assert outcomes(stage, card).keys() == loose
    assert set(outcomes(stage, card).values()) <= {"deleted", "gone"}
    events = await on_record(stage)
    items = [str((event.detail or {})["digest"]) for event in events if event.deed is Deed.ITEM]
    assert Counter(items) == Counter(loose)
    assert [event.deed for event in events if event.deed in {Deed.APPROVED, Deed.FINISHED}] == [
        Deed.APPROVED,
        Deed.FINISHED,
    ]
    assert len(stage.cards()) == 1


async def test_eight_clicks_over_three_replicas(postgres_url: str) -> None:
    """One of them approves, one run follows, and seven are told politely that somebody was quicker."""
    async with make_stage("http", settings={"DATABASE_URL": postgres_url}) as stage, AsyncExitStack() as exits:
        loose, stay = seed(stage, "myrepo", 40)
        apps = [await exits.enter_async_context(stage.running()) for _ in range(3)]
        balancer = await exits.enter_async_context(balanced(stage, *(app.address for app in apps)))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        people = [stage.sam, stage.kim] * 4
        clicks: list[Awaitable[Any]] = [person.click(card, "approve", stale=True) for person in people]
        assert all(outcome.ok for outcome in await asyncio.gather(*clicks))
        assert min(balancer.taken.values()) >= 3
        assert "Deleted all 40 untagged manifests" in await stage.settled(card)

        answers = [
            message
            for person, user in ((stage.sam, SAM), (stage.kim, KIM))
            for message in person.messages(OPS)
            if message.only_for == user and "Your click changed nothing" in text_of(message)
        ]
        assert len(answers) == 7, [text_of(message) for message in answers]
        assert all("This was approved by" in text_of(message) for message in answers)
        assert stage.acr.log.count("delete_manifest") == 40
        await check_whole(stage, card, loose, stay)
        assert [event.deed for event in await on_record(stage)].count(Deed.STARTED) == 1


async def test_kill_9_of_the_replica_that_runs_it(postgres_url: str) -> None:
    """Another of the three finishes what it had begun, and the card says so."""
    async with make_stage("http", settings={"DATABASE_URL": postgres_url}) as stage:
        loose, stay = seed(stage, "myrepo", 400)
        async with replicas(stage, 3) as apps:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.05
            await approve_and_wait(stage, card, 60)
            (holder,) = [app for app in apps if app.events("run_started")]
            await holder.kill()
            text = await stage.settled(card, timeout=90)
            stage.acr.options.latency = 0
            assert "Picked up again after 1 interruption" in text
            others = [app for app in apps if app is not holder]
            assert [len(app.events("run_started")) for app in others] in ([0, 1], [1, 0])
            await check_whole(stage, card, loose, stay)


async def test_a_replica_that_is_frozen_past_its_lease(postgres_url: str) -> None:
    """Another takes its run over; when it wakes up it begins no further delete, writes nothing, and serves again."""
    async with make_stage("http", settings={"DATABASE_URL": postgres_url}) as stage:
        loose, stay = seed(stage, "myrepo", 400)
        async with replicas(stage, 2) as apps:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.05
            await approve_and_wait(stage, card, 60)
            (holder,) = [app for app in apps if app.events("run_started")]
            (other,) = [app for app in apps if app is not holder]
            os.kill(holder.pid, signal.SIGSTOP)
            stage.slack.deliver_to(f"{other.address}/slack/events")
            await stage.settled(card, timeout=90)
            stage.acr.options.latency = 0
            # The look at what is left comes after the outcome, and is the last that the card hears of.
            text = await stage.until(card, "checked, ", timeout=90)
            sent = stage.acr.log.count("delete_manifest")
            os.kill(holder.pid, signal.SIGCONT)
            await until(lambda: holder.events("run_left_to_another"))
            assert not holder.events("run_finished")
            stage.slack.deliver_to(f"{holder.address}/slack/events")
            assert "/acr untagged" in text_of(await stage.ask(stage.riley, "/acr help"))
            # A machine may freeze it between its last look at the lease and the wire: what was being sent is sent.
            assert stage.acr.log.count("delete_manifest") - sent <= 1
            await stage.slack.wait_for(lambda: text_of(card) == text, timeout=30)
            await check_whole(stage, card, loose, stay)


async def test_the_only_replica_is_frozen_past_its_lease(postgres_url: str) -> None:
    """Where nobody took its place it proves its fence again when it wakes up, and goes on without a repeat."""
    async with make_stage("http", settings={"DATABASE_URL": postgres_url}) as stage:
        loose, stay = seed(stage, "myrepo", 200)
        async with replicas(stage, 1) as apps:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.05
            await approve_and_wait(stage, card, 40)
            os.kill(apps[0].pid, signal.SIGSTOP)
            await asyncio.sleep(6)
            os.kill(apps[0].pid, signal.SIGCONT)
            text = await stage.settled(card, timeout=90)
            stage.acr.options.latency = 0
            assert apps[0].events("lease_proven_anew")
            assert "Deleted all 200 untagged manifests" in text
            await check_whole(stage, card, loose, stay)


async def test_postgresql_is_restarted_in_the_middle_of_a_run(own_postgres: Server) -> None:
    """The run goes on where it was once the database is back, by itself."""
    async with make_stage("http", settings={"DATABASE_URL": own_postgres.url}) as stage:
        loose, stay = seed(stage, "myrepo", 300)
        async with replicas(stage, 2) as apps:
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            stage.acr.options.latency = 0.05
            await approve_and_wait(stage, card, 60)
            await asyncio.to_thread(own_postgres.restart)
            await stage.settled(card, timeout=90)
            stage.acr.options.latency = 0
            assert all(app.process.returncode is None for app in apps)
            await check_whole(stage, card, loose, stay)
            assert "/acr untagged" in text_of(await stage.ask(stage.riley, "/acr help"))
