import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.errors import RegistryError, RegistryThrottledError, RegistryUnreachableError
from bot.registry import Deletion, Pace, Patience, RegistryClient, background
from bot.registry.faults import HeldError
from bot.registry.retrying import _retry_after
from sandbox.acr import AcrOptions, AcrSandbox, Fault
from tests.registry.conftest import MakeClient

REPO = "payments/api"


@asynccontextmanager
async def _full(pace: Pace) -> AsyncIterator[None]:
    """Take every turn there is."""
    async with asyncio.TaskGroup() as group:
        leave = asyncio.Event()

        async def sit() -> None:
            async with pace.turn(pace.ticket(writes=False)):
                await leave.wait()

        for _ in range(pace.limit):
            group.create_task(sit())
        while pace.busy < pace.limit:  # noqa: ASYNC110 - every step is taken by this loop itself
            await asyncio.sleep(0)
        try:
            yield
        finally:
            leave.set()


async def _queue(pace: Pace, *tasks: asyncio.Task[None]) -> None:
    while pace.waiting < len(tasks):  # noqa: ASYNC110 - every step is taken by this loop itself
        await asyncio.sleep(0)


async def test_no_more_calls_than_the_limit_are_under_way() -> None:
    """The first limit is eight, or less where fewer are allowed."""
    assert (Pace(32).limit, Pace(5).limit) == (8, 5)
    pace = Pace(3)
    most = 0

    async def call() -> None:
        nonlocal most
        async with pace.turn(pace.ticket(writes=False)):
            most = max(most, pace.busy)
            await asyncio.sleep(0)

    await asyncio.gather(*(call() for _ in range(20)))
    assert (most, pace.busy, pace.waiting) == (3, 0, 0)


@pytest.mark.parametrize("most", [0, 33, -1])
def test_the_bounds_of_concurrency_are_checked(most: int) -> None:
    """A registry is asked by one to thirty-two calls at once."""
    with pytest.raises(ValueError, match="1 to 32"):
        Pace(most)


async def test_the_limit_doubles_a_round_until_the_first_429_and_grows_by_one_a_round_from_then_on() -> None:
    """Nobody knows the registry's limit at first; once it was met it is come near to with care."""
    pace = Pace(32)
    read = pace.ticket(writes=False)

    def all_succeed() -> None:
        for _ in range(pace.limit):
            pace._busy = pace.limit
            pace.succeeded(read, 0.1)

    limits = []
    for _ in range(3):
        all_succeed()
        limits.append(pace.limit)
    assert limits == [16, 32, 32]
    burst = asyncio.get_running_loop().time()
    for _ in range(20):
        pace.throttled(read, burst, 0)
    assert pace.limit == 16
    for _ in range(2):
        all_succeed()
    assert pace.limit in {17, 18}
    for _ in range(10):
        pace.throttled(read, asyncio.get_running_loop().time(), 0)
    assert pace.limit == 1


async def test_the_limit_does_not_grow_while_it_is_not_reached() -> None:
    """A success says nothing about more calls than there were."""
    pace = Pace(32)
    read = pace.ticket(writes=False)
    async with pace.turn(read):
        for _ in range(100):
            pace.succeeded(read, 0.1)
    assert pace.limit == 8


async def test_the_limit_does_not_grow_on_slow_answers() -> None:
    """A registry that takes its time is not asked for more at once."""
    pace = Pace(32)
    pace._busy = pace.limit
    for _ in range(100):
        pace.succeeded(pace.ticket(writes=False), 5.0)
    assert pace.limit == 8


async def test_who_waits_for_an_answer_goes_before_work_in_the_background() -> None:
    """Among equals the one who waited longest goes first, and a ticket keeps its place."""
    pace = Pace(1)
    order: list[str] = []

    async def call(name: str) -> None:
        async with pace.turn(pace.ticket(writes=False)):
            order.append(name)

    tasks = []
    async with _full(pace):
        with background():
            tasks += [asyncio.create_task(call(name)) for name in ("report 1", "report 2")]
        await _queue(pace, *tasks)
        tasks += [asyncio.create_task(call(name)) for name in ("person 1", "person 2")]
        await _queue(pace, *tasks)
    await asyncio.gather(*tasks)
    assert order == ["person 1", "person 2", "report 1", "report 2"]


async def test_a_hold_stops_everybody_until_it_ends() -> None:
    """During a pause nobody gets a turn; then all do."""
    pace = Pace(4)
    loop = asyncio.get_running_loop()
    began = loop.time()
    pace.throttled(pace.ticket(writes=False), began, 0.2)

    async def call(*, writes: bool) -> float:
        async with pace.turn(pace.ticket(writes=writes)):
            return loop.time()

    times = await asyncio.gather(call(writes=False), call(writes=True), call(writes=False))
    assert min(times) - began >= 0.2


async def test_a_hold_longer_than_patience_is_not_waited_for() -> None:
    """Whoever comes during a long pause is told at once how long it is."""
    pace = Pace(4, patience=60)
    pace.throttled(pace.ticket(writes=False), asyncio.get_running_loop().time(), 3_600)
    with pytest.raises(HeldError) as caught:
        async with pace.turn(pace.ticket(writes=False)):
            pass
    assert caught.value.seconds > 3_500


async def test_when_no_writes_are_left_only_writes_wait() -> None:
    """The remaining-calls header holds writes until the bucket has one again; reads have another bucket."""
    pace = Pace(4)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for remaining in (4.0, 0.0):
        async with pace.turn(ticket := pace.ticket(writes=True)):
            pace.succeeded(ticket, 0.02, remaining)

    async def call(*, writes: bool) -> float:
        async with pace.turn(pace.ticket(writes=writes)):
            return loop.time() - began

    write, read = await asyncio.gather(call(writes=True), call(writes=False))
    assert write >= 0.2  # a fifth of a second: five writes a second
    assert read < write


async def test_who_leaves_the_queue_takes_no_turn() -> None:
    """A cancelled call neither keeps a turn nor takes one from those behind it."""
    pace = Pace(1)

    async def call() -> None:
        async with pace.turn(pace.ticket(writes=False)):
            pass

    async with _full(pace):
        tasks = [asyncio.create_task(call()) for _ in range(3)]
        await _queue(pace, *tasks)
        tasks[0].cancel()
        await asyncio.sleep(0)
        assert pace.waiting == 2
    tasks[1].cancel()  # its turn may just have been given to it
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not tasks[2].cancelled()
    assert (pace.busy, pace.waiting) == (0, 0)


def test_waits_double_up_to_a_bound_and_differ() -> None:
    """Each wait is between half and the whole of twice the one before."""
    patience = Patience(first_wait=1, longest_wait=5)
    for failures, longest in ((1, 1), (2, 2), (3, 4), (4, 5), (50, 5)):
        waits = {patience.wait(failures) for _ in range(50)}
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(waits) > 1


def test_retry_after_is_read_in_both_of_its_forms() -> None:
    """Seconds or a date; what is neither is as if it were not there."""
    assert _retry_after({}) is None
    assert _retry_after({"Retry-After": "7"}) == 7
    assert _retry_after({"Retry-After": "0.5"}) == 0.5
    assert _retry_after({"Retry-After": "-3"}) == 0
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 55 < (_retry_after({"Retry-After": in_a_minute}) or 0) <= 60
    for nonsense in ("soon", "nan", "inf", "Mon, 99 Foo 2026"):
        assert _retry_after({"Retry-After": nonsense}) is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(acr: AcrSandbox, client: RegistryClient, status: int) -> None:
    """Two failures in a row go unnoticed."""
    acr.registry.push_image(REPO)
    acr.faults.add(Fault(status=status, kind="list_repositories", count=2))
    assert await client.repositories() == [REPO]
    assert acr.log.count("list_repositories") == 3


@pytest.mark.parametrize("action", ["reset", "truncate", "hang"])
@pytest.mark.parametrize("kind", ["list_manifests", "get_manifest"])
async def test_a_broken_answer_is_asked_for_again(
    acr: AcrSandbox, client: RegistryClient, kind: str, action: Any
) -> None:
    """A reset, a body cut short and a hang go unnoticed once, in listings as in bodies."""
    digest = acr.registry.push_image(REPO)
    fault = acr.faults.add(Fault(action=action, kind=kind, count=1))
    if kind == "get_manifest":
        assert await client.body(REPO, digest) == acr.registry.manifest(REPO, digest).body
    else:
        assert [manifest.digest for manifest in await client.manifests(REPO)] == [digest]
    assert fault.hits == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409])
async def test_what_will_not_pass_is_not_tried_again(acr: AcrSandbox, client: RegistryClient, status: int) -> None:
    """A refusal is final, but for the one new token after a 401."""
    acr.faults.add(Fault(status=status, kind="list_repositories"))
    with pytest.raises(RegistryError):
        await client.repositories()
    assert acr.log.count("list_repositories") == (2 if status == 401 else 1)


async def test_tries_are_bounded(acr: AcrSandbox, make_client: MakeClient) -> None:
    """After so many failures it is a failure."""
    client = make_client(patience=Patience(tries=4, first_wait=0.001, longest_wait=0.001))
    acr.faults.add(Fault(status=500, kind="list_repositories"))
    with pytest.raises(RegistryError, match="500"):
        await client.repositories()
    assert acr.log.count("list_repositories") == 4


async def test_a_hung_registry_hangs_no_call(acr: AcrSandbox, make_client: MakeClient) -> None:
    """The whole of a call is bounded, however many tries are left."""
    client = make_client(patience=Patience(tries=1_000, total=0.6, attempt=0.2, first_wait=0.01))
    await client.check()
    acr.faults.add(Fault(action="hang", kind="list_repositories"))
    async with asyncio.timeout(10):
        with pytest.raises(RegistryUnreachableError, match="in time"):
            await client.repositories()
    assert client.pace.busy == 0


async def test_a_lost_answer_to_a_delete_is_a_delete(acr: AcrSandbox, client: RegistryClient) -> None:
    """When the connection breaks after the registry has deleted, the next try finds it gone, and that is fine."""
    digest = acr.registry.push_image(REPO)
    acr.faults.add(Fault(action="reset", kind="delete_manifest", when="after", count=1))
    assert await client.delete_manifest(REPO, digest) is Deletion.LOST
    assert acr.registry.digests(REPO) == set()


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_holds_all_callers_of_the_registry(
    acr: AcrSandbox, client: RegistryClient, status: int
) -> None:
    """After one 429 no request of any kind reaches the registry before its Retry-After is over."""
    digests = [acr.registry.push_image(REPO) for _ in range(20)]
    await client.repositories()
    await client.body(REPO, digests[0])
    acr.log.clear()
    acr.faults.add(Fault(status=status, headers={"Retry-After": "1"}, kind="list_repositories", count=1))
    listing = asyncio.create_task(client.repositories())
    async with asyncio.timeout(5):
        while not acr.log.entries(status=status):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
    # One that was on its way already may still arrive.
    await asyncio.sleep(0.05)
    await asyncio.gather(listing, *(client.body(REPO, digest) for digest in digests))
    refused = acr.log.entries(status=status)[0]
    later = [entry.at for entry in acr.log if entry is not refused]
    assert len(later) == 21
    assert min(later) - refused.at >= timedelta(seconds=1)


async def test_being_throttled_does_not_use_up_the_tries(acr: AcrSandbox, make_client: MakeClient) -> None:
    """A delete that is refused more often than a failure may be tried is still done."""
    digest = acr.registry.push_image(REPO)
    client = make_client(patience=Patience(tries=2, first_wait=0.01))
    acr.faults.add(Fault(status=429, kind="delete_manifest", count=5))
    assert await client.delete_manifest(REPO, digest)
    assert acr.log.count("delete_manifest") == 6


async def test_deletes_beyond_the_limit_of_the_tier_go_at_its_rate(
    acr: AcrSandbox, options: AcrOptions, make_client: MakeClient
) -> None:
    """The registry's own count of what is left holds them back, so that next to none is refused."""
    digests = [acr.registry.push_image(REPO) for _ in range(60)]
    options.writes_per_minute = 1_200
    client = make_client()
    began = time.monotonic()
    assert all(await asyncio.gather(*(client.delete_manifest(REPO, digest) for digest in digests)))
    assert time.monotonic() - began >= 40 / 20  # the first twenty come out of a full bucket
    assert acr.registry.digests(REPO) == set()
    assert len(acr.log.entries(status=429)) <= 1


async def test_a_registry_that_tells_no_count_is_not_held_back_by_one(acr: AcrSandbox, client: RegistryClient) -> None:
    """Without the header only a 429 slows deletes down: the first goes alone, and the others at once."""
    digests = [acr.registry.push_image(REPO) for _ in range(100)]
    assert all(await asyncio.gather(*(client.delete_manifest(REPO, digest) for digest in digests)))
    assert client.pace.limit > 8


async def test_a_throttle_that_stays_is_told(acr: AcrSandbox, make_client: MakeClient) -> None:
    """When patience ends, the words say that it was the limit, and the next caller hears so at once."""
    client = make_client(patience=Patience(total=1.0, first_wait=0.05))
    await client.check()
    acr.faults.add(Fault(status=429, kind="list_repositories"))
    with pytest.raises(RegistryThrottledError, match="limits how often"):
        await client.repositories()
    acr.faults.clear()
    acr.faults.add(Fault(status=429, kind="list_repositories", headers={"Retry-After": "600"}))
    with pytest.raises(RegistryThrottledError):
        await client.repositories()
    acr.log.clear()
    with pytest.raises(RegistryThrottledError, match=r"asked for a pause.*10 min|11 min"):
        await client.repository(REPO)
    assert len(acr.log) == 0


async def test_a_throttle_is_told_even_where_the_last_try_hangs(acr: AcrSandbox, make_client: MakeClient) -> None:
    """What used the time up is what people read, not that the try for which none was left got no answer."""
    client = make_client(patience=Patience(total=1.0, attempt=0.9, first_wait=0.3, longest_wait=0.3))
    await client.check()
    acr.faults.add(Fault(status=429, kind="list_repositories", count=1))
    acr.faults.add(Fault(action="hang", kind="list_repositories"))
    with pytest.raises(RegistryThrottledError, match="limits how often"):
        await client.repositories()


async def test_the_token_endpoint_is_paced_too(acr: AcrSandbox, client: RegistryClient) -> None:
    """A 429 to the exchange or a token holds and is tried again like any other."""
    acr.registry.push_image(REPO)
    acr.faults.add(Fault(status=429, kind="exchange", count=1))
    acr.faults.add(Fault(status=503, kind="token", count=1))
    assert await client.repositories() == [REPO]
    assert (acr.log.count("exchange"), acr.log.count("token")) == (2, 2)
