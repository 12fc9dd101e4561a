from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.manifest import UNLOCKED, Locks
from bot.errors import BadInputError
from bot.registry.documents import check_digest, check_repository, read_manifest, read_tag
from bot.registry.faults import MalformedError

DIGEST = "sha256:" + "a" * 64
# As in recorded sessions of the Azure SDK's tests.
MANIFEST: dict[str, Any] = {
    "digest": DIGEST,
    "imageSize": 525,
    "createdTime": "2022-07-08T22:49:45.3488926Z",
    "lastUpdateTime": "2022-07-08T22:49:45.3Z",
    "architecture": "amd64",
    "os": "linux",
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "configMediaType": "application/vnd.docker.container.image.v1+json",
    "tags": ["latest"],
    "changeableAttributes": {
        "deleteEnabled": True,
        "writeEnabled": True,
        "readEnabled": True,
        "listEnabled": True,
        "quarantineState": "Passed",
    },
}
TAG: dict[str, Any] = {
    "name": "latest",
    "digest": DIGEST,
    "createdTime": "2022-07-08T22:49:45.3488926Z",
    "lastUpdateTime": "2022-07-08T22:49:46.5Z",
    "signed": False,
    "changeableAttributes": MANIFEST["changeableAttributes"],
}


def test_an_entry_of_the_tags_is_read() -> None:
    """A tag has a time of its own, which is not that of its manifest; without one it can't be told how old it is."""
    found = read_tag(TAG)
    assert (found.name, found.digest, found.locks) == ("latest", DIGEST, UNLOCKED)
    assert found.updated == datetime(2022, 7, 8, 22, 49, 46, 500000, tzinfo=UTC)
    for wrong in (None, "yesterday", 5):
        with pytest.raises(MalformedError):
            read_tag({**TAG, "lastUpdateTime": wrong})


def test_an_entry_of_a_listing_is_read() -> None:
    """Seven fractional digits and trimmed zeros are both times; an unlocked thing shares one value."""
    found = read_manifest(MANIFEST)
    assert found.created == datetime(2022, 7, 8, 22, 49, 45, 348892, tzinfo=UTC)
    assert found.updated == datetime(2022, 7, 8, 22, 49, 45, 300000, tzinfo=UTC)
    assert found.locks is UNLOCKED
    assert (found.size, found.tags, found.platform) == (525, ("latest",), "linux/amd64")


def test_what_a_listing_leaves_out_is_empty() -> None:
    """An index has no platform and no size of its own, and what is untagged has no tags at all."""
    absent = ("imageSize", "architecture", "os", "configMediaType", "tags", "mediaType")
    found = read_manifest({key: value for key, value in MANIFEST.items() if key not in absent})
    assert (found.size, found.architecture, found.os, found.tags, found.media_type) == (0, "", "", (), "")
    assert read_manifest({**MANIFEST, "tags": None}).tags == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("digest", None),
        ("digest", "sha256:abc"),
        ("digest", 5),
        ("imageSize", -1),
        ("imageSize", "big"),
        ("imageSize", True),
        ("createdTime", None),
        ("createdTime", "yesterday"),
        ("createdTime", "2022-07-08T22:49:45"),
        ("lastUpdateTime", 1657320585),
        ("mediaType", 5),
        ("os", ["linux"]),
        ("tags", "latest"),
        ("tags", [""]),
        ("tags", [1]),
        ("changeableAttributes", None),
        ("changeableAttributes", {}),
        ("changeableAttributes", {"deleteEnabled": True}),
        ("changeableAttributes", {"deleteEnabled": "true", "writeEnabled": True}),
    ],
)
def test_an_entry_that_makes_no_sense_is_never_guessed_at(key: str, value: Any) -> None:
    """A listing with such an entry is no listing: above all not where a lock is unknown."""
    with pytest.raises(MalformedError):
        read_manifest({**MANIFEST, key: value})


@pytest.mark.parametrize("delete", [True, False])
@pytest.mark.parametrize("write", [True, False])
def test_locks_are_read_as_they_are(delete: bool, write: bool) -> None:
    """Both flags arrive, on tags as on manifests."""
    flags = {"deleteEnabled": delete, "writeEnabled": write}
    expected = Locks(delete_enabled=delete, write_enabled=write)
    assert read_manifest({**MANIFEST, "changeableAttributes": flags}).locks == expected
    assert read_tag({**TAG, "changeableAttributes": flags}).locks == expected


@pytest.mark.parametrize("name", ["a", "a/b/c", "my-app", "my_app", "my__app", "my--app", "a.b", "0/1", "x" * 255])
def test_names_of_repositories_pass(name: str) -> None:
    """All that the distribution specification allows is allowed."""
    assert check_repository(name) == name


def test_a_hostile_name_is_refused_quickly_and_in_short() -> None:
    """A name of forty thousand characters comes back as one line."""
    for name in ("a-" * 20_000, "a" * 40_000, "a" * 200 + "!"):
        with pytest.raises(BadInputError) as caught:
            check_repository(name)
        assert len(str(caught.value)) < 300
    with pytest.raises(BadInputError) as caught:
        check_digest("z" * 40_000)
    assert len(str(caught.value)) < 350
