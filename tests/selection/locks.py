"""Situations: locks, on each of the three levels that have one."""
# ruff: noqa: D401 - the first line of each says what is there

from bot.domain.reason import Why
from sandbox.acr import LOCKED
from tests.selection.scene import NO_DELETE, REPOSITORY, Loop, Scene, older_than, situation


@situation(Loop.SAME)
def lock_on_a_manifest(scene: Scene) -> None:
    """Either flag forbids the delete."""
    for locks in (LOCKED, NO_DELETE):
        scene.lock(scene.image(Why.LOCKED), locks)
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def locked_index_with_unlocked_children(scene: Scene) -> None:
    """The lock is on the index alone, tagged or not; the registry lets its platforms be deleted."""
    scene.lock(scene.index(Why.LOCKED, *scene.platforms(Why.PART_OF_INDEX)))
    scene.lock(scene.index(Why.TAGGED, *scene.platforms(Why.PART_OF_INDEX), tags=("v1",)))


@situation(Loop.BREAKS, older_than(30))
def lock_on_a_tag(scene: Scene) -> None:
    """A locked tag holds its manifest, whatever other tags it has. The rule: older than 30 days."""
    scene.index(Why.LOCKED, *scene.platforms(Why.PART_OF_INDEX), tags=("stable", "v1"))
    scene.registry.lock_tag(REPOSITORY, "stable", NO_DELETE)


@situation(Loop.SAME)
def lock_on_the_repository(scene: Scene) -> None:
    """``writeEnabled`` false on a repository locks all its images."""
    scene.index(Why.LOCKED, *scene.platforms(Why.LOCKED))
    scene.registry.lock_repository(REPOSITORY)


@situation(Loop.SAME)
def delete_lock_on_the_repository(scene: Scene) -> None:
    """``deleteEnabled`` false on a repository keeps the repository; its images may go."""
    scene.image(Why.TAGGED, "v1")
    scene.image(Why.UNTAGGED)
    scene.registry.lock_repository(REPOSITORY, NO_DELETE)


@situation(Loop.BREAKS)
def locked_referrer_of_an_untagged_image(scene: Scene) -> None:
    """Only the signature is locked; Azure deletes referrers with their subject."""
    platforms = scene.platforms(Why.PART_OF_INDEX)
    scene.lock(scene.referrer(Why.LOCKED, scene.index(Why.HOLDS_ATTACHMENT, *platforms)))


@situation(Loop.SAME)
def locked_cosign_signature_of_an_untagged_image(scene: Scene) -> None:
    """No delete of an image takes its cosign tags along."""
    scene.lock(scene.cosign(Why.LOCKED, scene.image(Why.UNTAGGED)))
