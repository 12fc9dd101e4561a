"""The lease on a run: renewed in time, doubted by the worker first, proven anew where nobody else has taken the run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest

from bot.domain.proposal import State
from bot.errors import FenceLostError, LeaseHeldError, LeaseOverError
from bot.store import Store
from bot.work import Lease, boot_time, lease
from tests.store.make import put, take

# Long enough that a slow machine renews it in time.
SHORT = timedelta(seconds=3)
LONG = timedelta(minutes=10)


@dataclass
class Clock:
    """A clock that can be moved, as a machine that slept finds its own."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return boot_time() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let leases look at a clock that can be moved."""
    found = Clock()
    monkeypatch.setattr(lease, "boot_time", found)
    return found


@asynccontextmanager
async def opened(url: str, length: timedelta) -> AsyncIterator[Store]:
    """Open a database with leases of this length."""
    store = await Store.open(url, lease=length)
    try:
        yield store
    finally:
        await store.close()


async def taken(store: Store, stop: asyncio.Event | None = None) -> Lease:
    """Take the run of p1 as the executor does."""
    began = lease.boot_time()
    fence = await take(store)
    assert fence is not None
    return Lease(store, "p1", fence, began, stop or asyncio.Event())


async def test_a_kept_lease_keeps_others_out(postgres_url: str) -> None:
    """For as long as it is renewed nobody else can take the run, and at its end anybody can at once."""
    async with opened(postgres_url, SHORT) as store, opened(postgres_url, SHORT) as other:
        await put(store, State.APPROVED)
        held = await taken(store)
        loop = asyncio.get_running_loop()
        async with held.kept():
            until = loop.time() + 1.5 * SHORT.total_seconds()
            while loop.time() < until:
                with pytest.raises(LeaseHeldError):
                    await take(other)
                await asyncio.sleep(0.05)
        assert await take(other) == 2


async def test_who_slept_past_the_lease_finds_the_run_taken(postgres_url: str, clock: Clock) -> None:
    """It doubts its lease at once, proves nothing, and writes nothing; the other goes on undisturbed."""
    async with opened(postgres_url, SHORT) as store, opened(postgres_url, LONG) as other:
        await put(store, State.APPROVED)
        held = await taken(store)
        assert held.holds()
        clock.ahead += SHORT.total_seconds()
        assert not held.holds()
        while True:
            try:
                assert await take(other) == 2
                break
            except LeaseHeldError:
                await asyncio.sleep(0.05)
        async with held.kept():
            with pytest.raises(FenceLostError):
                await held.wait()
            assert not held.holds()
        await other.proposals.renew("p1", 2)


async def test_who_slept_and_was_not_missed_goes_on(store: Store, clock: Clock) -> None:
    """Where nobody took the run it proves its fence again and goes on under the same."""
    await put(store, State.APPROVED)
    held = await taken(store)
    async with held.kept():
        clock.ahead += 3600
        assert not held.holds()
        await held.wait()
        assert held.holds()
        await store.proposals.renew("p1", 1)


async def test_a_run_taken_again_by_the_same_process_is_lost_to_the_first(store: Store, clock: Clock) -> None:
    """The fence tells two runs apart that bear the same name in the table of claims."""
    await put(store, State.APPROVED)
    first = await taken(store)
    second = await taken(store)
    async with first.kept(), second.kept():
        clock.ahead += 3600
        await second.wait()
        with pytest.raises(FenceLostError):
            await first.wait()
        assert second.holds()


@asynccontextmanager
async def away(postgres: str, url: str) -> AsyncIterator[None]:
    """Cut every connection to a database, and let no new one in."""
    with psycopg.connect(postgres, autocommit=True) as admin, psycopg.connect(url) as named:
        name = named.info.dbname
        named.close()
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


async def test_a_database_that_is_away_is_waited_for(
    postgres: str, postgres_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the lease can't be proven nothing may be changed; once the database is back, it goes on."""
    async with opened(postgres_url, LONG) as store:
        await put(store, State.APPROVED)
        held = await taken(store)
        async with held.kept():
            async with away(postgres, postgres_url):
                clock.ahead += LONG.total_seconds()
                waiting = asyncio.create_task(held.wait())
                await asyncio.wait([waiting], timeout=1.2)
                assert not waiting.done()
                assert not held.holds()
            await asyncio.wait_for(waiting, 30)
            assert held.holds()


async def test_who_is_to_end_does_not_wait(postgres: str, postgres_url: str, clock: Clock) -> None:
    """A worker that was told to stop while the database is away gives up."""
    stop = asyncio.Event()
    async with opened(postgres_url, LONG) as store:
        await put(store, State.APPROVED)
        held = await taken(store, stop)
        async with away(postgres, postgres_url), held.kept():
            clock.ahead += LONG.total_seconds()
            waiting = asyncio.create_task(held.wait())
            stop.set()
            with pytest.raises(LeaseOverError):
                await asyncio.wait_for(waiting, 30)


def test_the_clock_goes_on_while_the_machine_sleeps() -> None:
    """It counts from the same moment as the kernel's time since boot, where that is known."""
    with open("/proc/uptime") as file:  # noqa: PTH123 - no file of ours
        assert abs(boot_time() - float(file.read().split()[0])) < 60
