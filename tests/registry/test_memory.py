"""The cache of bodies that lives as long as its process."""

from bot.domain.manifest import Body
from bot.registry import BodyCache, MemoryBodies


def body(number: int) -> Body:
    """Make a body."""
    return Body(f"sha256:{number:064x}")


async def test_what_is_put_is_given() -> None:
    """And nothing else."""
    cache: BodyCache = MemoryBodies()
    await cache.put([body(1), body(2)])
    await cache.put([body(2)])
    assert await cache.get([body(2).digest, body(3).digest]) == {body(2).digest: body(2)}


async def test_it_does_not_grow_for_ever() -> None:
    """The oldest are forgotten: a scan of a whole registry must not hold all of its bodies."""
    cache = MemoryBodies(most=2)
    await cache.put(map(body, range(5)))
    assert set(await cache.get([body(number).digest for number in range(5)])) == {body(3).digest, body(4).digest}
