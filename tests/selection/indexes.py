"""Situations: indexes and what they list."""
# ruff: noqa: D401 - the first line of each says what is there

import json

from bot.domain.reason import Why
from sandbox.acr.documents import OCI_INDEX, OCI_MANIFEST
from tests.selection.scene import REPOSITORY, Loop, Scene, situation


@situation(Loop.SAME)
def untagged_index(scene: Scene) -> None:
    """Last week's build: the tag has moved on, and nobody lists its platforms any more."""
    scene.index(Why.UNTAGGED, *scene.platforms(Why.UNTAGGED))
    scene.image(Why.TAGGED, "v1")


@situation(Loop.SAME)
def untagged_index_with_a_tagged_platform(scene: Scene) -> None:
    """Somebody gave one of its platforms a tag."""
    tagged = scene.image(Why.TAGGED, "v1-amd64")
    scene.index(Why.UNTAGGED, tagged, scene.image(Why.UNTAGGED, platform="linux/arm64"))


@situation(Loop.BREAKS)
def entries_without_a_media_type(scene: Scene) -> None:
    """What an index lists is there by its digest; that it names no media type makes it no image."""
    inner = scene.index(Why.PART_OF_INDEX, *scene.platforms(Why.PART_OF_INDEX))
    scene.index_claiming(Why.TAGGED, None, inner, tags=("v1",))


@situation(Loop.BREAKS)
def entries_that_claim_another_media_type(scene: Scene) -> None:
    """An entry may call an index an image."""
    inner = scene.index(Why.PART_OF_INDEX, *scene.platforms(Why.PART_OF_INDEX))
    scene.index_claiming(Why.TAGGED, OCI_MANIFEST, inner, tags=("v1",))


@situation(Loop.BREAKS)
def index_in_an_index(scene: Scene) -> None:
    """Three levels of them, only the outermost of which is tagged."""
    innermost = scene.index(Why.PART_OF_INDEX, *scene.platforms(Why.PART_OF_INDEX))
    middle = scene.index(Why.PART_OF_INDEX, innermost, scene.image(Why.PART_OF_INDEX))
    scene.index(Why.TAGGED, middle, tags=("v1",))
    abandoned = scene.index(Why.UNTAGGED, *scene.platforms(Why.UNTAGGED))
    scene.index(Why.UNTAGGED, abandoned)


@situation(Loop.BREAKS)
def index_that_lists_itself(scene: Scene) -> None:
    """No bytes can have their own digest in them, so whoever shows such an index has changed it on the way."""
    index = scene.index(Why.UNREADABLE, *scene.platforms(Why.UNREADABLE), tags=("v1",))
    found = scene.registry.manifest(REPOSITORY, index)
    document = json.loads(found.body)
    document["manifests"].append({"mediaType": OCI_INDEX, "digest": index, "size": len(found.body)})
    found.body = json.dumps(document).encode()
    scene.fault = "digest"


@situation(Loop.BREAKS)
def index_that_lists_a_missing_child(scene: Scene) -> None:
    """Somebody's clean-up has already taken one of two platforms."""
    there, missing = scene.platforms(Why.PART_OF_INDEX)
    index = scene.index(Why.TAGGED, there, missing, tags=("v1",))
    scene.broken[index] = (scene.delete(missing),)
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def two_indexes_that_share_children(scene: Scene) -> None:
    """A rebuild in which one platform came out the same."""
    shared = scene.image(Why.PART_OF_INDEX)
    scene.index(Why.UNTAGGED, shared, scene.image(Why.UNTAGGED, platform="linux/arm64"))
    scene.index(Why.TAGGED, shared, scene.image(Why.PART_OF_INDEX, platform="linux/arm64"), tags=("v1",))


@situation(Loop.BREAKS)
def index_with_a_subject(scene: Scene) -> None:
    """An index may itself be attached to an image, as a set of SBOMs is."""
    for why, part, image in (
        (Why.ATTACHED, Why.PART_OF_INDEX, scene.image(Why.TAGGED, "v1")),
        (Why.FOLLOWS, Why.UNTAGGED, scene.image(Why.UNTAGGED)),
    ):
        scene.index(why, *scene.platforms(part), subject=image)


@situation(Loop.BREAKS)
def attestation_children(scene: Scene) -> None:
    """Buildx adds a manifest for ``unknown/unknown`` to each platform; only the index names it."""
    amd, arm = scene.platforms(Why.PART_OF_INDEX)
    attestations = {scene.attestation(Why.PART_OF_INDEX, image): image for image in (amd, arm)}
    scene.index(Why.TAGGED, amd, arm, attestations=attestations, tags=("v1",))
    scene.image(Why.UNTAGGED)
