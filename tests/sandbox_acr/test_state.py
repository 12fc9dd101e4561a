import gzip
import io
import tarfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.acr import LOCKED, Registry, documents
from sandbox.acr.blobs import PULLABLE_LAYER, BlobStore, layer_bytes, layer_digest
from sandbox.acr.clock import moment, stamp, ticks
from sandbox.acr.order import SortedKeys

_THEN = datetime(2022, 7, 8, 22, 49, 45, 348_892, tzinfo=UTC)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 200), unique=True, max_size=80),
    st.lists(st.integers(0, 200), max_size=40),
    st.integers(0, 200),
)
def test_sorted_keys_are_a_sorted_set(added: list[int], dropped: list[int], at: int) -> None:
    """Whatever is added and dropped, walks up and down meet the rest in order, from any key."""
    keys: SortedKeys[int] = SortedKeys()
    for number, key in enumerate(added):
        keys.add(key)
        if number % 7 == 0:
            list(keys.above())
    for key in dropped:
        keys.discard(key)
    left = sorted(set(added) - set(dropped))
    assert len(keys) == len(left)
    assert list(keys.above()) == left
    assert list(keys.below()) == left[::-1]
    assert list(keys.above(at)) == [key for key in left if key > at]
    assert list(keys.below(at)) == [key for key in left if key < at][::-1]


@settings(deadline=None)
@given(st.integers(300, 400_000))
def test_a_layer_has_exactly_its_size(size: int) -> None:
    """A layer made for a size is a gzipped tar of exactly that many bytes."""
    content = layer_bytes(size)
    assert len(content) == size
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as tar:
        assert tar.getnames() == ["layer.txt"]


@pytest.mark.parametrize("size", [1, 20, 150, PULLABLE_LAYER])
def test_small_and_large_layers(size: int) -> None:
    """Layers too small for a tar, and the largest that can be pulled, have their size as well."""
    assert len(layer_bytes(size)) == size
    assert layer_digest(size) == documents.digest_of(layer_bytes(size))


def test_declared_layers_have_no_content() -> None:
    """A bigger layer has a digest and a size, and nothing to read; a size of nothing is refused."""
    store = BlobStore()
    digest, size = store.add_layer(PULLABLE_LAYER + 1)
    assert (store.size(digest), store.read(digest)) == (size, None)
    assert (store.size("sha256:x"), store.read("sha256:x")) == (None, None)
    with pytest.raises(ValueError, match="above zero"):
        store.add_layer(0)


def test_times_have_seven_digits_without_trailing_zeros() -> None:
    """Times are written as the service does, and cut back to microseconds without loss."""
    assert stamp(ticks(_THEN) + 6) == "2022-07-08T22:49:45.3488926Z"
    assert stamp(ticks(_THEN.replace(microsecond=340_000))) == "2022-07-08T22:49:45.34Z"
    assert stamp(ticks(_THEN.replace(microsecond=0))) == "2022-07-08T22:49:45Z"
    assert moment(ticks(_THEN, "any salt")) == _THEN
    with pytest.raises(ValueError, match="time zone"):
        ticks(_THEN.replace(tzinfo=None))


def test_no_two_images_are_the_same() -> None:
    """Each push gives another digest, and the same calls give the same digests in another registry."""

    def push(registry: Registry) -> list[str]:
        return [registry.push_image("myrepo", updated=_THEN) for _ in range(3)]

    first = push(Registry())
    assert len(set(first)) == 3
    assert push(Registry()) == first


def test_seeding_by_hand() -> None:
    """History is written without asking locks: tags move, times are set, and properties follow."""
    registry = Registry()
    old, new = registry.push_image("myrepo", tags=["v1"]), registry.push_image("myrepo")
    registry.lock_repository("myrepo", LOCKED)
    registry.tag("myrepo", new, "v1", updated=_THEN)
    assert registry.tags("myrepo") == {"v1": new}
    assert registry.manifest("myrepo", old).tags == ()
    registry.untag("myrepo", "v1")
    registry.set_updated("myrepo", old, _THEN - timedelta(days=1))
    found = registry.manifest("myrepo", old)
    assert moment(found.updated) == moment(found.created) == _THEN - timedelta(days=1)
    assert registry.tags("nowhere") == {}
    assert (registry.digests("nowhere"), registry.manifests("nowhere")) == (set(), [])
    with pytest.raises(ValueError, match="os/architecture"):
        registry.push_image("myrepo", platform="linux")


def test_a_referrer_may_come_before_its_subject() -> None:
    """A referrer whose subject is not there is kept, and belongs to it once it is."""
    registry = Registry()
    donor = Registry()
    subject = donor.push_image("myrepo", updated=_THEN)
    signature = registry.push_artifact("myrepo", subject)
    found = donor.manifest("myrepo", subject)
    registry.store("myrepo", found.body, found.media_type)
    assert [referrer.digest for referrer in registry.referrers("myrepo", subject)] == [signature]
    assert set(registry.delete_manifest("myrepo", subject)) == {subject, signature}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"null",
        b"[1]",
        b'{"manifests":3,"config":[],"subject":"x"}',
        b'{"manifests":[{"digest":3},null],"layers":[{}],"config":{"digest":"d","size":"big"},"annotations":[]}',
    ],
)
def test_any_body_can_be_kept(body: bytes) -> None:
    """A broken manifest is kept and listed with what can be read of it."""
    registry = Registry()
    digest = registry.push_raw("myrepo", documents.OCI_INDEX, body, tags=["odd"])
    found = registry.pull("myrepo", "odd")
    assert (found.digest, found.body, found.image_size, found.subject) == (digest, body, 0, None)
    registry.delete_manifest("myrepo", digest)


def test_odd_image_configurations() -> None:
    """An image whose configuration is no JSON object has no platform."""
    registry = Registry()
    for content in (b"\xff", b"[]"):
        config = documents.descriptor(documents.OCI_CONFIG, registry.blobs.add(content), len(content))
        digest = registry.push_raw("myrepo", documents.OCI_MANIFEST, documents.image_document("oci", config, []))
        found = registry.manifest("myrepo", digest)
        assert (found.architecture, found.os) == (None, None)
