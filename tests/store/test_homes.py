"""Who has opened Home is remembered for all replicas, and forgotten again."""

from bot.domain.workspace import Workspace
from bot.store import Store
from tests.store.make import HOUR, NOW


async def test_the_latest_come_first_and_the_old_are_forgotten(store: Store) -> None:
    """Each person once, by the last time; only of the workspace that is asked about."""
    for number, user in enumerate(["U1", "U2", "U3", "U1"]):
        await store.homes.opened(Workspace("T1"), user, NOW + number * HOUR)
    await store.homes.opened(Workspace("T2"), "U9", NOW)
    assert await store.homes.recent(Workspace("T1"), NOW, 10) == ["U1", "U3", "U2"]
    assert await store.homes.recent(Workspace("T1"), NOW, 2) == ["U1", "U3"]
    assert await store.homes.recent(Workspace("T1"), NOW + 3 * HOUR, 10) == ["U1"]
    assert sorted(await store.homes.known(Workspace("T1"), ["U2", "U9", "U1"])) == ["U1", "U2"]
    await store.homes.forget(NOW + 2 * HOUR)
    assert sorted(await store.homes.known(Workspace("T1"), ["U1", "U2", "U3"])) == ["U1", "U3"]
    assert await store.homes.known(Workspace("T2"), ["U9"]) == []
