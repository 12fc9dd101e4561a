"""Situations: each media type that there is."""
# ruff: noqa: D401 - the first line of each says what is there

from bot.domain.reason import Why
from sandbox.acr.documents import OCI_ARTIFACT, ORAS_ARTIFACT
from tests.selection.scene import Loop, Scene, situation


@situation(Loop.SAME)
def docker_image(scene: Scene) -> None:
    """A Docker schema 2 image: its format lists nothing and refers to nothing."""
    scene.image(Why.TAGGED, "v1", media="docker")
    scene.image(Why.UNTAGGED, media="docker")


@situation(Loop.BREAKS)
def docker_manifest_list(scene: Scene) -> None:
    """Docker's own multi-arch image: the list is tagged, its platforms are not."""
    scene.index(Why.TAGGED, *scene.platforms(Why.PART_OF_INDEX, media="docker"), tags=("v1",), media="docker")
    scene.image(Why.UNTAGGED, media="docker")


@situation(Loop.SAME)
def oci_image(scene: Scene) -> None:
    """An OCI image: it may have a subject, so it is read before it goes."""
    scene.image(Why.TAGGED, "v1")
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def oci_index(scene: Scene) -> None:
    """What ``docker buildx build --push --platform`` leaves: a tagged index over untagged images."""
    scene.index(Why.TAGGED, *scene.platforms(Why.PART_OF_INDEX), tags=("v1",))
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def oci_artifact_manifest(scene: Scene) -> None:
    """An attachment of a media type that the OCI specification had for a while."""
    scene.old_artifact(Why.ATTACHED, OCI_ARTIFACT, scene.image(Why.TAGGED, "v1"))
    scene.old_artifact(Why.FOLLOWS, OCI_ARTIFACT, scene.image(Why.UNTAGGED))


@situation(Loop.BREAKS)
def oras_artifact_manifest(scene: Scene) -> None:
    """An attachment of the media type that ORAS used before there was any other."""
    scene.old_artifact(Why.ATTACHED, ORAS_ARTIFACT, scene.image(Why.TAGGED, "v1"))
    scene.old_artifact(Why.FOLLOWS, ORAS_ARTIFACT, scene.image(Why.UNTAGGED))


@situation(Loop.BREAKS)
def unknown_media_type(scene: Scene) -> None:
    """Something that this version has not learnt, and that does hold others."""
    platforms = scene.platforms(Why.UNREADABLE)
    entries = [{"digest": digest, "size": 525} for digest in platforms]
    scene.raw(Why.UNREADABLE, "application/vnd.example.bundle.v9+json", {"manifests": entries}, "v1")
    scene.fault = "its media type is unknown: application/vnd.example.bundle.v9+json"
