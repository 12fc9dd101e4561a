import hashlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.body import UnreadableBodyError, read_body
from bot.domain.manifest import Body, Descriptor
from tests.domain.build import digest_of, elsewhere

CHILD = elsewhere("child")
LARGEST = 2**63 - 1


def read(document: Any) -> Body:
    """Read a document under its true digest."""
    content = json.dumps(document).encode()
    return read_body(digest_of(content), content)


def test_an_image_gives_its_layers_and_its_config_as_blobs() -> None:
    """What a manifest's blobs cost is known: layers first, the config last."""
    layer, config = elsewhere("layer"), elsewhere("config")
    body = read({"layers": [{"digest": layer, "size": 7, "mediaType": "x"}], "config": {"digest": config, "size": 3}})
    assert body.blobs == (Descriptor(layer, 7, "x"), Descriptor(config, 3))
    assert (body.children, body.subject) == ((), "")


def test_an_index_gives_its_children_with_their_platforms() -> None:
    """Each entry is a child, in order, with its platform as people write it."""
    arm = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    attestation = {"os": "unknown", "architecture": "unknown"}
    body = read({"manifests": [{"digest": CHILD, "platform": arm}, {"digest": CHILD, "platform": attestation}]})
    assert [child.platform for child in body.children] == ["linux/arm64/v8", "unknown/unknown"]


def test_an_artifact_gives_its_blobs_and_its_subject() -> None:
    """OCI and ORAS artifact manifests call their layers blobs."""
    body = read({"artifactType": "sbom/x", "blobs": [{"digest": CHILD}], "subject": {"digest": elsewhere("image")}})
    assert body == Body(body.digest, (), elsewhere("image"), (Descriptor(CHILD),), "sbom/x")


def test_a_body_that_is_image_and_index_at_once_is_read_as_both() -> None:
    """A body made to be read differently by different clients hides nothing from this one."""
    body = read({"manifests": [{"digest": CHILD}], "layers": [{"digest": elsewhere("layer")}]})
    assert [child.digest for child in body.children] == [CHILD]
    assert [blob.digest for blob in body.blobs] == [elsewhere("layer")]


def test_nulls_are_as_good_as_absent() -> None:
    """Some writers put null where a field has no value."""
    body = read({"manifests": None, "layers": None, "config": None, "subject": None, "artifactType": None})
    assert body == Body(body.digest)


def test_a_sha512_digest_is_checked_too() -> None:
    """The other algorithm that OCI registers works as well."""
    assert read_body(f"sha512:{hashlib.sha512(b'{}').hexdigest()}", b"{}").children == ()


@pytest.mark.parametrize(
    ("size", "expected"),
    [(5, 5), (-1, 0), (True, 0), (1.5, 0), ("5", 0), (LARGEST, LARGEST), (LARGEST + 1, 0)],
)
def test_a_size_that_is_none_counts_as_nothing(size: object, expected: int) -> None:
    """A size that a database could not hold, or that is no number, is left out; the child is not."""
    assert read({"manifests": [{"digest": CHILD, "size": size}]}).children == (Descriptor(CHILD, expected),)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\nb", "\x1b[2J", 7, ["x"]])
def test_a_text_that_cannot_be_shown_or_stored_is_left_out(text: object) -> None:
    """Halves of surrogate pairs, NUL and control characters come through no further than this."""
    body = read(
        {"artifactType": text, "manifests": [{"digest": CHILD, "mediaType": text, "platform": {"os": text}}]},
    )
    assert body == Body(body.digest, (Descriptor(CHILD),))


@pytest.mark.parametrize(
    ("digest", "cause"),
    [
        (elsewhere("other"), "its body does not have the digest that the registry lists it under"),
        (elsewhere("other").upper(), "its digest uses SHA256, which this version can't check"),
        ("md5:99914b932bd37a50b983c5e7c90ae93b", "its digest uses md5, which this version can't check"),
        ("", "its digest uses , which this version can't check"),
    ],
)
def test_bytes_that_do_not_have_the_digest_are_refused(digest: str, cause: str) -> None:
    """A registry or a proxy that serves other bytes is found out."""
    with pytest.raises(UnreadableBodyError) as caught:
        read_body(digest, b"{}")
    assert str(caught.value) == cause


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "its body is not JSON"),
        (b"\xff\xfe\x00", "its body is not JSON"),
        (b"<html>", "its body is not JSON"),
        (b'{"manifests": [', "its body is not JSON"),
        (b"[" * 200_000, "its body is not JSON"),
        (b'{"a":' * 200_000, "its body is not JSON"),
        (b"9" * 5000, "its body is not JSON"),
        (b"[]", "its body is not a JSON object"),
        (b"null", "its body is not a JSON object"),
        (b'"text"', "its body is not a JSON object"),
    ],
    ids=["empty", "binary", "html", "cut", "deep-list", "deep-object", "long-number", "list", "null", "text"],
)
def test_bytes_that_are_no_manifest_are_refused(content: bytes, cause: str) -> None:
    """Whatever comes instead of a JSON object is refused with a reason fit for people."""
    with pytest.raises(UnreadableBodyError) as caught:
        read_body(digest_of(content), content)
    assert str(caught.value) == cause


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"manifests": {"digest": CHILD}}, "its manifests is not a list"),
        ({"manifests": "x"}, "its manifests is not a list"),
        ({"layers": 5}, "its layers is not a list"),
        ({"manifests": [CHILD]}, "an entry of its manifests is not an object"),
        ({"manifests": [None]}, "an entry of its manifests is not an object"),
        ({"manifests": [{}]}, "an entry of its manifests has no digest that can be read"),
        ({"manifests": [{"digest": 5}]}, "an entry of its manifests has no digest that can be read"),
        ({"manifests": [{"digest": "sha256:ab"}]}, "an entry of its manifests has no digest that can be read"),
        ({"manifests": [{"digest": CHILD + "\n"}]}, "an entry of its manifests has no digest that can be read"),
        ({"manifests": [{"digest": "sha384:" + "0" * 96}]}, "an entry of its manifests has no digest that can be read"),
        ({"blobs": [{}]}, "an entry of its blobs has no digest that can be read"),
        ({"config": []}, "an entry of its config is not an object"),
        ({"subject": CHILD}, "an entry of its subject is not an object"),
        ({"subject": {}}, "an entry of its subject has no digest that can be read"),
    ],
)
def test_a_manifest_of_the_wrong_shape_is_refused(document: object, cause: str) -> None:
    """Where it can't be said what a manifest needs, it is unreadable; guessing would delete a child."""
    with pytest.raises(UnreadableBodyError) as caught:
        read(document)
    assert str(caught.value) == cause


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([CHILD, "sha256:00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["manifests", "subject", "layers", "config", "blobs", "digest", "size", "platform", "os"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
@example(b'{"manifests":[{"digest":"sha256:' + b"0" * 64 + b'","size":1e999}]}')
@example('{"artifactType":"é"}'.encode("utf-16"))
def test_no_bytes_whatever_raise_anything_else(content: bytes) -> None:
    """Any bytes are read or refused, and what is read can be stored and sent."""
    try:
        body = read_body(digest_of(content), content)
    except UnreadableBodyError:
        return
    assert repr(body).encode()


@given(st.text())
def test_no_digest_whatever_raises_anything_else(digest: str) -> None:
    """Any digest that is not the bytes' own is refused."""
    with pytest.raises(UnreadableBodyError):
        read_body(digest, b"{}")
