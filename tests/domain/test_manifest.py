from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import manifest as media
from bot.domain.manifest import Kind, Locks, Manifest, kind_of
from tests.domain.build import NOW

IMAGE = Manifest("sha256:" + "a" * 64, media.OCI_MANIFEST, 1, NOW, NOW, architecture="arm64", os="linux")


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("application/vnd.docker.distribution.manifest.v2+json", Kind.IMAGE),
        ("application/vnd.docker.distribution.manifest.list.v2+json", Kind.INDEX),
        ("application/vnd.oci.image.manifest.v1+json", Kind.IMAGE),
        ("application/vnd.oci.image.index.v1+json", Kind.INDEX),
        ("application/vnd.oci.artifact.manifest.v1+json", Kind.ARTIFACT),
        ("application/vnd.cncf.oras.artifact.manifest.v1+json", Kind.ARTIFACT),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", Kind.UNKNOWN),
        ("application/vnd.oci.image.index.v2+json", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_each_media_type_has_its_kind(media_type: str, kind: Kind) -> None:
    """The six that registries hold are known; all else is unknown, never guessed."""
    assert kind_of(media_type) is kind


def test_only_a_docker_image_is_judged_without_its_body() -> None:
    """Everything but Docker's schema 2 image can list or refer to another manifest."""
    assert not replace(IMAGE, media_type=media.DOCKER_MANIFEST).needs_body
    for media_type in (media.DOCKER_LIST, media.OCI_MANIFEST, media.OCI_INDEX, media.ORAS_ARTIFACT, "", "new"):
        assert replace(IMAGE, media_type=media_type).needs_body


@pytest.mark.parametrize(
    ("locks", "forbidden"),
    [(Locks(), False), (Locks(False), True), (Locks(True, False), True), (Locks(False, False), True)],
)
def test_either_flag_forbids_a_delete(locks: Locks, *, forbidden: bool) -> None:
    """``writeEnabled`` false refuses a delete as ``deleteEnabled`` false does."""
    assert locks.forbid_delete is forbidden


def test_the_later_of_two_times_says_when_it_changed() -> None:
    """Clocks of a registry's nodes differ: a manifest is as young as its youngest time."""
    later = NOW + timedelta(seconds=1)
    assert replace(IMAGE, updated=later).changed == later
    assert replace(IMAGE, created=later).changed == later


def test_a_platform_reads_as_people_write_it() -> None:
    """A platform where there is one, else the kind of thing."""
    bare = replace(IMAGE, architecture="", os="")
    assert IMAGE.platform == "linux/arm64"
    assert replace(IMAGE, architecture="").platform == "linux"
    assert bare.platform == ""
    assert replace(bare, media_type=media.OCI_INDEX).platform == "multi-arch"
    assert replace(bare, media_type=media.ORAS_ARTIFACT).platform == "artifact"
