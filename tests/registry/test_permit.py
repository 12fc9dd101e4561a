"""What needs a permit is sent only while it holds."""

import asyncio

import pytest

from bot.errors import FenceLostError
from bot.registry import Deletion, RegistryClient, permitted_by
from sandbox.acr import AcrSandbox

REPO = "payments/api"


class Pass:
    """A permit whose holder decides when it holds. ``blinks``: so often it has run out when a request is ready."""

    def __init__(self, *, blinks: int = 0) -> None:
        self.valid = asyncio.Event()
        self.waits = 0
        self.lost = False
        self._blinks = blinks

    def holds(self) -> bool:
        if self._blinks:
            self._blinks -= 1
            return False
        return self.valid.is_set()

    async def wait(self) -> None:
        self.waits += 1
        await self.valid.wait()
        if self.lost:
            raise FenceLostError("p1")


async def test_no_write_goes_out_before_the_permit_holds(acr: AcrSandbox, client: RegistryClient) -> None:
    """Deletes of manifests and tags wait, and hold nobody up; what only reads goes out at once."""
    digest, other = (acr.registry.push_image(REPO, tags=[tag]) for tag in ("v1", "v2"))
    permit = Pass()
    with permitted_by(permit):
        writes = [
            asyncio.create_task(client.delete_manifest(REPO, digest)),
            asyncio.create_task(client.delete_tag(REPO, "v2")),
        ]
    for _ in range(3):
        assert len(await client.manifests(REPO)) == 2
    assert permit.waits == 2
    assert client.pace.busy == 0
    assert acr.log.count("delete_manifest") + acr.log.count("delete_tag") == 0
    permit.valid.set()
    assert await asyncio.gather(*writes) == [Deletion.DONE, True]
    assert acr.registry.digests(REPO) == {other}


async def test_a_permit_that_runs_out_meanwhile_is_waited_for_again(acr: AcrSandbox, client: RegistryClient) -> None:
    """What was ready to go when it ran out stays here, and is sent once, after the permit was proven anew."""
    digest = acr.registry.push_image(REPO)
    permit = Pass(blinks=3)
    permit.valid.set()
    with permitted_by(permit):
        assert await client.delete_manifest(REPO, digest)
    assert permit.waits == 4
    assert acr.log.count("delete_manifest") == 1


async def test_a_permit_that_runs_out_while_a_connection_is_made_is_noticed(
    acr: AcrSandbox, client: RegistryClient
) -> None:
    """It is looked at again with the connection there and nothing sent: that look alone keeps the request back."""
    digest = acr.registry.push_image(REPO)

    class Second(Pass):
        looks = 0

        def holds(self) -> bool:
            self.looks += 1
            return self.looks != 2

    permit = Second()
    permit.valid.set()
    with permitted_by(permit):
        assert await client.delete_manifest(REPO, digest) is Deletion.DONE
    assert permit.waits == 2
    assert acr.log.count("delete_manifest") == 1


async def test_a_lost_permit_sends_nothing(acr: AcrSandbox, client: RegistryClient) -> None:
    """Where it never comes back the write ends with that error, and the registry was not asked."""
    digest = acr.registry.push_image(REPO)
    permit = Pass()
    permit.lost = True
    permit.valid.set()
    with permitted_by(permit), pytest.raises(FenceLostError):
        await client.delete_manifest(REPO, digest)
    assert acr.log.count("delete_manifest") == 0
    # Outside it needs none.
    assert await client.delete_manifest(REPO, digest)
