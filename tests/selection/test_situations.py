"""Each situation of docs/selection.md, in a real registry: judged, deleted in order, pulled after each delete."""

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

import pytest

from bot.domain.manifest import Body
from bot.domain.plan import make_plan
from bot.domain.rule import Rule
from bot.domain.selection import Judgement, judge
from bot.errors import LockedError, RepositoryNotFoundError
from bot.registry import RegistryClient, take_snapshot
from sandbox.pull import Pulled, Puller
from tests.selection.scene import NOW, OPEN, REPOSITORY, UNREADABLE, Loop, Scene, Situation
from tests.selection.situations import ALL

each = pytest.mark.parametrize("situation", ALL, ids=lambda situation: situation.name)
each_for_the_loop = pytest.mark.parametrize(
    "situation", [it for it in ALL if it.loop is not Loop.NO_CHOICE], ids=lambda situation: situation.name
)


class NoCache:
    """Keeps no body, so that each look reads what the registry has now."""

    async def get(self, digests: Collection[str]) -> dict[str, Body]:
        return {}

    async def put(self, bodies: Iterable[Body]) -> None:
        pass


async def look(client: RegistryClient, rule: Rule) -> Judgement:
    """Take a snapshot over the network and judge it."""
    return judge(await take_snapshot(client, NoCache(), REPOSITORY, NOW), rule, NOW)


async def pull(puller: Puller, scene: Scene, wanted: list[str]) -> Pulled:
    """Pull with all that belongs to it, as somebody could again who lifts the read locks."""
    with unlocked(scene):
        return await puller.pull(REPOSITORY, wanted)


@contextlib.contextmanager
def unlocked(scene: Scene) -> Iterator[None]:
    """Let everybody read for a moment."""
    locked = [digest for digest in scene.unreadable if digest in scene.registry.digests(REPOSITORY)]
    for digest in locked:
        scene.registry.lock_manifest(REPOSITORY, digest, OPEN)
    yield
    for digest in locked:
        scene.registry.lock_manifest(REPOSITORY, digest, UNREADABLE)


@each
async def test_acr_janitor(situation: Situation, scene: Scene, client: RegistryClient, puller: Puller) -> None:
    """Every digest has the verdict of its row; each delete takes nothing from what stays, or from what is to follow."""
    situation.seed(scene)
    rule = replace(situation.rule, named=frozenset(scene.named))
    wanted = scene.pulled
    whole = await pull(puller, scene, wanted)
    lacked = (await pull(puller, scene, sorted(scene.goes))).missing

    judgement = await look(client, rule)
    verdicts = {digest: verdict.reason.why for digest, verdict in judgement.verdicts.items()}
    assert verdicts == {digest: why for digest, why in scene.expected.items() if digest not in scene.hidden}
    assert judgement.broken == scene.broken
    assert scene.fault in judgement.fault
    assert bool(scene.fault) == bool(judgement.fault)

    plan = make_plan("myregistry", REPOSITORY, rule, [judgement], NOW)
    assert {item.digest for item in plan.items} == scene.goes
    for item in sorted(plan.items, key=lambda item: item.position):
        await client.delete_manifest(REPOSITORY, item.digest)
        assert await pull(puller, scene, wanted) == whole, f"deleting {item.digest} ({item.reason}) broke what stays"
        left = sorted(scene.goes & scene.registry.digests(REPOSITORY))
        assert (await pull(puller, scene, left)).missing <= lacked, "stopping here leaves something broken"

    assert scene.registry.digests(REPOSITORY) == scene.stays
    assert (await look(client, rule)).going == [], "a second run finds more"


@each_for_the_loop
async def test_the_loop(situation: Situation, scene: Scene, client: RegistryClient, puller: Puller) -> None:
    """Deleting each untagged manifest, one after the other, does what the row says of it."""
    situation.seed(scene)
    before = scene.registry.digests(REPOSITORY)
    wanted = scene.needed
    whole = await pull(puller, scene, wanted)

    # az acr repository show-manifests --query "[?tags[0]==null].digest" | xargs az acr repository delete --image …@%
    for manifest in await client.manifests(REPOSITORY):
        if not manifest.tags:
            with contextlib.suppress(LockedError, RepositoryNotFoundError):
                await client.delete_manifest(REPOSITORY, manifest.digest)

    gone = before - scene.registry.digests(REPOSITORY)
    if await pull(puller, scene, wanted) != whole:
        found = Loop.BREAKS
    elif gone == scene.goes:
        found = Loop.SAME
    else:
        found = Loop.LESS if gone < scene.goes else Loop.MORE
    assert found is situation.loop
