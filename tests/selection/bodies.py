"""Situations: what can't be read, or isn't shown."""
# ruff: noqa: D401 - the first line of each says what is there

from bot.domain.reason import Why
from sandbox.acr.documents import OCI_INDEX
from tests.selection.scene import HIDDEN, UNREADABLE, Loop, Scene, situation


@situation(Loop.MORE)
def unreadable_body(scene: Scene) -> None:
    """An index whose bytes are no manifest: nobody knows what it lists."""
    scene.odd.add(scene.raw(Why.UNREADABLE, OCI_INDEX, b"\x00 not JSON", "v1"))
    scene.platforms(Why.UNREADABLE)
    scene.fault = "JSON"


@situation(Loop.BREAKS)
def body_that_may_not_be_read(scene: Scene) -> None:
    """``readEnabled`` false on an index hides what it lists from everybody, for a while."""
    scene.lock(scene.index(Why.UNREADABLE, *scene.platforms(Why.UNREADABLE), tags=("v1",)), UNREADABLE)
    scene.fault = "readEnabled is false"


@situation(Loop.MORE)
def body_that_is_listed_but_404(scene: Scene) -> None:
    """Too many deletes at once have left manifests that listings show and nobody can pull."""
    scene.lose_body(scene.image(Why.VANISHED))
    scene.image(Why.TAGGED, "v1")
    scene.image(Why.UNTAGGED)


@situation(Loop.MORE)
def tagged_index_that_is_listed_but_404(scene: Scene) -> None:
    """The answer may pass: then the tag is there again, and needs its platforms."""
    scene.lose_body(scene.index(Why.VANISHED, *scene.platforms(Why.UNREADABLE), tags=("v1",)))
    scene.fault = "its tag v1 is there"


@situation(Loop.BREAKS)
def child_that_is_listed_but_404(scene: Scene) -> None:
    """One platform of a tagged index can't be pulled any more; the other one can."""
    lost = scene.lose_body(scene.image(Why.VANISHED, platform="linux/arm64"))
    index = scene.index(Why.TAGGED, scene.image(Why.PART_OF_INDEX), lost, tags=("v1",))
    scene.broken[index] = (lost,)


@situation(Loop.BREAKS)
def tagged_index_that_is_not_listed(scene: Scene) -> None:
    """``listEnabled`` false hides it; its tag still tells of it."""
    scene.lock(scene.index(Why.TAGGED, *scene.platforms(Why.PART_OF_INDEX), tags=("v1",)), HIDDEN)
    scene.image(Why.UNTAGGED)
    scene.hidden.clear()


@situation(Loop.BREAKS)
def untagged_index_that_is_not_listed(scene: Scene) -> None:
    """Nothing tells of it but the repository's own count of its manifests."""
    scene.lock(scene.index(Why.UNREADABLE, *scene.platforms(Why.UNREADABLE)), HIDDEN)
    scene.fault = "1 of its manifests are not listed"
