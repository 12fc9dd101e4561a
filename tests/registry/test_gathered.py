"""Bodies gathered before they are written down."""

import pytest

from bot.domain.manifest import Body
from bot.registry import MemoryBodies, gathered


def body(number: int) -> Body:
    """Make a body of its own."""
    return Body(f"sha256:{number:064x}")


async def test_what_was_put_is_known_at_once_and_written_at_the_end() -> None:
    """Looks side by side share what one of them has read, and the cache has it when all are through."""
    cache = MemoryBodies()
    async with gathered(cache) as bodies:
        await bodies.put([body(1)])
        assert await bodies.get([body(1).digest, body(2).digest]) == {body(1).digest: body(1)}
        assert not await cache.get([body(1).digest])
    assert await cache.get([body(1).digest]) == {body(1).digest: body(1)}


async def test_what_the_cache_has_is_found_beside_what_waits() -> None:
    """A body is looked for in both places."""
    cache = MemoryBodies()
    await cache.put([body(1)])
    async with gathered(cache) as bodies:
        await bodies.put([body(2)])
        assert (await bodies.get([body(1).digest, body(2).digest])).keys() == {body(1).digest, body(2).digest}


async def test_many_are_written_before_the_end() -> None:
    """However many repositories there are, only some hundred bodies wait to be written."""
    cache = MemoryBodies()
    async with gathered(cache) as bodies:
        for number in range(1000):
            await bodies.put([body(number)])
        assert len(await cache.get([body(number).digest for number in range(1000)])) == 1000


async def test_a_look_that_breaks_off_loses_nothing_that_was_read() -> None:
    """What was put before the fault is in the cache."""
    cache = MemoryBodies()

    async def look() -> None:
        async with gathered(cache) as bodies:
            await bodies.put([body(1)])
            raise LookupError

    with pytest.raises(LookupError):
        await look()
    assert await cache.get([body(1).digest])
