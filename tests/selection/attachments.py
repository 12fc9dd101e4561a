"""Situations: signatures, SBOMs and whatever else is attached to an image."""
# ruff: noqa: D401 - the first line of each says what is there

from dataclasses import replace

from bot.domain.reason import Why
from sandbox.acr.documents import OCI_MANIFEST
from tests.selection.scene import REPOSITORY, UNTAGGED, Loop, Scene, days_ago, situation

ELSEWHERE = "sha256:" + "5" * 64


@situation(Loop.SAME)
def cosign_tags(scene: Scene) -> None:
    """Signature, attestation and SBOM of a tagged image: tagged too, without a subject."""
    image = scene.image(Why.TAGGED, "v1")
    for suffix in ("sig", "att", "sbom"):
        scene.cosign(Why.ATTACHED, image, suffix)
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def cosign_tags_of_a_platform(scene: Scene) -> None:
    """``cosign sign --recursive`` signs the index and each platform."""
    platforms = scene.platforms(Why.PART_OF_INDEX)
    for signed in (scene.index(Why.TAGGED, *platforms, tags=("v1",)), *platforms):
        scene.cosign(Why.ATTACHED, signed)


@situation(Loop.LESS)
def cosign_tags_of_what_goes(scene: Scene) -> None:
    """The signature of last week's build is tagged, though nobody tagged it."""
    scene.cosign(Why.FOLLOWS, scene.image(Why.UNTAGGED))
    scene.image(Why.TAGGED, "v1")


@situation(Loop.LESS)
def cosign_tags_whose_image_is_gone(scene: Scene) -> None:
    """Another clean-up took the image and left its signature."""
    image = scene.image(Why.UNTAGGED)
    scene.cosign(Why.ORPHAN, image)
    scene.delete(image)
    scene.cosign(Why.ATTACHED, scene.image(Why.TAGGED, "v1"))


@situation(Loop.SAME)
def image_beside_signatures_of_images_elsewhere(scene: Scene) -> None:
    """Somebody pushed an image into the repository that the company keeps its signatures in."""
    image = scene.image(Why.UNTAGGED)
    scene.cosign(Why.SIGNATURE_STORE, image)
    scene.delete(image)
    scene.image(Why.TAGGED, "v1")


@situation(Loop.SAME)
def signature_that_cosign_has_replaced(scene: Scene) -> None:
    """To add a signature cosign pushes a new manifest with both and moves the tag to it."""
    image = scene.image(Why.TAGGED, "v1")
    before = scene.cosign(Why.UNTAGGED, image)
    tag = next(tag for tag, digest in scene.registry.tags(REPOSITORY).items() if digest == before)
    scene.tag(scene.image(Why.ATTACHED), tag)


@situation(Loop.SAME)
def tags_that_only_mention_a_digest(scene: Scene) -> None:
    """A tag of a form that we don't know may mean anything, so it counts as somebody's."""
    image = scene.image(Why.UNTAGGED)
    scene.image(Why.TAGGED, f"copy-{image.replace(':', '-')}")


@situation(Loop.BREAKS)
def repository_of_signatures_only(scene: Scene) -> None:
    """``COSIGN_REPOSITORY`` puts signatures apart from the images that they sign."""
    scene.cosign(Why.SIGNATURE_STORE, ELSEWHERE)
    scene.referrer(Why.SIGNATURE_STORE, ELSEWHERE)


@situation(Loop.BREAKS)
def referrers(scene: Scene) -> None:
    """Notation's signatures and ORAS's attachments are untagged; their subject tells what they belong to."""
    scene.referrer(Why.ATTACHED, scene.image(Why.TAGGED, "v1"))
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def referrers_of_referrers(scene: Scene) -> None:
    """The signature of the SBOM of an image."""
    sbom = scene.referrer(Why.ATTACHED, scene.image(Why.TAGGED, "v1"))
    scene.referrer(Why.ATTACHED, sbom)


@situation(Loop.SAME)
def referrers_of_what_goes(scene: Scene) -> None:
    """Azure deletes them with their subject, to any depth."""
    sbom = scene.referrer(Why.FOLLOWS, scene.image(Why.UNTAGGED))
    scene.referrer(Why.FOLLOWS, sbom)
    scene.image(Why.TAGGED, "v1")


@situation(Loop.SAME)
def orphaned_referrers(scene: Scene) -> None:
    """A signature was pushed for an image that never came, or is gone."""
    scene.referrer(Why.FOLLOWS, scene.referrer(Why.ORPHAN, ELSEWHERE))
    scene.image(Why.TAGGED, "v1")


@situation(Loop.BREAKS)
def tagged_referrer_of_an_untagged_image(scene: Scene) -> None:
    """Somebody gave an SBOM a tag: it can only stay where its image does."""
    image = scene.image(Why.HOLDS_ATTACHMENT)
    scene.referrer(Why.TAGGED, image, "sbom-v1")


@situation(Loop.BREAKS)
def list_of_referrers_under_a_tag(scene: Scene) -> None:
    """Clients keep one under ``sha256-<hex>`` for registries that have no referrers API."""
    for listing, attached, image in (
        (Why.ATTACHED, Why.ATTACHED, scene.image(Why.TAGGED, "v1")),
        (Why.FOLLOWS, Why.FOLLOWS, scene.image(Why.UNTAGGED)),
    ):
        signature = scene.referrer(attached, image)
        scene.tag(scene.index_claiming(listing, OCI_MANIFEST, signature), image.replace(":", "-"))


@situation(Loop.SAME, replace(UNTAGGED, before=days_ago(30)))
def fresh_report_on_an_old_image(scene: Scene) -> None:
    """A scanner attaches a report each week; the image is as old as before. The rule: untagged for 30 days."""
    scene.referrer(Why.FOLLOWS, scene.image(Why.UNTAGGED), days=3)
    scene.image(Why.TAGGED, "v1")
