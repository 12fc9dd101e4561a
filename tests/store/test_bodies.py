"""The cache of bodies."""

import asyncio

from sqlalchemy import text

from bot.domain.manifest import OCI_MANIFEST, Body, Descriptor
from bot.store import Store
from tests.store.make import digest


def body(number: int) -> Body:
    """Make an index of one child."""
    return Body(digest(number), children=(Descriptor(digest(number + 1), 7, OCI_MANIFEST, "linux/arm64"),))


async def test_thousands(store: Store) -> None:
    """Tens of thousands of bodies are put and got at once, more than either database takes variables."""
    count = 40_000
    await store.bodies.put(body(number) for number in range(count))
    found = await store.bodies.get(digest(number) for number in range(count + 1))
    assert found == {digest(number): body(number) for number in range(count)}


async def test_again_and_at_once(store: Store) -> None:
    """To put the same bodies again, twice in one call, or from many places at once is harmless."""
    bodies = [body(number) for number in range(50)]
    await asyncio.gather(*(store.bodies.put([*bodies[start:], *bodies]) for start in range(8)))
    found = await store.bodies.get([one.digest for one in bodies] * 2)
    assert found == {one.digest: one for one in bodies}


async def test_nothing(store: Store) -> None:
    """To ask for nothing or to put nothing is fine."""
    await store.bodies.put([])
    assert await store.bodies.get([]) == {}
    assert await store.bodies.get([digest(1)]) == {}


async def test_a_spoilt_row_is_no_body(store: Store) -> None:
    """A row that does not read as a body counts as none, so that the body is fetched again and put over it."""
    rows = ["[]", '"x"', '{"children":7}', '{"blobs":[["a","b","c","d","e"]]}', '{"subject":{}}', '{"blobs":[[1,"x"]]}']
    async with store._database.write() as connection:
        for number, row in enumerate(rows):
            await connection.execute(
                text("INSERT INTO bodies (digest, body) VALUES (:digest, :body)"),
                {"digest": digest(number), "body": row},
            )
    assert await store.bodies.get([digest(number) for number in range(len(rows))]) == {}
    await store.bodies.put([body(0)])
    assert await store.bodies.get([digest(0)]) == {digest(0): body(0)}
